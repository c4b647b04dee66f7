#include "tests/stand_in/texture.hpp"

#include <cstdio>
#include <map>

#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/state.hpp"

namespace peakproof::stand_in {
namespace {

constexpr int kWordBits = 32;
constexpr std::int64_t kWordBytes = 4;
constexpr std::size_t kTextureAlignment = 512;  // of the address, on every architecture
constexpr std::size_t kPitchAlignment = 32;     // of a row
constexpr std::int64_t kLongestLinear = 1 << 28;
constexpr std::int64_t kLongestSide = 131072;

std::map<cudaTextureObject_t, TextureObject>& textures() {
  static std::map<cudaTextureObject_t, TextureObject> textures;
  return textures;
}

/// 1 or 4 words of 32 bits; 0: not played.
int words_of(const cudaChannelFormatDesc& format) {
  if (format.x != kWordBits) return 0;
  if (format.y == 0 && format.z == 0 && format.w == 0) return 1;
  return format.y == kWordBits && format.z == kWordBits && format.w == kWordBits ? 4 : 0;
}

/// What is wrong, or null; the rules are those of cudaCreateTextureObject's description.
const char* refusal(const cudaResourceDesc& resource, const cudaTextureDesc& sampler, TextureObject& made) {
  const void* address = nullptr;
  std::int64_t bytes = 0;
  if (resource.resType == cudaResourceTypeLinear) {
    const auto& linear = resource.res.linear;
    made.texel_words = words_of(linear.desc);
    if (made.texel_words == 0) return "this format is not played";
    address = linear.devPtr;
    bytes = static_cast<std::int64_t>(linear.sizeInBytes);
    made.texels = bytes / (made.texel_words * kWordBytes);
    if (made.texels < 1 || made.texels > kLongestLinear) return "no texel, or more than linear memory can have";
    if (sampler.filterMode != cudaFilterModePoint) return "linear memory cannot be filtered";
  } else if (resource.resType == cudaResourceTypePitch2D) {
    const auto& plane = resource.res.pitch2D;
    made.texel_words = words_of(plane.desc);
    if (made.texel_words == 0) return "this format is not played";
    address = plane.devPtr;
    made.width = static_cast<std::int64_t>(plane.width);
    made.height = static_cast<std::int64_t>(plane.height);
    made.row_words = static_cast<std::int64_t>(plane.pitchInBytes) / kWordBytes;
    bytes = made.height * made.row_words * kWordBytes;
    if (plane.pitchInBytes % kPitchAlignment != 0) return "the pitch is no multiple of 32 bytes";
    if (made.width < 1 || made.height < 1 || made.width > kLongestSide || made.height > kLongestSide)
      return "a side is 0 or too long";
    if (made.row_words < made.width * made.texel_words) return "rows overlap";
    made.filtered = sampler.filterMode == cudaFilterModeLinear;
    const auto& format = plane.desc;
    if (made.filtered && format.f != cudaChannelFormatKindFloat) return "integers cannot be filtered";
  } else {
    return "this kind of memory is not played";
  }
  if (reinterpret_cast<std::uintptr_t>(address) % kTextureAlignment != 0) return "the address is not aligned";
  if (sampler.normalizedCoords != 0) return "normalised coordinates are not played";
  if (sampler.readMode != cudaReadModeElementType) return "only the elements' own type is played";
  if (!is_device_memory(address, bytes)) return "this is no device memory";
  made.data = static_cast<const std::uint32_t*>(address);
  return nullptr;
}

}  // namespace

const TextureObject* texture(cudaTextureObject_t handle) {
  const auto found = textures().find(handle);
  return found == textures().end() ? nullptr : &found->second;
}

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

cudaError_t cudaCreateTextureObject(cudaTextureObject_t* object, const cudaResourceDesc* resource,
                                    const cudaTextureDesc* sampler, const cudaResourceViewDesc* view) {
  static cudaTextureObject_t handles = 0;
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (object == nullptr || resource == nullptr || sampler == nullptr || view != nullptr)
    return self::remember(cudaErrorInvalidValue);
  self::TextureObject made;
  if (const char* why = self::refusal(*resource, *sampler, made); why != nullptr) {
    std::fprintf(stderr, "stand-in: no texture: %s\n", why);
    return self::remember(cudaErrorInvalidValue);
  }
  self::textures()[++handles] = made;
  *object = handles;
  return cudaSuccess;
}
cudaError_t cudaDestroyTextureObject(cudaTextureObject_t object) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  return self::remember(self::textures().erase(object) == 1 ? cudaSuccess : cudaErrorInvalidValue);
}
}
// NOLINTEND(readability-identifier-naming)
