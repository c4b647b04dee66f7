#include "bench/harness/cuda_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "bench/harness/cache_hits.hpp"
#include "bench/harness/cuda_texture.hpp"
#include "bench/harness/sampler.hpp"
#include "bench/harness/sm_blame.hpp"
#include "bench/harness/sm_rates.hpp"
#include "kernels/memory/load_latency.hpp"

namespace peakproof::bench {
namespace {

constexpr int kPoison = 0xA5;
constexpr std::uint64_t kSeed = 1;

/// Cycles of loads of `samples` lines out of `bytes` of memory: as they were found, and right after.
struct ProbedLines {
  std::vector<std::uint32_t> as_found;
  std::vector<std::uint32_t> again;
};
ProbedLines probe(CudaDevice& device, const void* memory, std::int64_t bytes) {
  constexpr std::int64_t kMostSamples = 4096;
  const std::int64_t samples = std::min(kMostSamples, bytes / kernels::Ring::line_bytes);
  const DeviceBuffer<std::uint32_t> first(samples);
  const DeviceBuffer<std::uint32_t> again(samples);
  check(kernels::launch(kernels::LoadLatency{.bytes = bytes, .samples = samples, .seed = kSeed}, memory, first.data(),
                        again.data(), device.stream()));
  return {first.to_host(device.stream()), again.to_host(device.stream())};
}

/// Loads of lines that the L2 does not hold: the first quarter of a buffer of 4 x L2 that was written from begin to
/// end.
std::vector<std::uint32_t> certain_misses(CudaDevice& device) {
  constexpr std::int64_t kTimesL2 = 4;
  const std::int64_t bytes = kTimesL2 * device.spec().l2_bytes;
  if (bytes > device.free_bytes()) return {};
  const DeviceBuffer<std::byte> buffer(bytes);
  buffer.fill_bytes(0, device.stream());
  return probe(device, buffer.data(), bytes / kTimesL2).as_found;
}

/// The memory that a kernel reads, and what only that kind of memory can tell.
struct CacheSet {
  kernels::Pattern pattern;
  DeviceBuffer<std::byte> data;

  CacheSet() = default;
  CacheSet(CudaDevice& device, const kernels::CacheRead& kernel) : pattern{.seed = kSeed}, data(kernel.bytes) {
    check(kernels::fill(pattern, data.data(), kernel.bytes, device.stream()));
  }
  void launch(const kernels::CacheRead& kernel, std::uint32_t* out, kernels::BlockTrace* trace,
              cudaStream_t stream) const {
    check(kernels::launch(kernel, data.data(), out, trace, stream));
  }
  [[nodiscard]] std::vector<std::uint32_t> answer(const kernels::CacheRead& kernel) const {
    return kernels::answer(kernel, pattern);
  }
  /// Right after a launch that took so long.
  [[nodiscard]] std::string look(CudaDevice& device, const kernels::CacheRead& kernel, double bytes_per_s) const {
    if (kernel.cache != kernels::Cache::l2) return {};
    auto set = probe(device, data.data(), kernel.bytes);
    const std::size_t lines = set.as_found.size();
    const auto rate =
        hit_rate({.as_found = std::move(set.as_found), .hits = std::move(set.again), .misses = certain_misses(device)});
    std::string note = rate ? text(*rate, lines) : "the hit rate could not be told: no memory for certain misses";
    if (const auto memory = theory::rated_peak(device.spec(), theory::Pipe::dram))
      note += fmt::format("; at least {:.1f} % by the rate alone, since misses cannot come faster than {:.0f} GB/s",
                          100 * least_hit_share(bytes_per_s, memory->per_second), 1e-9 * memory->per_second);
    return note;
  }
};
double work(const kernels::CacheRead& kernel) { return kernel.bytes_read(); }
std::string per_clock(const kernels::CacheRead& /*kernel*/, double bytes_per_clk, int sm_count) {
  return fmt::format("{:.1f} B/clk, {:.2f} B/clk/SM", bytes_per_clk, bytes_per_clk / sm_count);
}

struct TextureSet {
  DeviceBuffer<float> data;
  Texture texture;

