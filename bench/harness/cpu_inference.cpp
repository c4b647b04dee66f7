#include "bench/harness/cpu_inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "bench/harness/errors.hpp"
#include "bench/harness/host_memory.hpp"
#include "bench/harness/inference_parts.hpp"
#include "kernels/cpu/stream.hpp"
#include "kernels/network/onednn_network.hpp"

namespace peakproof::bench {
namespace {

using kernels::HostPrecision;
using theory::Precision;

std::optional<HostPrecision> host_precision(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return HostPrecision::fp32;
    case Precision::bf16:
      return HostPrecision::bf16;
    case Precision::int8:
      return HostPrecision::int8;
    default:
      return std::nullopt;
  }
}

std::optional<std::string> lacks(Precision precision) {
  if (const auto host = host_precision(precision)) return kernels::onednn_lacks(*host);
  return fmt::format("oneDNN 2 has no {} arithmetic on a CPU", theory::name(precision));
}

std::string each(int cores) { return cores == 1 ? "by one core" : fmt::format("by each of {} cores", cores); }

/// As many cores as there are items, at most all.
int cores_for(const WorkerPool& pool, std::int64_t batch) {
  return static_cast<int>(std::min<std::int64_t>(pool.size(), batch));
}

class CpuNetwork final : public RunningNetwork {
 public:
  CpuNetwork(WorkerPool& pool, const NetworkOrder& order)
      : pool_(pool),
        cores_(cores_for(pool, order.batch)),
        program_(*order.program, *order.weights, host_precision(order.precision).value(), order.largest),
        shares_(static_cast<std::size_t>(cores_)) {
    const std::int64_t each = order.program->rows_per_item * order.program->numbers_per_row;
    pool_.run(
        [&](int worker) {
          const std::int64_t begin = order.batch * worker / cores_;
          const std::int64_t items = order.batch * (worker + 1) / cores_ - begin;
          const std::span<const float> inputs(*order.inputs);
          shares_[static_cast<std::size_t>(worker)] = std::make_unique<kernels::OneDnnShare>(
              program_, inputs.subspan(static_cast<std::size_t>(begin * each), static_cast<std::size_t>(items * each)),
              items);
        },
        cores_);
  }

  void launch() override { launch_passes(1); }
  void launch_step(int step) override { static_cast<void>(seconds_of_step(step, 1)); }
  void wait() override {}  // a launch returns when all cores are done
  /// The cores go through their passes without waiting for each other.
  void launch_passes(std::int64_t passes) override {
    pool_.run(
        [&](int worker) {
          for (std::int64_t i = 0; i < passes; ++i) share(worker).run();
        },
        cores_);
  }
  /// Without waking the cores and looking at their clocks, which is the harness's affair.
  [[nodiscard]] double seconds_of_pass() override {
    launch_passes(1);
    return pool_.last().seconds;
  }
  [[nodiscard]] double seconds_of_step(int step, std::int64_t times) override {
    pool_.run(
        [&](int worker) {
          for (std::int64_t i = 0; i < times; ++i) share(worker).run_step(step);
        },
        cores_);
    return pool_.last().seconds;
  }
  void poison() override {
    for (const auto& share : shares_) share->poison();
  }
  [[nodiscard]] std::vector<float> outputs() override {
    std::vector<float> all;
    for (const auto& share : shares_) {
      const std::vector<float> part = share->outputs();
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }
  [[nodiscard]] double weight_bytes() const override { return program_.weight_bytes(); }
  [[nodiscard]] std::string found() const override {
    return fmt::format("{} on {} of {} cores{}: {}", kernels::onednn_found(), cores_, pool_.size(),
                       cores_ == 1 ? "" : ", each with a share of the batch", program_.implementations());
  }

 private:
  [[nodiscard]] kernels::OneDnnShare& share(int worker) { return *shares_[static_cast<std::size_t>(worker)]; }

  WorkerPool& pool_;
  int cores_;
  kernels::OneDnnProgram program_;
  std::vector<std::unique_ptr<kernels::OneDnnShare>> shares_;
};

/// What the cores reach, each figure measured once.
class CpuCeilings {
 public:
  explicit CpuCeilings(WorkerPool& pool) : pool_(pool) {}

  [[nodiscard]] theory::Ceilings measure(const CeilingsOrder& order) {
    const int cores = cores_for(pool_, order.batch);
    const auto matrix = once({"matrix " + std::string(theory::name(order.precision)), cores, 0},
                             [&] { return product(order.precision, cores); });
    const auto vector = once({"vector", cores, 0}, [&] { return simple_layers(cores); });
    const auto bytes = once({"bytes", cores, order.bytes}, [&] { return copy(cores, order.bytes); });
    const auto launch = once({"launch", cores, 0}, [&] { return smallest_step(cores); });
    constexpr double kMebi = 0x1p20;
    return {.matrix_per_second = matrix,
            .vector_per_second = vector,
            .bytes_per_second = bytes,
            .launch_s = launch,
            .matrix_source = fmt::format("oneDNN's product of {0} x {1} by {1} x {1}, {2}", kRows, kWidth, each(cores)),
            .vector_source = fmt::format("oneDNN's GELU and layer normalisation in the L1, {}", each(cores)),
            .bytes_source = fmt::format("a copy within {:.4g} MiB, as many as a pass touches, {}", order.bytes / kMebi,
                                        each(cores))};
  }

 private:
  static constexpr std::int64_t kRows = 128;
  static constexpr std::int64_t kWidth = 1024;
  static constexpr std::int64_t kThin = 16;
  using Key = std::tuple<std::string, int, double>;

