#include "bench/harness/cuda_dram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/harness/errors.hpp"

namespace peakproof::bench {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;
constexpr std::int64_t kTimesL2 = 64;       // a working set that the L2 cannot help with
constexpr double kShareOfFreeMemory = 0.8;  // all buffers of a case together

/// The least total that measures the memory.
std::int64_t least_total(const theory::DeviceSpec& device) { return kTimesL2 * device.l2_bytes; }

std::int64_t round_down(std::int64_t bytes, std::int64_t multiple) { return bytes / multiple * multiple; }
std::int64_t round_up(std::int64_t bytes, std::int64_t multiple) { return round_down(bytes + multiple - 1, multiple); }

std::string of_buffers(int count) { return count == 1 ? "one buffer" : fmt::format("{} buffers", count); }

/// Why buffers of `asked` bytes are none to measure the memory with.
std::optional<std::string> misuse_of(std::int64_t asked, int count, std::int64_t multiple, std::int64_t least,
                                     std::int64_t room) {
  if (count * asked < least)
    return fmt::format("--size {} is too small: {} below {} bytes (64 x L2) would measure the cache: give at least {}",
                       asked, of_buffers(count), least, round_up((least + count - 1) / count, multiple));
  if (count * asked > room)
    return fmt::format("--size {} is too large: {} of at most {} bytes fit{} into the free memory", asked,
                       of_buffers(count), round_down(room / count, multiple), count == 1 ? "s" : "");
  if (asked % multiple != 0)
    return fmt::format(
        "--size {} is no multiple of the {} bytes that are moved at a time: give {}", asked, multiple,
        count * round_up(asked, multiple) <= room ? round_up(asked, multiple) : round_down(asked, multiple));
  return std::nullopt;
}

struct FloorRow {
  const char* pattern;
  double issue;
  const char* source;
};
/// A little below the lowest published good figure, as a share of the pin rate.
constexpr std::array<FloorRow, 5> kFloors = {{
    {"read", 0.85, "published reads reach 87 to 97 % of the pin rate (A100 87.1 %, H200 95.8 %, H100 96.7 %)"},
    {"write", 0.90, "published writes reach 92 to 98 % of the pin rate (A100 92 %, H200 97.3 %, GH200 98.0 %)"},
    {"copy", 0.84, "published copies reach 86 to 89 % of the pin rate (A100 86.2 %, H100 86.6 %, H200 89.3 %)"},
    {"triad", 0.86, "published triads reach 88 to 91 % of the pin rate (A100 88.2 %, H200 90.9 %)"},
    {"memcpy", 0.84, "a published copy by the library reaches 86.6 % of the pin rate (H100)"},
}};

}  // namespace

std::int64_t dram_room(const CudaDevice& device) {
  return static_cast<std::int64_t>(kShareOfFreeMemory * static_cast<double>(device.free_bytes()));
}

DramBuffers dram_buffers(const Registry& registry, const CudaDevice& device, int count, std::int64_t multiple) {
  const std::int64_t least = least_total(registry.device());
  const std::int64_t room = dram_room(device);
  if (const auto asked = registry.options().size_bytes)
    return {.count = count, .bytes = *asked, .misuse = misuse_of(*asked, count, multiple, least, room)};
  const std::int64_t wanted = std::min(std::max(8 * kGiB, least), room / count);
  return {.count = count,
          .bytes = std::max(round_down(wanted, multiple), round_up((least + count - 1) / count, multiple))};
}

void require_room(const DramBuffers& buffers, const CudaDevice& device) {
  const std::int64_t free = device.free_bytes();
  if (buffers.total() > free)
    throw MeasurementError(
        fmt::format("too little memory: {} bytes are free, and 64 x L2 take {} of {} bytes: end what else uses the GPU",
                    free, of_buffers(buffers.count), buffers.bytes));
}

bool exceeds_caches(const theory::DeviceSpec& device, std::int64_t working_set_bytes) {
  return working_set_bytes >= least_total(device);
}

std::string working_set_remark(const theory::DeviceSpec& device, std::int64_t working_set_bytes) {
  const auto bytes = static_cast<double>(working_set_bytes);
  std::string size = fmt::format("working set {:.4g} MB", 1e-6 * bytes);
  if (device.l2_bytes <= 0) return size;
  return fmt::format("{}, {:.3g} x L2{}", size, bytes / static_cast<double>(device.l2_bytes),
                     exceeds_caches(device, working_set_bytes) ? ", so that each launch flushes it by itself" : "");
}

std::optional<reports::Floor> dram_floor(const theory::DeviceSpec& device, const std::string& pattern) {
  if (!device.memory_type.starts_with("HBM")) return std::nullopt;
  const auto* const row =
      std::find_if(kFloors.begin(), kFloors.end(), [&](const FloorRow& each) { return each.pattern == pattern; });
  if (row == kFloors.end()) return std::nullopt;
  return reports::Floor{row->issue, row->source};
}

}  // namespace peakproof::bench
