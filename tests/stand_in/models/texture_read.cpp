// A small set of texels that every block fetches round and round through the texture units.
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/caches.hpp"
#include "tests/stand_in/models/trace.hpp"
#include "tests/stand_in/texture.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kThreads = 128;
constexpr std::int64_t kWidth = 32;
constexpr std::int64_t kWarps = kThreads / kWidth;
constexpr std::int64_t kFetches = 4;
constexpr double kTexelsPerClock = 4;  // of one word and SM; a wide one takes four times as long

Cost cost(const Launch& launch) {
  const TextureObject* object = texture(launch.argument<cudaTextureObject_t>(0));
  const auto texels =
      static_cast<double>(launch.argument<int>(3) * kThreads * kFetches * launch.blocks_of_busiest_sm());
  return {.sm_cycles = texels * (object ? object->texel_words : 1) / kTexelsPerClock};
}

/// The bits of a texel's words, summed. Row and column are those of a texel's centre, so that a filter has no part of
/// any other in it.
std::uint32_t sum_of_texel(const TextureObject& object, std::int64_t row, std::int64_t column) {
  const std::int64_t first = object.texels > 0 ? (row * kWidth + column) * object.texel_words
                                               : row * object.row_words + column * object.texel_words;
  std::uint32_t sum = 0;
  for (int word = 0; word < object.texel_words; ++word) sum += object.data[first + word];
  return sum;
}

cudaError_t answer(const Launch& launch) {
  const TextureObject* object = texture(launch.argument<cudaTextureObject_t>(0));
  const std::int64_t rows = launch.argument<int>(1);
  const std::int64_t step = launch.argument<int>(2);
  const std::int64_t asked = launch.argument<int>(3);
  auto* out = elements(launch.argument<std::uint32_t*>(4), launch.blocks() * kThreads);
  auto* trace = elements(launch.argument<kernels::BlockTrace*>(5), launch.blocks());
  if (object == nullptr || !out || !trace || rows % step != 0) return cudaErrorIllegalAddress;

  const std::int64_t trips = launch.flaw == Flaw::shorter ? asked - 1 : asked;
  const std::int64_t fetches = launch.flaw == Flaw::dropped ? kFetches - 1 : kFetches;
  const std::int64_t places = rows / step;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(trips)}, {object->data}, out, [&] {
    for (std::int64_t block = 0; block < launch.blocks(); ++block) {
      for (std::int64_t thread = 0; thread < kThreads; ++thread) {
        const auto of_trip = [&](std::int64_t trip) {
          std::uint32_t sum = 0;
          for (std::int64_t fetch = 0; fetch < fetches; ++fetch)
            sum += sum_of_texel(*object, (block + trip) % places * step + fetch * kWarps + thread / kWidth,
                                thread % kWidth);
          return sum;
        };
        // One round, as often as it is gone whole, and the trips beyond.
        std::uint32_t sum = 0;
        for (std::int64_t trip = 0; trip < places; ++trip)
          sum += of_trip(trip) * static_cast<std::uint32_t>(trips / places + (trip < trips % places ? 1 : 0));
        out[block * kThreads + thread] = sum;
      }
    }
    spoil(launch.flaw, out, launch.blocks() * kThreads);
  });
  write_trace(launch, trace);
  return cudaSuccess;
}

const Model kModel({.name = "texture_read", .role = Role::measured, .cost = cost, .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
