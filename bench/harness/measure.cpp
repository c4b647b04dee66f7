#include "bench/harness/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "bench/harness/errors.hpp"
#include "bench/harness/options.hpp"
#include "reports/efficiency.hpp"
#include "reports/heat_map.hpp"
#include "theory/throughput.hpp"

namespace peakproof::bench {
namespace {

constexpr double kPlateauSeconds = 10;

/// Times the launch as it is now.
double time_once(const Case& benchmark_case, TimerBase& timer) {
  timer.prepare();
  timer.start();
  benchmark_case.launch();
  timer.stop();
  const double seconds = timer.sample().seconds;
  if (!(seconds > 0)) throw MeasurementError("calibration: a launch took no time, so the timer cannot be believed");
  return seconds;
}

/// Sets the length so that a launch takes about the target time. A launch far off the target says little about the
/// length that meets it, so the step is repeated until it is near. Starts from `length`, returns the one it ends with.
double calibrate_length(const Case& benchmark_case, TimerBase& timer, const MeasurePolicy& policy, double length) {
  constexpr int kMaxSteps = 12;
  constexpr double kMaxGrowth = 50;
  constexpr double kLongest = 1e9;
  for (int step = 0; step < kMaxSteps; ++step) {
    benchmark_case.set_length(static_cast<std::int64_t>(length));
    const double seconds = time_once(benchmark_case, timer);
    if (seconds >= policy.min_sample_s && seconds <= 2 * policy.target_sample_s) return length;
    const double next = std::round(length * std::min(policy.target_sample_s / seconds, kMaxGrowth));
    if (next < 1 || next > kLongest) return length;
    length = std::max(1.0, next);
  }
  return length;
}

/// An idle device is slow: keeps it under load for a while, and longer until the launches agree.
void wake(const Case& benchmark_case, TimerBase& timer) {
  constexpr double kShortest = 0.1;
  constexpr double kLongest = 0.5;
  constexpr int kMostLaunches = 1000;
  constexpr int kWindow = 4;
  constexpr double kAgree = 0.05;
  std::vector<reports::Sample> launches;
  double load_s = 0;
  while (load_s < kShortest || (load_s < kLongest && !settled(launches, kWindow, kAgree))) {
    if (launches.size() == kMostLaunches) return;
    launches.push_back({.seconds = time_once(benchmark_case, timer)});
    load_s += launches.back().seconds;
  }
}

/// How many launches make a sample: one, unless the size is fixed and a launch is shorter than a sample may be.
int calibrate_launches(const Case& benchmark_case, TimerBase& timer, const MeasurePolicy& policy) {
  if (benchmark_case.set_length) {
    // Twice: an idle device has a low clock, at which a launch of the right length is too short once it is awake.
    const double length = calibrate_length(benchmark_case, timer, policy, 1);
    wake(benchmark_case, timer);
    calibrate_length(benchmark_case, timer, policy, length);
    return 1;
  }
  constexpr double kMost = 10'000;
  wake(benchmark_case, timer);
  const double seconds = time_once(benchmark_case, timer);
  if (seconds >= policy.min_sample_s) return 1;
  return static_cast<int>(std::clamp(std::ceil(policy.target_sample_s / seconds), 1.0, kMost));
}

std::function<void()> repeated(const std::function<void()>& launch, int times) {
  return [&launch, times] {
    for (int i = 0; i < times; ++i) launch();
  };
}

/// The share of the launch that was spent waiting for the slowest SM, where each SM's rate is known.
double tail_of(const reports::Result& result) {
  for (const auto& map : result.unit_maps)
    if (map.quantity == "operations_per_clk") return reports::tail_share(map);
  return 0;
}

/// Whether the pipe's rate is disputed, or no more than a guess by analogy: nothing is rejected by such a rate.
bool uncertain_rate(const theory::DeviceSpec& device, theory::Pipe pipe) {
  const auto* row = theory::find_throughput(device.compute_capability, device.variant, pipe);
  return row != nullptr && (row->disputed || row->confidence == theory::Confidence::low);
}

/// Rated and measured peak, efficiency and losses of a result that has its rate and its samples.
void hold_against_theory(reports::Result& result, const Backend& backend, bool by_option) {
  const theory::DeviceSpec& device = backend.description().spec;
  if (!result.pipe) return;
  if (!by_option && uncertain_rate(device, *result.pipe)) result.floor.reset();
  result.peak = theory::rated_peak(device, *result.pipe);
  if (const auto clock = result.summary.median_sm_clock_hz)
    result.peak_measured = theory::peak(device, *result.pipe, *clock);
  if (result.peak && result.peak->clock_hz == 0) result.peak_measured = result.peak;  // a memory: no clock of ours
  result.efficiency = reports::efficiency(result.achieved_per_s, result.peak, result.peak_measured);
  result.losses =
      reports::losses(result.efficiency, backend.clock_reasons(),
                      {.overhead_instructions = result.audit.overhead.value_or(0),
                       .tail = tail_of(result),
                       .launch = result.launches_per_sample * backend.overhead().launch_s / result.summary.median_s});
}

void append(std::string& note, const std::string& text) {
  if (text.empty()) return;
  if (!note.empty()) note += "; ";
  note += text;
}

/// That of the case's kernel, or of the first of its other kernels that is not audited as it is.
reports::Audit audit_of(const Case& benchmark_case, const Backend& backend) {
  reports::Audit audit = backend.audit(benchmark_case.kernel);
  if (audit.status != "audited") return audit;
  for (const auto& kernel : benchmark_case.other_kernels)
    if (reports::Audit other = backend.audit(kernel); other.status != "audited") return other;
  return audit;
}

void add_notes(reports::Result& result, const Case& benchmark_case, const Collected& collected,
               const theory::DeviceSpec& device) {
  append(result.note, benchmark_case.remark);
  if (!collected.settled) append(result.note, "the clock had not settled when sampling began");
  if (result.summary.contaminated > 0)
    append(result.note,
           fmt::format("{} of {} samples were contaminated by other work on the machine{}", result.summary.contaminated,
                       result.samples.size(),
                       result.summary.count < static_cast<int>(result.samples.size()) ? " and left out" : ""));
  if (result.audit.status == "failed")
    append(result.note, "the machine code does not hold the claimed work: " + result.audit.note);
  if (result.latency && !reports::usable(*result.latency))
    append(result.note,
           "a reading of the latency was no positive number of cycles: the kernel's clocks cannot be believed");
  if (result.verdict != reports::Verdict::no_theory) return;
  const bool sweep_point = reports::sweep_point(result.params).has_value();
  if (result.latency)
    append(result.note, "latency: reported, not judged");
  else if (sweep_point)
    append(result.note, "a point of a sweep: reported, not judged");
  if (result.pipe && !result.peak && !result.peak_measured)
    append(result.note, fmt::format("no sourced theory for {} on {}: measured, not judged", theory::name(*result.pipe),
                                    device.kind == theory::DeviceKind::cpu
                                        ? device.name
                                        : "compute capability " + theory::to_string(device.compute_capability)));
  else if (result.pipe && !sweep_point && uncertain_rate(device, *result.pipe))
    append(result.note, "the rate is disputed or uncertain (see its source): reported, not judged");
  else if (!result.floor && !result.latency && !sweep_point)
    append(result.note, "no sourced floor: reported, not judged (--min-efficiency sets one)");
}

/// The same operands and the same timer, another launch.
void measure_reference(const Case& benchmark_case, Backend& backend, const MeasurePolicy& policy,
                       reports::Result& result) try {
  if (!benchmark_case.reference) return;
  const auto& reference = *benchmark_case.reference;
  if (benchmark_case.poison) benchmark_case.poison();
  const Collected collected = collect(backend.timer(), repeated(reference.launch, result.launches_per_sample),
                                      policy.sampling, policy.now, policy.interrupted);
  const auto summary = reports::summarize(collected.samples, collected.stop);
  const reports::Limits limits;
  const bool quiet = summary.count >= limits.min_samples && summary.spread <= limits.max_spread &&
                     collected.stop != reports::StopReason::interrupted;
  if (!quiet || !(summary.median_s > 0)) {
    append(result.note, reference.name + " could not be measured quietly: no ratio to it");
    return;
  }
  if (const auto check = benchmark_case.verify(); !check.passed()) {
    append(result.note, fmt::format("{} gave a wrong answer ({} of {} items): no ratio to it", reference.name,
                                    check.mismatches, check.items));
    return;
  }
  const double rate = result.work_per_launch * result.launches_per_sample / summary.median_s;
  result.reference = reports::Reference{.name = reference.name,
                                        .achieved_per_s = rate,
                                        .ratio = result.achieved_per_s / rate,
                                        .samples = summary.count,
                                        .sm_clock_hz = summary.median_sm_clock_hz};
} catch (const DeviceFault&) {
  throw;
} catch (const MeasurementError& error) {  // the case itself is measured all the same
  append(result.note, std::string("the reference failed: ") + error.what());
}

/// The case's memory, for as long as it is measured.
class Prepared {
 public:
  explicit Prepared(const Case& benchmark_case) : case_(benchmark_case) {
    if (case_.prepare) case_.prepare();
  }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() {
    if (case_.release && !DeviceFault::happened) case_.release();
  }