  template <class Measure>
  double once(const Key& key, const Measure& measure) {
    const auto found = known_.find(key);
    return found != known_.end() ? found->second : known_[key] = measure();
  }

  /// Seconds of one time, in the fastest of many short series: a ceiling is what the cores reach where nothing disturbs
  /// them.
  template <class Series>
  static double fastest(const Series& seconds_of) {
    constexpr double kSeries = 0.001;
    constexpr double kLongest = 0.25;  // of all series
    constexpr int kTurns = 25;
    constexpr int kFewest = 5;
    constexpr double kMostTimes = 1e6;
    double best = seconds_of(1);
    double spent = best;
    for (int i = 0; i < kTurns && (spent < kLongest || i < kFewest); ++i) {
      const auto times = static_cast<std::int64_t>(best > 0 ? std::clamp(kSeries / best, 1.0, kMostTimes) : kMostTimes);
      const double series = seconds_of(times);
      spent += series;
      if (series > 0) best = std::min(best > 0 ? best : series, series / static_cast<double>(times));
    }
    return best;
  }

  /// Seconds of the only step of a program, of one item for each core.
  double step_seconds(const kernels::Program& program, Precision precision, int cores) {
    const auto weights = kernels::made_weights(program, 1);
    const auto inputs = kernels::made_inputs(program, cores, 1);
    constexpr double kRange = 4;
    CpuNetwork network(pool_, {.program = &program,
                               .weights = &weights,
                               .inputs = &inputs,
                               .batch = cores,
                               .precision = precision,
                               .largest = {1, kRange}});
    return fastest([&](std::int64_t times) { return network.seconds_of_step(0, times); });
  }

  static kernels::Program one_step(kernels::StepKind kind, std::int64_t rows, std::int64_t width) {
    return {.name = "ceiling",
            .rows_per_item = rows,
            .numbers_per_row = width,
            .steps = {{.kind = kind, .name = "step", .in = width, .out = width}}};
  }

  double product(Precision precision, int cores) {
    const auto program = one_step(kernels::StepKind::dense, kRows, kWidth);
    return theory::cost(network_of(program, cores)).flops / step_seconds(program, precision, cores);
  }

  /// GELU and layer normalisation of as many numbers each: operations by theory's rules over the time of both. GELU
  /// alone is what it adds to the smallest product.
  double simple_layers(int cores) {
    constexpr std::int64_t kFewRows = 8;
    constexpr std::int64_t kNumbers = 256;
    const auto normalize = one_step(kernels::StepKind::add_normalize, kFewRows, kNumbers);
    kernels::Program plain = one_step(kernels::StepKind::dense, kFewRows, kNumbers);
    plain.steps.front().in = plain.numbers_per_row = kThin;
    kernels::Program gelu = plain;
    gelu.steps.front().activation = kernels::Activation::gelu;
    const auto flops = [&](const kernels::Program& program) { return theory::cost(network_of(program, cores)).flops; };
    const auto seconds = [&](const kernels::Program& program) { return step_seconds(program, Precision::fp32, cores); };
    return (flops(normalize) + flops(gelu) - flops(plain)) /
           (seconds(normalize) + std::max(0.0, seconds(gelu) - seconds(plain)));
  }

  double smallest_step(int cores) {
    return step_seconds(one_step(kernels::StepKind::dense, 1, kThin), Precision::fp32, cores);
  }

  /// Half of the bytes are read, half are written.
  double copy(int cores, double bytes) {
    using kernels::cpu::Stream;
    constexpr double kMost = 0x1p29;
    const Stream stream{.pattern = kernels::cpu::StreamPattern::copy_cached};
    const double wanted = std::min(bytes, kMost) / 2 / cores / Stream::block_bytes;
    const auto size = static_cast<std::int64_t>(std::max(1.0, wanted)) * Stream::block_bytes;
    std::vector<HostMemory> arrays;
    arrays.reserve(2 * static_cast<std::size_t>(cores));
    for (int i = 0; i < 2 * cores; ++i) arrays.emplace_back(size);
    const auto words = [&](int index) { return arrays[static_cast<std::size_t>(index)].words(); };
    pool_.run(
        [&](int core) {  // each core's pages in its own memory
          for (const int index : {2 * core, 2 * core + 1}) std::fill(words(index).begin(), words(index).end(), 1);
        },
        cores);
    const double seconds = fastest([&](std::int64_t passes) {
      pool_.run([&](int core) { static_cast<void>(stream.run(words(2 * core), {}, words(2 * core + 1), 0, passes)); },
                cores);
      return pool_.last().seconds;
    });
    return 2.0 * static_cast<double>(size) * cores / seconds;
  }

  WorkerPool& pool_;
  std::map<Key, double> known_;
};

}  // namespace

InferenceEngine cpu_inference_engine(WorkerPool& pool) {
  const auto ceilings = std::make_shared<CpuCeilings>(pool);
  return {.lacks = [](const kernels::Program&, Precision precision) { return lacks(precision); },
          .build = [&pool](const NetworkOrder& order) -> std::unique_ptr<RunningNetwork> {
            return std::make_unique<CpuNetwork>(pool, order);
          },
          .ceilings = [ceilings](const CeilingsOrder& order) { return std::optional(ceilings->measure(order)); },
          .large = false,
          .overlaps = false,
          .step_precision =
              [](kernels::StepKind kind, Precision precision) {
                const bool matrix = kind == kernels::StepKind::dense || kind == kernels::StepKind::convolution;
                return precision == Precision::int8 && !matrix ? Precision::fp32 : precision;
              }};
}

}  // namespace peakproof::bench
