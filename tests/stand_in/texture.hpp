// Textures: linear memory, or rows of it, read by the texel.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace peakproof::stand_in {

struct TextureObject {
  const std::uint32_t* data = nullptr;
  int texel_words = 1;
  std::int64_t texels = 0;  ///< of linear memory
  std::int64_t width = 0;   ///< of a plane, with its height and the words from one row to the next
  std::int64_t height = 0;
  std::int64_t row_words = 0;
  bool filtered = false;
};
/// The texture of this handle, or null.
[[nodiscard]] const TextureObject* texture(cudaTextureObject_t handle);

}  // namespace peakproof::stand_in
