// Memory copy bandwidth of the CPU: one thread's part.
//
//   idea     every thread streams its own contiguous part: vector loads, which the hardware prefetchers run ahead of,
//            and non-temporal vector stores
//   work     bytes read + bytes written. A non-temporal store of whole lines does not read them first (no
//            write-allocate), so that the counted bytes are what moves; an ordinary store moves half as much again, and
//            copies a quarter to a third slower
//   machine  four vectors per trip, loads and then stores: vmovntdq on x86-64, stnt1d with SVE, and one fence at the
//            end. More of them, or software prefetch, gain nothing. NEON has no such store in GCC; Arm's cores stop
//            allocating by themselves in a long run of full-line stores (write streaming mode)
//   limit    Pipe::dram; the peak of a CPU's memory is unknown without its modules' facts: reported, not judged
//   answer   the pattern depends on the position, and all of the destination is compared with it
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/dram_copy.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/dram_copy.hpp"

HWY_BEFORE_NAMESPACE();
namespace peakproof::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void dram_copy(const std::uint64_t* source, std::uint64_t* destination, std::size_t words) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < words; i += 4 * lanes) {
    const auto v0 = hn::Load(d, source + i);
    const auto v1 = hn::Load(d, source + i + lanes);
    const auto v2 = hn::Load(d, source + i + 2 * lanes);
    const auto v3 = hn::Load(d, source + i + 3 * lanes);
    hn::Stream(v0, d, destination + i);
    hn::Stream(v1, d, destination + i + lanes);
    hn::Stream(v2, d, destination + i + 2 * lanes);
    hn::Stream(v3, d, destination + i + 3 * lanes);
  }
  hwy::FlushStream();
}

const char* dram_copy_target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace peakproof::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peakproof::kernels::cpu {

HWY_EXPORT(dram_copy);
HWY_EXPORT(dram_copy_target);

namespace {

bool aligned(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % DramCopy::alignment == 0; }

}  // namespace

void DramCopy::copy(std::span<const std::uint64_t> source, std::span<std::uint64_t> destination) {
  if (source.size() != destination.size() || source.size_bytes() % block_bytes != 0) {
    throw std::invalid_argument("cpu dram_copy: both parts must have one size, a multiple of 4096 bytes");
  }
  if (!aligned(source.data()) || !aligned(destination.data())) {
    throw std::invalid_argument("cpu dram_copy: both parts must begin at a multiple of 256 bytes");
  }
  HWY_DYNAMIC_DISPATCH(dram_copy)(source.data(), destination.data(), source.size());
}

std::string DramCopy::target() { return HWY_DYNAMIC_DISPATCH(dram_copy_target)(); }

std::int64_t DramCopy::plan_bytes(std::int64_t last_level_cache_bytes, std::int64_t available_bytes) {
  constexpr std::int64_t smallest = std::int64_t{512} << 20;
  const std::int64_t wanted = std::max(4 * last_level_cache_bytes, smallest);
  const std::int64_t possible = std::min(wanted, available_bytes / 4);
  const bool beyond_cache = possible >= 2 * last_level_cache_bytes;
  return beyond_cache ? possible / block_bytes * block_bytes : 0;
}

}  // namespace peakproof::kernels::cpu
#endif  // HWY_ONCE
