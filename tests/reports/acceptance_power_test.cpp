// Does the default policy reject healthy nodes, or accept slow ones? Thousands of made-up nodes are concluded as real ones
// are, with measuring again, and the false rejects and the missed slowdowns are counted. docs/acceptance.md has the table.
//
// The model: every GPU has a clock of its own, uniform over 8 % (SC22, "Not all GPUs are created equal"); every measurement
// of E_issue carries Gaussian noise of 0.5 % that is new each time; its 15 samples vary by 0.1 % around it. The seed is
// new each time, printed, and taken from PEAKPROOF_SEED where that is set.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "healthy_report.hpp"
#include "reports/efficiency.hpp"
#include "reports/evaluate.hpp"

namespace peakproof::reports {
namespace {

constexpr int kGpus = 8;
constexpr int kNodes = 1000;
constexpr int kNodesOfABaseline = 50;  ///< then another one is made, of 20 other reports
constexpr double kNoise = 0.005;
constexpr double kWithin = 0.001;
constexpr double kClockSpread = 0.08;

std::uint64_t seed() {
  static const std::uint64_t kSeed = [] {
    const char* given = std::getenv("PEAKPROOF_SEED");
    const std::uint64_t value = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    fmt::print("seed: PEAKPROOF_SEED={}\n", value);
    return value;
  }();
  return kSeed;
}

/// What is slow: of which GPUs (-1: all of the node) the first result, and by how much.
struct Slowdown {
  double share = 0;
  int gpu = 0;
};

/// One GPU that can be measured.
class Gpu {
 public:
  Gpu(std::mt19937_64& random, int index) : random_(random), report_(healthy_report(fmt::format("GPU-{}", index))) {
    constexpr std::array kPipes = {theory::Pipe::fp32_fma,  theory::Pipe::fp64_fma,    theory::Pipe::fp16x2_fma,
                                   theory::Pipe::int32_mad, theory::Pipe::sfu,         theory::Pipe::tensor_fp16,
                                   theory::Pipe::dram,      theory::Pipe::tensor_bf16, theory::Pipe::tensor_fp8,
                                   theory::Pipe::shared,    theory::Pipe::int32_add,   theory::Pipe::tensor_int8};
    const auto telemetry = report_.results.front().telemetry;
    report_.results.clear();
    report_.completeness.planned.clear();
    clock_ = std::uniform_real_distribution(1 - kClockSpread, 1.0)(random_);
    double issue = 0.95;
    for (const auto pipe : kPipes) {
      report_.results.push_back(healthy_result(std::string(theory::name(pipe)), pipe, issue, clock_));
      report_.results.back().telemetry = telemetry;
      report_.completeness.planned.push_back(report_.results.back().name);
      truth_.push_back(issue);
      issue += 0.002;  // up to 0.972, where noise is far from the peak
    }
  }

  void slow_down(double share) { truth_.front() *= 1 - share; }

  void measure() {
    for (std::size_t i = 0; i < truth_.size(); ++i) measure(i);
  }

  void measure_again(const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < truth_.size(); ++i) {
      Result& result = report_.results[i];
      if (std::find(names.begin(), names.end(), result.name) == names.end()) continue;
      result.attempts.push_back({.achieved_per_s = result.achieved_per_s,
                                 .efficiency = result.efficiency,
                                 .summary = result.summary,
                                 .verdict = result.verdict});
      measure(i);
    }
  }

  Report& report() { return report_; }

 private:
  void measure(std::size_t i) {
    std::normal_distribution<double> normal;
    Result& result = report_.results[i];
    const double issue = truth_[i] * (1 + kNoise * normal(random_));
    const double seconds = result.work_per_launch / (issue * result.peak_measured->per_second);
    for (Sample& sample : result.samples) sample.seconds = seconds * (1 + kWithin * normal(random_));
    result.summary = summarize(result.samples, StopReason::converged);
    result.achieved_per_s = result.work_per_launch / result.summary.median_s;
    result.efficiency = efficiency(result.achieved_per_s, result.peak, result.peak_measured);
    result.verdict = judge(result);
  }

