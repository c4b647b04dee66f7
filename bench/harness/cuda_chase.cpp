#include "bench/harness/cuda_chase.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "bench/harness/cache_hits.hpp"
#include "bench/harness/cuda_texture.hpp"
#include "theory/latencies.hpp"

namespace peakproof::bench {
namespace {

using kernels::ChaseOutcome;
using kernels::ChasePath;
using kernels::PointerChase;
using kernels::Ring;

constexpr const char* kName = "latency_memory";
constexpr const char* kUnit = "OP/s";
constexpr int kPoison = 0xA5;
constexpr std::int64_t kMebi = std::int64_t{1} << 20;

std::int64_t trips_of_a_round(const Ring& ring) { return (ring.nodes + PointerChase::steps - 1) / PointerChase::steps; }

/// The memory of a ring, and how far the walks through it have come: each goes on where the last one ended.
class Walk {
 public:
  Walk() = default;
  Walk(CudaDevice& device, ChasePath path, const Ring& ring) : ring_(own(path) ? own_ring(path) : ring) {
    chase.path = path;
    out_ = DeviceBuffer<ChaseOutcome>(1);
    if (!own(path)) {
      memory_ = DeviceBuffer<std::byte>(ring_.bytes());
      check(kernels::fill(ring_, memory_.data(), path == ChasePath::texture, device.stream()));
    }
    if (path == ChasePath::texture) texture_ = Texture(resource(), sampler());
    chase.warm_trips = warm_trips();
    if (round_before(device)) go(device, 0, static_cast<int>(trips_of_a_round(ring_)));
  }

  PointerChase chase;

  void launch(CudaDevice& device) { go(device, chase.warm_trips, chase.trips); }
  void poison(CudaDevice& device) const { out_.fill_bytes(kPoison, device.stream()); }
  [[nodiscard]] double steps() const { return double(PointerChase::steps) * (chase.warm_trips + chase.trips); }
  [[nodiscard]] double cycles_per_step(CudaDevice& device) const {
    const auto outcome = out_.to_host(device.stream()).at(0);
    return static_cast<double>(outcome.cycles) / (double(PointerChase::steps) * chase.trips);
  }
  [[nodiscard]] reports::Verification verify(CudaDevice& device) const {
    const auto outcome = out_.to_host(device.stream()).at(0);
    return {.method = "where the walk ended against its number of steps",
            .items = 1,
            .mismatches = outcome.last == place(position_) ? 0 : 1};
  }

 private:
  [[nodiscard]] static bool own(ChasePath path) { return path == ChasePath::shared || path == ChasePath::constant; }
  [[nodiscard]] static Ring own_ring(ChasePath path) {
    return path == ChasePath::shared ? PointerChase::shared_ring : PointerChase::constant_ring;
  }

  /// What the lines take up in a cache that hold a node.
  [[nodiscard]] std::int64_t lines_bytes() const { return ring_.nodes * Ring::line_bytes; }

  /// What a cache that is empty when a kernel begins may hold is read once in the launch itself, and what the L2 may
  /// hold once before all launches. Of a larger ring nothing is left when the walk comes back.
  [[nodiscard]] int warm_trips() const {
    constexpr std::int64_t kLargestL1 = kMebi / 2;  // more than any has
    if (chase.path == ChasePath::shared || chase.path == ChasePath::second_level || lines_bytes() > kLargestL1)
      return 0;
    return static_cast<int>(trips_of_a_round(ring_));
  }
  [[nodiscard]] bool round_before(CudaDevice& device) const {
    return !own(chase.path) && lines_bytes() <= 2 * device.spec().l2_bytes;
  }

  [[nodiscard]] std::uint64_t place(std::int64_t step) const {
    const auto offset = static_cast<std::uint64_t>(ring_.place(step));
    if (own(chase.path)) return offset;
    return chase.path == ChasePath::texture ? offset / sizeof(std::uint32_t)
                                            : reinterpret_cast<std::uint64_t>(memory_.data()) + offset;
  }
  void go(CudaDevice& device, int warm, int trips) {
    const PointerChase now{.path = chase.path, .warm_trips = warm, .trips = trips};
    check(kernels::launch(now, place(position_), texture_.get(), out_.data(), device.stream()));
    position_ += std::int64_t{PointerChase::steps} * (warm + trips);
  }
  [[nodiscard]] cudaResourceDesc resource() const {
    constexpr int kBits = 32;
    cudaResourceDesc description = {};
    description.resType = cudaResourceTypeLinear;
    description.res.linear = {memory_.data(), {kBits, 0, 0, 0, cudaChannelFormatKindUnsigned}, memory_.bytes()};
    return description;
  }
  [[nodiscard]] static cudaTextureDesc sampler() {
    cudaTextureDesc description = {};
    description.readMode = cudaReadModeElementType;
    return description;
  }

