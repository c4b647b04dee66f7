// Reading through the texture units: parameters, work, launch and answer. The kernel and its data sheet are in
// texture_read.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

enum class Fetch : int {
  linear,    ///< tex1Dfetch from linear memory, by the number of the texel
  point,     ///< tex2D, the nearest texel
  bilinear,  ///< tex2D, filtered between four texels; at the centre of one that is this one
};

struct TextureRead {
  static constexpr int threads = 128;
  static constexpr int fetches = 4;                                   ///< independent ones in flight per thread
  static constexpr int width = 32;                                    ///< texels of a row: those of a warp
  static constexpr int step_rows = threads / width * fetches;         ///< of one trip of one block
  static constexpr std::int64_t set_bytes = std::int64_t{16} * 1024;  ///< fits in every L1

  Fetch fetch = Fetch::linear;
  int texel_words = 4;  ///< 4 or 1 floats of 4 bytes
  int blocks = 1;
  int trips = 1;

  [[nodiscard]] const char* symbol() const;
  [[nodiscard]] std::int64_t texel_bytes() const { return std::int64_t{4} * texel_words; }
  [[nodiscard]] std::int64_t row_bytes() const { return width * texel_bytes(); }
  [[nodiscard]] int rows() const { return static_cast<int>(set_bytes / row_bytes()); }
  /// Texels fetched by one launch.
  [[nodiscard]] double texels() const { return static_cast<double>(threads) * fetches * trips * blocks; }
};

/// The words of the set, row after row: whole numbers below 4096 as floats, which hash64 makes of seed and position.
[[nodiscard]] std::vector<float> texels(const TextureRead& kernel, std::uint64_t seed);
/// The texture to read memory as: `memory` holds texels().
[[nodiscard]] cudaResourceDesc resource(const TextureRead& kernel, void* memory);
[[nodiscard]] cudaTextureDesc sampler(const TextureRead& kernel);

/// Blocks that an SM holds.
[[nodiscard]] cudaError_t blocks_per_sm(const TextureRead& kernel, int* blocks);
/// `out` has one word for each thread, `trace` one entry for each block.
[[nodiscard]] cudaError_t launch(const TextureRead& kernel, cudaTextureObject_t texture, std::uint32_t* out,
                                 BlockTrace* trace, cudaStream_t stream);
/// What every thread of a launch leaves in `out`.
[[nodiscard]] std::vector<std::uint32_t> answer(const TextureRead& kernel, std::uint64_t seed);

}  // namespace peakproof::kernels