 private:
  const Case& case_;
};

reports::Result measure_or_throw(const Case& benchmark_case, Backend& backend, const MeasurePolicy& policy) {
  reports::Result result = unmeasured(benchmark_case, reports::Verdict::error, "");
  if (policy.min_efficiency && !benchmark_case.latency_cycles)
    result.floor = reports::Floor{*policy.min_efficiency, "--min-efficiency"};
  result.audit = audit_of(benchmark_case, backend);

  const Prepared prepared(benchmark_case);
  result.launches_per_sample = calibrate_launches(benchmark_case, backend.timer(), policy);
  if (benchmark_case.poison) benchmark_case.poison();
  backend.reset_clock_reasons();
  AfterSample read_latency;
  if (benchmark_case.latency_cycles)
    read_latency = [&](reports::Sample& sample) { sample.latency_cycles = benchmark_case.latency_cycles(); };
  const Collected collected = collect(backend.timer(), repeated(benchmark_case.launch, result.launches_per_sample),
                                      policy.sampling, policy.now, policy.interrupted, read_latency);
  const auto clocks = backend.unit_clocks();

  result.work_per_launch = benchmark_case.work();
  result.samples = collected.samples;
  result.summary = reports::summarize(collected.samples, collected.stop);
  result.latency = reports::latency(collected.samples);
  result.achieved_per_s = result.work_per_launch * result.launches_per_sample / result.summary.median_s;
  if (!clocks.value.empty()) result.unit_maps.push_back(clocks);
  if (benchmark_case.unit_maps)
    for (auto& map : benchmark_case.unit_maps()) result.unit_maps.push_back(std::move(map));
  hold_against_theory(result, backend, policy.min_efficiency.has_value());
  if (collected.stop == reports::StopReason::interrupted) {
    result.note = "interrupted";
    return result;
  }
  result.verification = benchmark_case.verify();
  result.verdict = reports::judge(result);
  add_notes(result, benchmark_case, collected, backend.description().spec);
  measure_reference(benchmark_case, backend, policy, result);
  return result;
}

}  // namespace

MeasurePolicy policy_for(const Options& options, std::function<bool()> interrupted) {
  MeasurePolicy policy{.min_efficiency = options.min_efficiency,
                       .now =
                           [] {
                             const auto now = std::chrono::steady_clock::now().time_since_epoch();
                             return std::chrono::duration<double>(now).count();
                           },
                       .interrupted = std::move(interrupted)};
  if (options.quick || options.sweep) {
    policy.sampling.budget_s = 1;
    policy.sampling.warmup_budget_s = 0.5;
    policy.sampling.max_samples = 101;
  }
  if (options.sweep) {  // there are dozens of points: about 0.3 s for each
    policy.sampling.budget_s = 0.25;
    policy.target_sample_s = 0.005;
  }
  return policy;
}

MeasurePolicy plateau(MeasurePolicy policy) {
  policy.sampling.warmup_min_s = kPlateauSeconds;
  policy.sampling.warmup_budget_s = kPlateauSeconds + 2;
  return policy;
}

reports::Result unmeasured(const Case& benchmark_case, reports::Verdict verdict, const std::string& note) {
  return {.name = benchmark_case.name,
          .params = benchmark_case.params,
          .pipe = benchmark_case.pipe,
          .achieved_per_s = std::numeric_limits<double>::quiet_NaN(),
          .unit = benchmark_case.unit,
          .floor = benchmark_case.floor,
          .summary = reports::summarize({}),
          .audit = {.status = "not_applicable"},
          .verdict = verdict,
          .note = note};
}

reports::Result measure(const Case& benchmark_case, Backend& backend, const MeasurePolicy& policy) try {
  if (benchmark_case.skip) return unmeasured(benchmark_case, reports::Verdict::skipped, *benchmark_case.skip);
  return measure_or_throw(benchmark_case, backend, policy);
} catch (const DeviceFault&) {
  throw;
} catch (const std::exception& error) {
  return unmeasured(benchmark_case, reports::Verdict::error, error.what());
}

}  // namespace peakproof::bench
