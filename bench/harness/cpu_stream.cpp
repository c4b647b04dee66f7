#include "bench/harness/cpu_stream.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/errors.hpp"
#include "kernels/cpu/stream.hpp"

namespace peakproof::bench {
namespace {

using kernels::cpu::Stream;
using kernels::cpu::StreamPattern;

kernels::cpu::Data host_data(DataChoice choice) {
  if (choice == DataChoice::zero) return kernels::cpu::Data::zero;
  return choice == DataChoice::ones ? kernels::cpu::Data::ones : kernels::cpu::Data::random;
}

/// What all cases have. `bytes`: of one array; 0: there is too little memory.
Case stream_case(const Registry& registry, CpuBackend& device, std::string name, StreamPattern pattern,
                 std::int64_t bytes) {
  const auto run = std::make_shared<std::unique_ptr<CpuStreamRun>>();
  const Stream stream{.pattern = pattern, .data = host_data(registry.options().data)};
  return {
      .name = std::move(name),
      .params = {{"pattern", std::string(kernels::cpu::name(pattern))}, {"bytes", std::to_string(bytes)}},
      .unit = "B/s",
      .kernel = Stream::symbol,
      .prepare =
          [run, &device, bytes, stream] {
            if (bytes == 0) throw MeasurementError("too little memory for arrays beyond the cache: end other programs");
            *run = std::make_unique<CpuStreamRun>(device.pool(), stream, bytes);
          },
      .release = [run] { run->reset(); },
      .set_length = [run](std::int64_t passes) { (*run)->set_passes(passes); },
      .work = [run] { return (*run)->bytes_moved(); },
      .poison = [run] { (*run)->spoil(); },
      .launch = [run] { (*run)->launch(); },
      .verify = [run] { return (*run)->verify(); },
  };
}

/// Of read, and of a copy that may stay in the caches: from a block for each core to beyond the last level.
void add_curve(Registry& registry, CpuBackend& device, const std::string& name) {
  constexpr std::int64_t beyond_unknown_caches = std::int64_t{256} << 20;
  const std::int64_t cache = registry.device().l2_bytes;
  const std::int64_t enough = cache > 0 ? 4 * cache : beyond_unknown_caches;
  for (const auto pattern : {StreamPattern::read, StreamPattern::copy_cached}) {
    const int arrays = Stream{.pattern = pattern}.arrays();
    const std::int64_t first = Stream::block_bytes * device.pool().size() * arrays;
    for (const std::int64_t bytes : curve_sizes(first, enough, device.device().available_memory_bytes / 2)) {
      Case point = stream_case(registry, device, name, pattern, bytes / arrays);
      point.params["sweep"] = "size";
      point.params["bytes"] = std::to_string(bytes);  // of the whole working set
      registry.add(std::move(point));
    }
  }
}

}  // namespace

std::int64_t memory_array_bytes(std::optional<std::int64_t> asked, std::int64_t last_level_cache_bytes,
                                std::int64_t available_bytes) {
  constexpr std::int64_t block = Stream::block_bytes;
  constexpr std::int64_t arrays = 3;  // of add and triad
  if (!asked) return Stream::plan_bytes(last_level_cache_bytes, available_bytes);
  if (2 * *asked < 4 * last_level_cache_bytes)
    throw UsageError(
        fmt::format("--size {} is too small: two arrays below {} bytes (4 x the last-level cache) would measure the "
                    "cache: bench_l1, bench_l2, bench_l3 and --sweep size do that",
                    *asked, 4 * last_level_cache_bytes));
  if (*asked > available_bytes / arrays)
    throw UsageError(fmt::format("--size {} is too large: {} arrays do not fit into {} bytes of free memory", *asked,
                                 arrays, available_bytes));
  if (*asked % block != 0)
    throw UsageError(
        fmt::format("--size {} is not a multiple of {} bytes: give {}", *asked, block, (*asked / block + 1) * block));
  return *asked;
}

std::optional<std::string> cache_is_no_level(int level, std::int64_t share, std::int64_t below) {
  if (share <= 0)
    return fmt::format("the system tells of no L{} data cache: there is none, or a virtual machine hides it", level);
  if (share / 2 < Stream::block_bytes)
    return fmt::format("half of the {} bytes of the L{} that fall to a core are less than {}", share, level,
                       Stream::block_bytes);
  if (share / 2 < 2 * below)
    return fmt::format(
        "half of the {} bytes of the L{} that fall to a core are less than twice its L{} of {} bytes, "
        "which would be measured: bench_dram --sweep size shows both",
        share, level, level - 1, below);
  return std::nullopt;
}

std::vector<std::int64_t> curve_sizes(std::int64_t first, std::int64_t enough, std::int64_t most) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t octave = 1;; octave *= 2) {
    for (const std::int64_t times : {2 * octave, 3 * octave}) {
      if (times % 2 != 0) continue;  // 1.5 x first
      const std::int64_t bytes = first * (times / 2);
      if (bytes > most) return sizes;
      sizes.push_back(bytes);
      if (bytes >= enough) return sizes;
    }
  }
}

void add_cpu_memory(Registry& registry, CpuBackend& device, const std::string& name) {
  const Options& options = registry.options();
  if (options.sweep) {
    if (options.sweeps("size")) add_curve(registry, device, name);
    return;
  }
  const std::int64_t bytes =
      memory_array_bytes(options.size_bytes, registry.device().l2_bytes, device.device().available_memory_bytes);
  for (const StreamPattern pattern : kernels::cpu::memory_patterns) {
    Case one = stream_case(registry, device, name, pattern, bytes);
    one.params["data"] = data_name(options.data);
    one.pipe = theory::Pipe::dram;
    if (Stream{.pattern = pattern}.is_fp64() && !Stream::has_fp64()) one.skip = "this CPU has no vectors of FP64";
    registry.add(std::move(one));
  }
}

void add_cpu_cache(Registry& registry, CpuBackend& device, int level, std::optional<theory::Pipe> pipe) {
  const std::string name = fmt::format("l{}", level);
  const auto share_of = [&](int which) {
    const auto& shares = device.device().cache_share_bytes;
    const auto found = shares.find(which);
    return found == shares.end() ? 0 : found->second;
  };
  const std::int64_t share = share_of(level);
  if (const auto why = cache_is_no_level(level, share, share_of(level - 1))) return registry.skip(name, *why);
  const std::int64_t each = share / 2 / Stream::block_bytes * Stream::block_bytes;
  Case read = stream_case(registry, device, name, StreamPattern::read, each * device.pool().size());
  read.params["data"] = data_name(registry.options().data);
  read.pipe = pipe;
  read.remark = fmt::format("each core reads {} bytes again and again: half of the {} of the L{} that fall to it", each,
                            share, level);
  if (registry.options().size_bytes) read.remark += "; --size does not apply";
  if (pipe == theory::Pipe::l1)  // the registers of the kernel may be narrower than the core's
    read.peak = [&spec = registry.device()](double clock_hz) {
      return theory::cpu_l1_peak(spec, Stream::simd_bits(), clock_hz);
    };
  registry.add(std::move(read));
}

}  // namespace peakproof::bench
