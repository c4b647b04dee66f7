// A copy in 16-byte vectors: 8 a thread, a block's part contiguous.
#include <array>
#include <cstring>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

using Vector = std::array<std::uint32_t, 4>;
constexpr std::int64_t kVectorsPerThread = 8;

std::int64_t vectors(const Launch& launch) { return launch.blocks() * launch.block.x * kVectorsPerThread; }

Cost cost(const Launch& launch) { return {.dram_bytes = 2.0 * static_cast<double>(vectors(launch)) * sizeof(Vector)}; }

cudaError_t answer(const Launch& launch) {
  const std::int64_t count = vectors(launch);
  const auto* source = elements(launch.argument<const Vector*>(0), count);
  auto* destination = elements(launch.argument<Vector*>(1), count);
  if (!source || !destination) return cudaErrorIllegalAddress;

  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(count)}, {source}, destination, [&] {
    const std::int64_t copied = launch.flaw == Flaw::shorter ? count - 1 : count;
    std::memcpy(destination, source, static_cast<std::size_t>(copied) * sizeof(Vector));
    if (launch.flaw == Flaw::wrong) destination[count / 2][1] ^= 1U;
  });
  return cudaSuccess;
}

const Model kModel({.name = "dram_copy", .role = Role::measured, .cost = cost, .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