  Ring ring_;
  DeviceBuffer<std::byte> memory_;
  Texture texture_;
  DeviceBuffer<ChaseOutcome> out_;
  std::int64_t position_ = 0;
};

std::string with_published(std::string remark, theory::ComputeCapability cc, const std::string& name) {
  const auto* published = name.empty() ? nullptr : theory::find_latency(cc, name);
  if (published == nullptr) return remark;
  if (!remark.empty()) remark += "; ";
  return remark + fmt::format("published: {} cycles ({}{}{})", published->cycles, published->source,
                              published->doubt.empty() ? "" : "; ", published->doubt);
}

}  // namespace

void add_cuda_chase(Registry& registry, CudaDevice& device, const ChaseCase& what) {
  const auto walk = std::make_shared<Walk>();
  registry.add({
      .name = kName,
      .params = what.params,
      .unit = kUnit,
      .kernel = PointerChase{.path = what.path}.symbol(),
      .remark = with_published(what.remark, device.spec().compute_capability, what.published_as),
      .prepare = [walk, &device, path = what.path, ring = what.ring] { *walk = Walk(device, path, ring); },
      .release = [walk] { *walk = Walk(); },
      .set_length = [walk](std::int64_t trips) { walk->chase.trips = static_cast<int>(trips); },
      .work = [walk] { return walk->steps(); },
      .poison = [walk, &device] { walk->poison(device); },
      .launch = [walk, &device] { walk->launch(device); },
      .latency_cycles = [walk, &device] { return walk->cycles_per_step(device); },
      .verify = [walk, &device] { return walk->verify(device); },
  });
}

void add_cuda_chase_by_sm(Registry& registry, CudaDevice& device) {
  using kernels::ChaseBySm;
  struct State {
    ChaseBySm chase;
    Ring ring;
    DeviceBuffer<std::byte> memory;
    DeviceBuffer<std::uint32_t> turn;
    DeviceBuffer<ChaseOutcome> out;

    [[nodiscard]] std::uint64_t place(std::int64_t step) const {
      return reinterpret_cast<std::uint64_t>(memory.data()) + static_cast<std::uint64_t>(ring.place(step));
    }
    [[nodiscard]] double steps() const { return double(ChaseBySm::steps) * chase.trips; }
    /// The SMs that took their turn.
    [[nodiscard]] reports::UnitMap cycles(cudaStream_t stream) const {
      reports::UnitMap map{.quantity = "l2_latency_cycles"};
      const auto outcomes = out.to_host(stream);
      for (std::size_t sm = 0; sm < outcomes.size(); ++sm) {
        if (outcomes[sm].smid != static_cast<std::int64_t>(sm)) continue;
        map.unit.push_back(static_cast<int>(sm));
        map.value.push_back(static_cast<double>(outcomes[sm].cycles) / steps());
      }
      return map;
    }
  };
  const auto state = std::make_shared<State>();
  constexpr Ring one_line{.nodes = Ring::line_bytes / 8, .stride_bytes = 8};
  registry.add({
      .name = kName,
      .params = {{"level", "l2_by_sm"}, {"bytes", std::to_string(one_line.bytes())}},
      .unit = kUnit,
      .kernel = ChaseBySm::symbol,
      .remark = "one line, read past the L1 from every SM in turn; the median of the SMs. Where each partition keeps a "
                "copy of the line, every SM is near to one",
      .prepare =
          [state, &device, one_line] {
            *state = State{.chase = {.sm_count = device.spec().sm_count},
                           .ring = one_line,
                           .memory = DeviceBuffer<std::byte>(one_line.bytes()),
                           .turn = DeviceBuffer<std::uint32_t>(kernels::kTurnWords),
                           .out = DeviceBuffer<ChaseOutcome>(ChaseBySm::most_sms)};
            check(kernels::fill(state->ring, state->memory.data(), false, device.stream()));
            state->out.fill_bytes(kPoison, device.stream());
          },
      .release = [state] { *state = State{}; },
      .found =
          [state, &device] {
            const auto cycles = state->cycles(device.stream()).value;
            if (const auto groups = two_groups(cycles))
              return fmt::format(
                  "{} SMs in two groups: {:.0f} cycles ({:.0f} % of them) and {:.0f}, near to and far from "
                  "the line's partition",
                  cycles.size(), groups->low, 100 * groups->share_of_low, groups->high);
            return fmt::format("{} SMs, from {:.0f} to {:.0f} cycles", cycles.size(), reports::quantile(cycles, 0),
                               reports::quantile(cycles, 1));
          },
      .set_length = [state](std::int64_t trips) { state->chase.trips = static_cast<int>(trips); },
      // Of each SM one trip more, which warms up.
      .work = [state] { return double(ChaseBySm::steps) * (state->chase.trips + 1) * state->chase.sm_count; },
      .poison = [state, &device] { state->out.fill_bytes(kPoison, device.stream()); },
      .launch =
          [state, &device] {
            check(
                kernels::launch(state->chase, state->place(0), state->turn.data(), state->out.data(), device.stream()));
          },
      .latency_cycles = [state, &device] { return reports::quantile(state->cycles(device.stream()).value, 0.5); },
      .verify =
          [state, &device] {
            const auto outcomes = state->out.to_host(device.stream());
            const std::uint64_t end = state->place(std::int64_t{ChaseBySm::steps} * (state->chase.trips + 1));
            reports::Verification result{.method = "where each SM's walk ended against its number of steps"};
            for (std::size_t sm = 0; sm < outcomes.size(); ++sm) {
              if (outcomes[sm].smid != static_cast<std::int64_t>(sm)) continue;
              ++result.items;
              if (outcomes[sm].last != end) ++result.mismatches;
            }
            return result;
          },
      .unit_maps = [state, &device] { return std::vector{state->cycles(device.stream())}; },
  });
}

Ring ring_of_lines(std::int64_t bytes) { return {.nodes = std::max(bytes / Ring::line_bytes, std::int64_t{1})}; }

std::vector<std::int64_t> swept_sizes(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = first; size <= last; size *= 2) {
    sizes.push_back(size);
    if (const std::int64_t between = size / 2 * 3; between <= last) sizes.push_back(between);
  }
  return sizes;
}

}  // namespace peakproof::bench