  std::mt19937_64& random_;
  Report report_;
  double clock_ = 1;
  std::vector<double> truth_;
};

/// The acceptance of a node (of one GPU: of a device), with everything that has to be measured again.
Report accepted(std::mt19937_64& random, int gpus, const Slowdown& slowdown, const Baseline* baseline) {
  std::vector<Gpu> devices;
  devices.reserve(static_cast<std::size_t>(gpus));
  for (int i = 0; i < gpus; ++i) {
    devices.emplace_back(random, i);
    if (slowdown.gpu == i || slowdown.gpu < 0) devices.back().slow_down(slowdown.share);
    devices.back().measure();
  }
  const Terms terms{.policy = &default_policy(), .baseline = baseline};
  for (int turn = 0;; ++turn) {
    Report node;
    node.scope = gpus > 1 ? Scope::node : Scope::device;
    if (gpus > 1) {
      for (Gpu& device : devices) node.members.push_back(device.report());
    } else {
      node = devices.front().report();
    }
    conclude(node, terms);
    bool again = false;
    for (std::size_t i = 0; i < devices.size() && turn < default_policy().retests; ++i) {
      const auto names = to_measure_again(gpus > 1 ? node.members[i] : node);
      again = again || !names.empty();
      devices[i].measure_again(names);
    }
    if (!again) return node;
  }
}

Baseline baseline(std::mt19937_64& random) {
  std::vector<Report> reports;
  constexpr int kReports = 20;
  for (int i = 0; i < kReports; ++i) {
    Gpu gpu(random, i);
    gpu.measure();
    conclude(gpu.report(), {.policy = &default_policy()});
    gpu.report().run_id = fmt::format("run {}", i);
    reports.push_back(gpu.report());
  }
  return create_baseline(reports);
}

bool fails(const Report& device) {
  return std::any_of(device.checks.begin(), device.checks.end(),
                     [](const Check& c) { return c.status == Status::fail && c.subject == "fp32_fma"; });
}

/// Whether the slow result rejected the node; where one GPU is slow, by this one.
bool found(const Report& report, const Slowdown& slowdown) {
  if (report.exit_code != exit_rejected) return false;
  if (report.members.empty()) return fails(report);
  return slowdown.gpu < 0 ? std::any_of(report.members.begin(), report.members.end(), fails)
                          : fails(report.members[static_cast<std::size_t>(slowdown.gpu)]);
}

enum class Setup { peers, baseline_all_slow, baseline_alone };
constexpr std::array kSetups = {std::pair{Setup::peers, "one of 8 GPUs, peers"},
                                std::pair{Setup::baseline_all_slow, "all 8 GPUs, baseline"},
                                std::pair{Setup::baseline_alone, "a single GPU, baseline"}};

/// The share of nodes in which a slowdown is found.
double power(Setup setup, double share, int nodes) {
  std::mt19937_64 random(seed() + static_cast<std::uint64_t>(1e6 * share) + 17 * static_cast<std::uint64_t>(setup));
  int hits = 0;
  std::optional<Baseline> held;
  for (int i = 0; i < nodes; ++i) {
    if (setup != Setup::peers && i % kNodesOfABaseline == 0) held = baseline(random);
    const Slowdown slowdown{.share = share,
                            .gpu = setup == Setup::peers            ? i % kGpus
                                   : setup == Setup::baseline_alone ? 0
                                                                    : -1};
    const int gpus = setup == Setup::baseline_alone ? 1 : kGpus;
    hits += found(accepted(random, gpus, slowdown, held ? &*held : nullptr), slowdown) ? 1 : 0;
  }
  return static_cast<double>(hits) / nodes;
}

TEST(Power, NoHealthyNodeIsRejected) {
  std::mt19937_64 random(seed());
  int rejected = 0;
  int other = 0;
  int again = 0;
  Baseline held;
  for (int i = 0; i < kNodes; ++i) {
    if (i % kNodesOfABaseline == 0) held = baseline(random);
    const Report node = accepted(random, kGpus, {}, &held);
    rejected += node.exit_code == exit_rejected ? 1 : 0;
    other += node.exit_code != exit_rejected && node.exit_code != exit_pass ? 1 : 0;
    for (const Report& member : node.members)
      for (const Result& result : member.results) again += static_cast<int>(result.attempts.size());
  }
  fmt::print(
      "{} healthy nodes of {} GPUs, peers and baseline: {} rejected, {} inconclusive, {:.2f} measurements again a "
      "node\n",
      kNodes, kGpus, rejected, other, static_cast<double>(again) / kNodes);
  EXPECT_EQ(rejected, 0);
  EXPECT_EQ(other, 0);
}

TEST(Power, ThreePercentAreFound) {
  for (const auto& [setup, name] : kSetups) {
    const double hit = power(setup, 0.03, kNodes);
    fmt::print("3 % slower, {}: {:.1f} % of {} found\n", name, 100 * hit, kNodes);
    EXPECT_GE(hit, 0.95) << name;
  }
}

TEST(Power, TheSweepShowsWhereDetectionEnds) {
  constexpr int kEach = 100;
  fmt::print("| slower by |");
  for (const auto& [setup, name] : kSetups) fmt::print(" {} |", name);
  fmt::print("\n");
  std::vector<double> of_peers;
  for (int tenths = 5; tenths <= 50; tenths += 5) {
    const double share = tenths / 1000.0;
    fmt::print("| {:.1f} % |", 100 * share);
    for (const auto& [setup, name] : kSetups) {
      const double hit = power(setup, share, kEach);
      if (setup == Setup::peers) of_peers.push_back(hit);
      fmt::print(" {:.1f} % |", 100 * hit);
    }
    fmt::print("\n");
  }
  EXPECT_LE(of_peers.front(), 0.2) << "half a percent is the noise itself: who finds it would reject healthy ones";
  EXPECT_GE(of_peers.back(), 0.99);
}

}  // namespace
}  // namespace peakproof::reports
