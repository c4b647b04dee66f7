#include "bench/harness/cpu_chase.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/cpu_stream.hpp"
#include "bench/harness/errors.hpp"
#include "kernels/cpu/cycle_chain.hpp"
#include "kernels/cpu/pointer_chase.hpp"

namespace peakproof::bench {
namespace {

using kernels::cpu::PointerChase;

constexpr std::int64_t smallest_bytes = 4096;
constexpr std::int64_t largest_swept_bytes = std::int64_t{1} << 30;
constexpr std::array kinds_of_pages = {Pages::base, Pages::huge};

/// "4KiB", "2MiB"; "huge" where the size is not known.
std::string page_name(Pages pages) {
  const std::int64_t bytes = page_bytes(pages);
  if (bytes <= 0) return "huge";
  return bytes % (1 << 20) == 0 ? fmt::format("{}MiB", bytes >> 20) : fmt::format("{}KiB", bytes >> 10);
}

/// Nothing where this machine can do it.
std::optional<std::string> cannot(Pages pages) {
  if (!kernels::cpu::CycleChain::available) return "no way to measure this CPU's clock: there would be no cycles";
  if (pages == Pages::huge && !has_huge_pages()) return "this system gives programs no huge pages";
  return std::nullopt;
}

void add_chase(Registry& registry, CpuBackend& device, const std::string& name, reports::Texts params,
               std::int64_t bytes, Pages pages, const std::string& remark) {
  params["bytes"] = std::to_string(bytes);
  params["pages"] = page_name(pages);
  const auto run = std::make_shared<std::unique_ptr<CpuChaseRun>>();
  registry.add({
      .name = name,
      .params = std::move(params),
      .unit = "OP/s",
      .kernel = PointerChase::symbol,
      .remark = remark,
      .skip = cannot(pages),
      .prepare = [run, &device, bytes, pages] { *run = std::make_unique<CpuChaseRun>(device.pool(), bytes, pages); },
      .release = [run] { run->reset(); },
      .found = [run, pages]() -> std::string {
        const auto share = (*run)->huge_share();
        if (pages == Pages::base || !share) return {};
        return fmt::format("{:.0f} % of it in huge pages", 100 * *share);
      },
      .set_length = [run](std::int64_t trips) { (*run)->set_trips(trips); },
      .work = [run] { return (*run)->steps(); },
      .poison = [run] { (*run)->spoil(); },
      .launch = [run] { (*run)->launch(); },
      .latency_cycles = [run] { return (*run)->cycles_per_step(); },
      .verify = [run] { return (*run)->verify(); },
  });
}

void add_level(Registry& registry, CpuBackend& device, const std::string& name, const std::string& level,
               std::int64_t bytes, const std::string& remark) {
  const std::string text = fmt::format("core {} walks, the others idle; {}", device.pool().cpus().front(), remark);
  for (const Pages pages : kinds_of_pages) add_chase(registry, device, name, {{"level", level}}, bytes, pages, text);
}

void add_curve(Registry& registry, CpuBackend& device, const std::string& name) {
  const std::int64_t most = std::min(largest_swept_bytes, device.device().available_memory_bytes / 2);
  for (const Pages pages : kinds_of_pages)
    for (const std::int64_t bytes : curve_sizes(smallest_bytes, largest_swept_bytes, most))
      add_chase(registry, device, name, {{"sweep", "size"}}, bytes, pages, "");
}

void add_asked(Registry& registry, CpuBackend& device, const std::string& name, std::int64_t asked) {
  constexpr std::int64_t line = PointerChase::line_bytes;
  const std::int64_t available = device.device().available_memory_bytes;
  if (asked < smallest_bytes)
    throw UsageError(fmt::format("--size {} is too small for {}: give {} bytes or more", asked, name, smallest_bytes));
  if (asked > available / 2)
    throw UsageError(fmt::format("--size {} is too large for {}: half of the {} bytes of free memory are {}", asked,
                                 name, available, available / 2));
  if (asked % line != 0)
    throw UsageError(fmt::format("--size {} is not a multiple of a line of {} bytes: give {}", asked, line,
                                 (asked / line + 1) * line));
  add_level(registry, device, name, "size", asked, "a set of the size that was asked for, through all levels");
}

}  // namespace

std::int64_t chase_cache_bytes(std::int64_t cache_bytes, std::int64_t below_bytes) {
  const std::int64_t half = cache_bytes / 2;
  return (below_bytes > 0 ? std::min(half, 4 * below_bytes) : half) / smallest_bytes * smallest_bytes;
}

std::int64_t chase_memory_bytes(std::int64_t last_level_cache_bytes, std::int64_t available_bytes) {
  constexpr std::int64_t smallest = std::int64_t{512} << 20;
  const std::int64_t wanted = std::max(8 * last_level_cache_bytes, smallest);
  return std::min(wanted, available_bytes / 4) / smallest_bytes * smallest_bytes;
}

void add_cpu_chases(Registry& registry, CpuBackend& device, const std::string& name) {
  const Options& options = registry.options();
  if (options.sweep) {
    if (options.sweeps("size")) add_curve(registry, device, name);
    return;
  }
  if (options.size_bytes) return add_asked(registry, device, name, *options.size_bytes);
  constexpr int last = 3;
  const std::vector<CacheLevel>& caches = device.device().caches;
  std::int64_t below = 0;
  for (int level = 1; level <= last; ++level) {
    const auto found =
        std::find_if(caches.begin(), caches.end(), [&](const CacheLevel& cache) { return cache.level == level; });
    const std::int64_t bytes = found == caches.end() ? 0 : found->bytes;
    const std::string word = fmt::format("l{}", level);
    if (const auto why = cache_is_no_level(level, bytes, below))
      registry.add({.name = name, .params = {{"level", word}}, .skip = *why});
    else
      add_level(registry, device, name, word, chase_cache_bytes(bytes, below),
                fmt::format("in an L{} of {} bytes", level, bytes));
    below = bytes;
  }
  const std::int64_t cache = caches.empty() ? 0 : caches.back().bytes;
  const std::int64_t memory = chase_memory_bytes(cache, device.device().available_memory_bytes);
  if (memory < 2 * cache || memory == 0)
    registry.add({.name = name,
                  .params = {{"level", "dram"}},
                  .skip = "too little free memory for a working set beyond the cache"});
  else
    add_level(registry, device, name, "dram", memory,
              cache > 0 ? fmt::format("{:.1f} x the last-level cache",
                                      static_cast<double>(memory) / static_cast<double>(cache))
                        : "the last-level cache is unknown");
}

}  // namespace peakproof::bench
