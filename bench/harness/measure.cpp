#include "bench/harness/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <span>
#include <thread>
#include <utility>

#include "bench/harness/errors.hpp"
#include "bench/harness/options.hpp"
#include "reports/efficiency.hpp"
#include "reports/heat_map.hpp"
#include "theory/throughput.hpp"

namespace peakproof::bench {
namespace {

constexpr double kPlateauSeconds = 10;

/// Seconds of the launch as it is now.
double time_once(const std::function<void()>& launch, TimerBase& timer) {
  const double seconds = time_launch(timer, launch).seconds;
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
    const double seconds = time_once(benchmark_case.launch, timer);
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
    launches.push_back({.seconds = time_once(benchmark_case.launch, timer)});
    load_s += launches.back().seconds;
  }
}

/// How many launches make a sample: one, unless the size is fixed; then as many as come nearest to a sample's time, with no
/// threshold at which some runs would take one and others several.
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
  const double seconds = time_once(benchmark_case.launch, timer);
  return static_cast<int>(std::clamp(std::round(policy.target_sample_s / seconds), 1.0, kMost));
}

std::function<void()> repeated(const std::function<void()>& launch, int times) {
  return [&launch, times] {
    for (int i = 0; i < times; ++i) launch();
  };
}

/// The share of the launch that was spent waiting for the slowest SM, where each SM's rate is known.
double tail_of(const reports::Result& result) {
  for (const auto& map : result.unit_maps)
    if (map.quantity.ends_with("_per_clk")) return reports::tail_share(map);
  return 0;
}

/// Whether the pipe's rate is disputed, or no more than a guess by analogy: nothing is rejected by such a rate.
bool uncertain_rate(const theory::DeviceSpec& device, theory::Pipe pipe) {
  const auto* row = theory::find_throughput(device.compute_capability, device.variant, pipe);
  return row != nullptr && (row->disputed || row->confidence == theory::Confidence::low);
}

/// Rated and measured peak, efficiency and losses of a result that has its rate and its samples.
void hold_against_theory(reports::Result& result, const Case& benchmark_case, const Backend& backend,
                         const reports::ClockReasons& reasons, bool by_option) {
  const theory::DeviceSpec& device = backend.description().spec;
  if (!result.pipe) return;
  if (!by_option && uncertain_rate(device, *result.pipe)) result.floor.reset();
  const auto peak_at = [&](double clock_hz) {
    return benchmark_case.peak ? benchmark_case.peak(clock_hz) : theory::peak(device, *result.pipe, clock_hz);
  };
  result.peak = peak_at(theory::rated_clock_hz(device, *result.pipe));
  if (const auto clock = result.summary.median_sm_clock_hz) result.peak_measured = peak_at(*clock);
  if (result.peak && result.peak->clock_hz == 0) result.peak_measured = result.peak;  // a memory: no clock of ours
  result.efficiency = reports::efficiency(result.achieved_per_s, result.peak, result.peak_measured);
  result.losses =
      reports::losses(result.efficiency, reasons,
                      {.overhead_instructions = result.audit.overhead.value_or(0),
                       .tail = tail_of(result),
                       .launch = result.launches_per_sample * backend.overhead().launch_s / result.summary.median_s});
}

