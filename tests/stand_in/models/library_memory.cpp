#include "tests/stand_in/models/library_memory.hpp"

#include <cstdint>
#include <cstring>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::size_t kVector = 16;

/// Bytes that a launch with this flaw gets done.
std::size_t done(std::size_t bytes, Flaw flaw) { return flaw == Flaw::shorter ? bytes - kVector : bytes; }

}  // namespace

cudaError_t play_copy(void* to, const void* from, std::size_t bytes) {
  const auto answer = [=](const Launch& launch) {
    static Repetition repetition;
    repetition.unless_done({bytes}, {from}, to, [&] {
      std::memmove(to, from, done(bytes, launch.flaw));
      if (launch.flaw == Flaw::wrong) static_cast<std::uint8_t*>(to)[bytes / 2] ^= 1U;
    });
    return cudaSuccess;
  };
  return play({.name = "cudaMemcpyAsync",
               .role = Role::measured,
               .cost = [=](const Launch&) { return Cost{.dram_bytes = 2.0 * static_cast<double>(bytes)}; },
               .answer = answer},
              {});
}

cudaError_t play_fill(void* memory, int value, std::size_t bytes) {
  const auto answer = [=](const Launch& launch) {
    static Repetition repetition;
    repetition.unless_done({bytes, static_cast<std::uint64_t>(value)}, {}, memory, [&] {
      std::memset(memory, value, done(bytes, launch.flaw));
      if (launch.flaw == Flaw::wrong) static_cast<std::uint8_t*>(memory)[bytes / 2] ^= 1U;
    });
    return cudaSuccess;
  };
  return play({.name = "cudaMemsetAsync",
               .role = Role::auxiliary,
               .cost = [=](const Launch&) { return Cost{.dram_bytes = static_cast<double>(bytes) / settings().speed}; },
               .answer = answer},
              {});
}

}  // namespace peakproof::stand_in