  TextureSet() = default;
  TextureSet(CudaDevice& device, const kernels::TextureRead& kernel)
      : data(kernels::TextureRead::set_bytes / static_cast<std::int64_t>(sizeof(float))) {
    const auto words = kernels::texels(kernel, kSeed);
    check(cudaMemcpyAsync(data.data(), words.data(), data.bytes(), cudaMemcpyHostToDevice, device.stream()));
    wait_for(device.stream());
    texture = Texture(kernels::resource(kernel, data.data()), kernels::sampler(kernel));
  }
  void launch(const kernels::TextureRead& kernel, std::uint32_t* out, kernels::BlockTrace* trace,
              cudaStream_t stream) const {
    check(kernels::launch(kernel, texture.get(), out, trace, stream));
  }
  [[nodiscard]] static std::vector<std::uint32_t> answer(const kernels::TextureRead& kernel) {
    return kernels::answer(kernel, kSeed);
  }
  [[nodiscard]] static std::string look(CudaDevice& /*device*/, const kernels::TextureRead& /*kernel*/,
                                        double /*bytes_per_s*/) {
    return {};
  }
};
double work(const kernels::TextureRead& kernel) { return kernel.texels() * static_cast<double>(kernel.texel_bytes()); }
std::string per_clock(const kernels::TextureRead& kernel, double bytes_per_clk, int sm_count) {
  return fmt::format("{:.2f} texels/clk/SM, {:.2f} B/clk/SM",
                     bytes_per_clk / static_cast<double>(kernel.texel_bytes()) / sm_count, bytes_per_clk / sm_count);
}

template <class Set, class Read>
void add_round_read(Registry& registry, CudaDevice& device, const CacheCase& what, Read kernel) {
  struct State {
    Read kernel;
    Set set;
    DeviceBuffer<std::uint32_t> out;
    DeviceBuffer<kernels::BlockTrace> trace;
    std::string found;

    void launch(CudaDevice& on) const { set.launch(kernel, out.data(), trace.data(), on.stream()); }
  };
  int per_sm = 0;
  const cudaError_t fits = kernels::blocks_per_sm(kernel, &per_sm);
  if (auto why = no_machine_code(fits)) {
    registry.add({.name = what.name, .params = what.params, .skip = std::move(why)});
    return;
  }
  check(fits);
  kernel.blocks = per_sm * device.spec().sm_count;
  const auto state = std::make_shared<State>();
  registry.add({
      .name = what.name,
      .params = what.params,
      .pipe = what.pipe,
      .unit = "B/s",
      .floor = what.floor,
      .kernel = kernel.symbol(),
      .remark = what.remark,
      .misuse = what.misuse,
      .prepare =
          [state, &device, kernel] {
            *state = State{.kernel = kernel,
                           .set = Set(device, kernel),
                           .out = DeviceBuffer<std::uint32_t>(std::int64_t{kernel.blocks} * Read::threads),
                           .trace = DeviceBuffer<kernels::BlockTrace>(kernel.blocks)};
          },
      .release = [state] { *state = State{}; },
      .found = [state] { return state->found; },
      .set_length = [state](std::int64_t trips) { state->kernel.trips = static_cast<int>(trips); },
      .work = [state] { return work(state->kernel); },
      .poison = [state, &device] { state->out.fill_bytes(kPoison, device.stream()); },
      .launch = [state, &device] { state->launch(device); },
      .verify =
          [state, &device] {
            const auto expected = state->set.answer(state->kernel);
            return verify_by_sm("every thread's sum of what it read against the host's",
                                state->out.to_host(device.stream()), state->trace.to_host(device.stream()),
                                [&](std::size_t i) { return expected.at(i); });
          },
      // The first that is asked after the samples: one launch more, and a look at the cache as that leaves it.
      .unit_maps =
          [state, &device] {
            const auto traces = state->trace.to_host(device.stream());
            const auto sample = time_launch(device.timer(), [&] { state->launch(device); });
            const double bytes_per_s = work(state->kernel) / sample.seconds;
            const std::string seen = state->set.look(device, state->kernel, bytes_per_s);
            state->found = seen;
            if (sample.sm_clock_hz)
              state->found = per_clock(state->kernel, bytes_per_s / *sample.sm_clock_hz, device.spec().sm_count) +
                             (seen.empty() ? "" : "; ") + seen;
            return sm_maps(traces, work(state->kernel) / state->kernel.blocks, device.spec().sm_count, "B/s");
          },
  });
}

}  // namespace

void add_cache_read(Registry& registry, CudaDevice& device, const CacheCase& what, const kernels::CacheRead& kernel) {
  add_round_read<CacheSet>(registry, device, what, kernel);
}

void add_texture_read(Registry& registry, CudaDevice& device, const CacheCase& what,
                      const kernels::TextureRead& kernel) {
  add_round_read<TextureSet>(registry, device, what, kernel);
}

bool two_partitions(theory::ComputeCapability cc) {
  return cc == theory::ComputeCapability{8, 0} || cc.major == 9 || cc.major == 10;
}

std::string options_that_do_not_apply(const Options& options, bool size) {
  std::vector<std::string> notes;
  if (options.data != DataChoice::random)
    notes.emplace_back("--data does not apply: what is read is random, so that a sum tells a wrong place");
  if (size && options.size_bytes) notes.emplace_back("--size does not apply: the set is what every L1 holds");
  return fmt::format("{}", fmt::join(notes, "; "));
}

}  // namespace peakproof::bench