/// Warms up and samples, or rests and samples, as the policy's mode wants it.
Collected sample(const Case& benchmark_case, Backend& backend, TimerBase& timer, const MeasurePolicy& policy,
                 const std::function<void()>& launch) {
  if (policy.mode == Mode::burst) {
    if (policy.rest) policy.rest(policy.burst.rest_s);
    backend.begin_region();
    return collect_burst(timer, launch, policy.burst, policy.now, policy.interrupted);
  }
  AfterSample read_latency;
  if (benchmark_case.latency_cycles)
    read_latency = [&](reports::Sample& sample) { sample.latency_cycles = benchmark_case.latency_cycles(); };
  return collect(timer, launch, policy.sampling, policy.now, policy.interrupted, read_latency,
                 [&backend] { backend.begin_region(); });
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

/// What makes a burst less than one.
void add_burst_notes(reports::Result& result, const Collected& collected, const BurstPolicy& policy) {
  constexpr double kTimer = 1.05;  // a sample more or less, and the noise of the times
  double busy_s = 0;
  for (const auto& sample : collected.samples) busy_s += sample.seconds;
  if (result.summary.median_s > kTimer * policy.longest_sample_s)
    append(result.note, fmt::format("a launch takes {:.1f} ms, and a sample of a burst should take at most {:.0f} ms",
                                    1e3 * result.summary.median_s, 1e3 * policy.longest_sample_s));
  if (busy_s > kTimer * (policy.device_s + result.summary.max_s))
    append(result.note, fmt::format("{} samples took {:.0f} ms, and a burst should take {:.0f} ms",
                                    collected.samples.size(), 1e3 * busy_s, 1e3 * policy.device_s));
  if (busy_s < policy.least_busy * collected.wall_s)
    append(result.note, fmt::format("the device was busy for {:.0f} % of the burst: measuring took the rest",
                                    100 * busy_s / collected.wall_s));
}

void add_notes(reports::Result& result, const Case& benchmark_case, const Collected& collected,
               const MeasurePolicy& policy, const theory::DeviceSpec& device) {
  append(result.note, benchmark_case.remark);
  if (benchmark_case.found) append(result.note, benchmark_case.found());
  if (policy.mode == Mode::burst)
    add_burst_notes(result, collected, policy.burst);
  else if (!collected.settled)
    append(result.note, "the clock had not settled when sampling began");
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
  const bool sweep_point = reports::is_sweep(result.params);
  if (result.latency)
    append(result.note, "latency: reported, not judged");
  else if (sweep_point)
    append(result.note, "a point of a sweep: reported, not judged");
  if (benchmark_case.peak && !result.peak && !result.peak_measured)
    append(result.note, "its peak could not be told: measured, not judged");
  else if (result.pipe && !result.peak && !result.peak_measured)
    append(result.note, fmt::format("no sourced theory for {} on {}: measured, not judged", theory::name(*result.pipe),
                                    device.kind == theory::DeviceKind::cpu
                                        ? device.name
                                        : "compute capability " + theory::to_string(device.compute_capability)));
  else if (result.pipe && !sweep_point && uncertain_rate(device, *result.pipe))
    append(result.note, "the rate is disputed or uncertain (see its source): reported, not judged");
  else if (!result.pipe && !result.latency && !sweep_point)
    append(result.note, "there is no theory of this: reported, not judged");
  else if (!result.floor && !result.latency && !sweep_point)
    append(result.note, "no sourced floor: reported, not judged (--min-efficiency sets one)");
}

/// Whether the samples are enough, and near to each other.
bool quiet(const reports::Summary& summary) {
  const reports::Limits limits;
  return summary.count >= limits.min_samples && summary.spread <= limits.max_spread && summary.median_s > 0;
}

/// The same operands and the same timer, another launch, in turn with the case's own: of two series one after the other
/// the second would run on a hotter device. Not in a burst, whose device is cold only once.
void measure_reference(const Case& benchmark_case, TimerBase& timer, const MeasurePolicy& policy,
                       reports::Result& result) try {
  if (!benchmark_case.reference || policy.mode == Mode::burst) return;
  const auto& reference = *benchmark_case.reference;
  if (reference.prepare) reference.prepare();
  const std::array launches = {repeated(benchmark_case.launch, result.launches_per_sample),
                               repeated(reference.launch, result.launches_per_sample)};
  const auto both = collect_in_turn(timer, std::span(launches), policy.sampling, policy.now, policy.interrupted);
  const auto own = reports::summarize(both[0].samples);
  const auto other = reports::summarize(both[1].samples);
  if (both[0].stop == reports::StopReason::interrupted || !quiet(own) || !quiet(other)) {
    append(result.note, reference.name + " could not be measured quietly: no ratio to it");
    return;
  }
  // Its answer is checked behind the turns, and alone: in them ours would stand in for one that it did not give.
  if (benchmark_case.poison) benchmark_case.poison();
  for (int i = 0; i < policy.sampling.settle_window + policy.sampling.min_samples; ++i)
    static_cast<void>(time_once(launches[1], timer));
  if (const auto check = benchmark_case.verify(); !check.passed()) {
    append(result.note, fmt::format("{} gave a wrong answer ({} of {} items): no ratio to it", reference.name,
                                    check.mismatches, check.items));
    return;
  }
  const double work = result.work_per_launch * result.launches_per_sample;
  result.reference = reports::Reference{.name = reference.name,
                                        .achieved_per_s = work / other.median_s,
                                        .ratio = (work / own.median_s) / (work / other.median_s),
                                        .samples = std::min(own.count, other.count),
                                        .sm_clock_hz = other.median_sm_clock_hz,
                                        .own_achieved_per_s = work / own.median_s,
                                        .own_sm_clock_hz = own.median_sm_clock_hz};
  if (reference.found) append(result.note, reference.found());
} catch (const DeviceFault&) {
  throw;
} catch (const MeasurementError& error) {  // the case itself is measured all the same
  append(result.note, std::string("the reference failed: ") + error.what());
}

/// A network is one of dozens, and each is timed in two more ways behind its samples.
MeasurePolicy for_network(MeasurePolicy policy) {
  constexpr double kShare = 0.2;
  policy.sampling.budget_s *= kShare;
  policy.sampling.warmup_budget_s *= kShare;
  return policy;
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

reports::Result measure_or_throw(const Case& benchmark_case, Backend& backend, TimerBase& timer,
                                 const MeasurePolicy& policy) {
  reports::Result result = unmeasured(benchmark_case, policy.mode, reports::Verdict::error, "");
  if (policy.min_efficiency && benchmark_case.pipe && !benchmark_case.latency_cycles)
    result.floor = reports::Floor{*policy.min_efficiency, "--min-efficiency"};
  result.audit = audit_of(benchmark_case, backend);

  const Prepared prepared(benchmark_case);
  result.launches_per_sample = calibrate_launches(benchmark_case, timer, policy);
  const auto launch = repeated(benchmark_case.launch, result.launches_per_sample);
  if (policy.mode == Mode::burst)
    if (const double seconds = time_once(launch, timer); seconds > policy.burst.device_s)
      return unmeasured(benchmark_case, policy.mode, reports::Verdict::skipped,
                        fmt::format("a launch takes {:.0f} ms, longer than a burst of {:.0f} ms", 1e3 * seconds,
                                    1e3 * policy.burst.device_s));
  if (benchmark_case.poison) benchmark_case.poison();
  const Collected collected = sample(benchmark_case, backend, timer, policy, launch);
  const auto clocks = backend.unit_clocks();
  auto region = backend.end_region();
  result.telemetry = std::move(region.telemetry);

  result.work_per_launch = benchmark_case.work();
  result.samples = collected.samples;
  result.summary = reports::summarize(collected.samples, collected.stop);
  result.latency = reports::latency(collected.samples);
  result.achieved_per_s = result.work_per_launch * result.launches_per_sample / result.summary.median_s;
  if (!clocks.value.empty()) result.unit_maps.push_back(clocks);
  if (benchmark_case.unit_maps)
    for (auto& map : benchmark_case.unit_maps()) result.unit_maps.push_back(std::move(map));
  hold_against_theory(result, benchmark_case, backend, region.clock, policy.min_efficiency.has_value());
  if (collected.stop == reports::StopReason::interrupted) {
    result.note = "interrupted";
    return result;
  }
  result.verification = benchmark_case.verify();
  const double launch_s = result.summary.median_s / result.launches_per_sample;
  if (result.verification.passed()) {  // of a wrong answer nothing more is told
    if (benchmark_case.inference) result.inference = benchmark_case.inference(launch_s);
    if (benchmark_case.training) result.training = benchmark_case.training(launch_s);
  }
  result.verdict = reports::judge(result);
  add_notes(result, benchmark_case, collected, policy, backend.description().spec);
  measure_reference(benchmark_case, timer, policy, result);
  return result;
}

}  // namespace

MeasurePolicy policy_for(const Options& options, std::function<bool()> interrupted) {
  const auto now = [] {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
  };
  MeasurePolicy policy{.min_efficiency = options.min_efficiency,
                       .now = now,
                       .interrupted = interrupted,
                       .rest = [now, interrupted = std::move(interrupted)](double seconds) {
                         constexpr std::chrono::milliseconds kSlice{20};
                         const double end = now() + seconds;
                         while (now() < end && !interrupted()) std::this_thread::sleep_for(kSlice);
                       }};
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

std::string_view mode_name(Mode mode) {
  switch (mode) {
    case Mode::settled:
      break;
    case Mode::burst:
      return "burst";
    case Mode::plateau:
      return "plateau";
  }
  return "";
}

MeasurePolicy in_mode(MeasurePolicy policy, Mode mode) {
  policy.mode = mode;
  if (mode == Mode::plateau) {
    policy.sampling.warmup_min_s = kPlateauSeconds;
    policy.sampling.warmup_budget_s = kPlateauSeconds + 2;
  }
  if (mode == Mode::burst) {  // a launch of adjustable length takes a quarter to all of the longest sample
    policy.target_sample_s = policy.burst.longest_sample_s / 2;
    policy.min_sample_s = policy.target_sample_s / 2;
  }
  return policy;
}

reports::Result unmeasured(const Case& benchmark_case, Mode mode, reports::Verdict verdict, const std::string& note) {
  reports::Texts params = benchmark_case.params;
  if (mode != Mode::settled) params["mode"] = mode_name(mode);
  return {.name = benchmark_case.name,
          .params = std::move(params),
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
  if (benchmark_case.skip)
    return unmeasured(benchmark_case, policy.mode, reports::Verdict::skipped, *benchmark_case.skip);
  if (!benchmark_case.own_seconds)
    return measure_or_throw(benchmark_case, backend, backend.timer(),
                            benchmark_case.inference ? for_network(policy) : policy);
  // Where the host is part of what is timed, more samples do not make it quieter.
  constexpr double kLongest = 1.5;
  MeasurePolicy shorter = policy;
  shorter.sampling.budget_s = std::min(policy.sampling.budget_s, kLongest);
  OwnClockTimer timer(backend.timer(), benchmark_case.own_seconds);
  return measure_or_throw(benchmark_case, backend, timer, shorter);
} catch (const DeviceFault&) {
  throw;
} catch (const std::exception& error) {
  return unmeasured(benchmark_case, policy.mode, reports::Verdict::error, error.what());
}

}  // namespace peakproof::bench
