#include "bench/harness/measure.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "bench/harness/errors.hpp"
#include "bench/harness/options.hpp"
#include "tests/bench/fakes.hpp"

namespace peakproof::bench {
namespace {

using reports::Verdict;

/// A case whose work makes the made-up device's FP32 peak at 1 GHz (100 SMs x 128 x 2 = 25.6 TFLOP/s) exactly `share`.
Case at_share(double share, double seconds = 0.01) {
  return {.name = "made_up",
          .pipe = theory::Pipe::fp32_fma,
          .unit = "FLOP/s",
          .floor = reports::Floor{0.95, "made up"},
          .kernel = "made_up",
          .work = [=] { return share * 25.6e12 * seconds; },
          .launch = [] {},
          .verify = fakes::right_answer};
}

reports::Result measured(const Case& c, fakes::Device& device) {
  return measure(c, device, fakes::policy(device.made_up));
}

TEST(Measure, PassesAtTheMeasuredClock) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 0.8e9}};
  const auto result = measured(at_share(0.8 * 0.97), device);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  EXPECT_NEAR(*result.efficiency.issue, 0.97, 1e-12);
  EXPECT_NEAR(*result.efficiency.clock, 0.8, 1e-12);
  EXPECT_NEAR(*result.efficiency.spec, 0.8 * 0.97, 1e-12);
  EXPECT_EQ(result.summary.count, 11);
  EXPECT_EQ(result.samples.size(), 11U);
  double lost = 0;
  for (const auto& loss : result.losses) lost += loss.fraction;
  EXPECT_NEAR(lost, 1 - *result.efficiency.spec, 1e-12);
}

TEST(Measure, BelowTheFloor) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  EXPECT_EQ(measured(at_share(0.9499), device).verdict, Verdict::below);
  EXPECT_EQ(measured(at_share(0.9501), device).verdict, Verdict::pass);
}

TEST(Measure, TheUsersFloorReplacesOurs) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  auto policy = fakes::policy(device.made_up);
  policy.min_efficiency = 0.5;
  const auto result = measure(at_share(0.6), device, policy);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.floor->source, "--min-efficiency");
}

TEST(Measure, AboveTheoryIsNoPass) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  EXPECT_EQ(measured(at_share(1.004), device).verdict, Verdict::pass);
  EXPECT_EQ(measured(at_share(1.006), device).verdict, Verdict::above_theory);
}

TEST(Measure, AWrongAnswerIsIncorrectHoweverFast) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  Case c = at_share(0.99);
  c.verify = [] { return reports::Verification{.method = "made up", .items = 100, .mismatches = 1}; };
  EXPECT_EQ(measured(c, device).verdict, Verdict::incorrect);
  c.verify = [] { return reports::Verification{.method = "made up", .items = 0}; };  // nothing compared
  EXPECT_EQ(measured(c, device).verdict, Verdict::incorrect);
}

TEST(Measure, AFailedAuditIsAnError) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  device.audited = {.status = "failed", .note = "FFMA=511"};
  const auto result = measured(at_share(0.99), device);
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_NE(result.note.find("FFMA=511"), std::string::npos);
}

TEST(Measure, AContaminatedSampleMakesItNoisy) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9, .contaminated = true}};
  EXPECT_EQ(measured(at_share(0.99), device).verdict, Verdict::noisy);
}

TEST(Measure, UnknownTheoryIsReportedNotJudged) {
  fakes::Device device;
  device.what.spec.compute_capability = {99, 0};
  const auto result = measured(at_share(0.99), device);
  EXPECT_EQ(result.verdict, Verdict::no_theory);
  EXPECT_FALSE(result.peak);
  EXPECT_NE(result.note.find("99.0"), std::string::npos);
}

TEST(Measure, WithoutAFloorItIsReportedNotJudged) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  Case c = at_share(0.2);
  c.floor.reset();
  const auto result = measured(c, device);
  EXPECT_EQ(result.verdict, Verdict::no_theory);
  EXPECT_TRUE(result.peak);
}

TEST(Measure, MemoryFollowsNoSmClock) {
  fakes::Device device;  // 8 Gb/s x 1000 bits / 8 = 1 TB/s
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 0.5e9}};
  Case c = at_share(0);
  c.pipe = theory::Pipe::dram;
  c.unit = "B/s";
  c.work = [] { return 0.96e10; };
  const auto result = measured(c, device);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_NEAR(*result.efficiency.issue, 0.96, 1e-12);
  EXPECT_NEAR(*result.efficiency.spec, 0.96, 1e-12);
  EXPECT_FALSE(result.efficiency.clock);
}

TEST(Measure, WithoutARatedClockTheMeasuredOneJudges) {
  fakes::Device device;
  device.what.spec.sm_clock_hz = 0;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  const auto result = measured(at_share(0.97), device);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  EXPECT_FALSE(result.peak);
  EXPECT_NEAR(*result.efficiency.issue, 0.97, 1e-12);
  EXPECT_FALSE(result.efficiency.spec);
}

TEST(Measure, AnExceptionIsAnErrorWithItsReason) {
  fakes::Device device;
  Case c = at_share(0.99);
  bool released = false;
  c.prepare = [] {};
  c.release = [&] { released = true; };
  c.launch = [] { throw MeasurementError("cudaErrorInvalidValue: made up"); };
  const auto result = measured(c, device);
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_EQ(result.note, "cudaErrorInvalidValue: made up");
  EXPECT_TRUE(std::isnan(result.achieved_per_s));
  EXPECT_TRUE(released);
}

TEST(Measure, ADeviceFaultIsPassedOn) {
  fakes::Device device;
  Case c = at_share(0.99);
  c.launch = [] { throw DeviceFault("lost"); };
  EXPECT_THROW(static_cast<void>(measured(c, device)), DeviceFault);
  EXPECT_TRUE(DeviceFault::happened);
  DeviceFault::happened = false;  // for the tests behind this one
}

TEST(Measure, ASkipRunsNothing) {
  fakes::Device device;
  const Case c{.name = "made_up", .skip = "the device lacks it"};
  const auto result = measured(c, device);
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_EQ(result.note, "the device lacks it");
  EXPECT_EQ(device.made_up.prepared, 0);
}

TEST(Measure, PoisonComesAfterCalibrationAndBeforeTheFirstSample) {
  fakes::Device device;
  std::int64_t length = 0;
  int launches_before_poison = -1;
  int launches = 0;
  Case c = at_share(0.99);
  c.set_length = [&](std::int64_t l) { length = l; };
  c.launch = [&] {
    ++launches;
    device.made_up.script = {{.seconds = 1e-5 * static_cast<double>(length), .sm_clock_hz = 1e9}};
  };
  c.poison = [&] { launches_before_poison = launches; };
  c.work = [&] { return 0.99 * 25.6e12 * 1e-5 * static_cast<double>(length); };
  const auto result = measured(c, device);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  EXPECT_GE(result.summary.median_s, 0.002);
  EXPECT_LE(result.summary.median_s, 0.020);
  EXPECT_GE(launches_before_poison, 1);
  EXPECT_LT(launches_before_poison, 30);
  EXPECT_EQ(launches, launches_before_poison + 5 + 11);
}

TEST(Measure, AShortLaunchOfFixedSizeIsRepeatedWithinASample) {
  fakes::Device device;
  constexpr double launch_s = 1e-4;
  int launches = 0;
  Case c = at_share(0.97, launch_s);
  c.launch = [&] {
    ++launches;
    device.made_up.script = {{.seconds = launch_s * launches, .sm_clock_hz = 1e9}};
  };
  device.made_up.on_start = [&] { launches = 0; };
  const auto result = measured(c, device);
  EXPECT_EQ(result.launches_per_sample, 100);
  EXPECT_NEAR(result.summary.median_s, 0.01, 1e-12);
  EXPECT_NEAR(*result.efficiency.issue, 0.97, 1e-9);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
}

TEST(Measure, CalibrationDoesNotTrustATimerThatStandsStill) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0}};
  Case c = at_share(0.99);
  c.set_length = [](std::int64_t) {};
  EXPECT_EQ(measured(c, device).verdict, Verdict::error);
}

TEST(Measure, ACaseIsHeldAgainstItsReference) {
  fakes::Device device;
  bool reference_runs = false;
  Case c = at_share(0.5);
  c.floor.reset();
  c.launch = [&] { device.made_up.script = {{.seconds = 0.010, .sm_clock_hz = 1e9}}; };
  c.reference = ReferenceLaunch{.name = "library", .launch = [&] {
                                  reference_runs = true;
                                  device.made_up.script = {{.seconds = 0.008, .sm_clock_hz = 1e9}};
                                }};
  const auto result = measured(c, device);
  ASSERT_TRUE(result.reference);
  EXPECT_TRUE(reference_runs);
  EXPECT_EQ(result.reference->name, "library");
  EXPECT_NEAR(result.reference->ratio, 0.8, 1e-9);
}

TEST(Measure, ANoisyOrFailingReferenceIsNoReferenceAndNoError) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.010, .sm_clock_hz = 1e9}};
  Case c = at_share(0.97);
  c.reference = ReferenceLaunch{.name = "library", .launch = [&] {
                                  device.made_up.script = {{.seconds = 0.010}, {.seconds = 0.013}};
                                }};
  const auto noisy = measured(c, device);
  EXPECT_FALSE(noisy.reference);
  EXPECT_NE(noisy.note.find("quietly"), std::string::npos) << noisy.note;
  EXPECT_EQ(noisy.verdict, Verdict::pass);

  device.made_up.script = {{.seconds = 0.010, .sm_clock_hz = 1e9}};
  c.reference->launch = [] { throw MeasurementError("made up"); };
  const auto failing = measured(c, device);
  EXPECT_FALSE(failing.reference);
  EXPECT_NE(failing.note.find("the reference failed: made up"), std::string::npos) << failing.note;
  EXPECT_EQ(failing.verdict, Verdict::pass);
}

TEST(Measure, AnIdleDeviceIsWokenBeforeItsLaunchesAreSized) {
  fakes::Device device;
  std::int64_t length = 0;
  int launches = 0;
  Case c = at_share(0.99);
  c.set_length = [&](std::int64_t l) { length = l; };
  c.launch = [&] {
    const double speed = ++launches < 12 ? 1 : 8;  // asleep at first
    device.made_up.script = {{.seconds = 1e-5 * static_cast<double>(length) / speed, .sm_clock_hz = 1e9}};
  };
  c.work = [&] { return 0.99 * 25.6e12 * 1e-5 * static_cast<double>(length) / 8; };
  const auto result = measured(c, device);
  EXPECT_GE(result.summary.median_s, 0.002);
  EXPECT_LE(result.summary.median_s, 0.020);
}

TEST(Measure, AWrongReferenceIsNoReference) {
  fakes::Device device;
  bool reference_ran = false;
  Case c = at_share(0.5);
  c.reference = ReferenceLaunch{.name = "library", .launch = [&] { reference_ran = true; }};
  c.verify = [&] {
    return reports::Verification{.method = "made up", .items = 1, .mismatches = reference_ran ? 1 : 0};
  };
  const auto result = measured(c, device);
  EXPECT_FALSE(result.reference);
  EXPECT_NE(result.note.find("library gave a wrong answer"), std::string::npos);
}

/// A case that reads these cycles from its launches, one after the other and over again.
Case with_readings(std::vector<double> readings) {
  Case c{.name = "latency",
         .unit = "OP/s",
         .kernel = "made_up",
         .work = [] { return 1e6; },
         .launch = [] {},
         .verify = fakes::right_answer};
  c.latency_cycles = [readings = std::move(readings), next = std::size_t{0}]() mutable {
    return readings[next++ % readings.size()];
  };
  return c;
}

TEST(Latency, IsTheMedianOfOneReadingForEachSample) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 2e9}};
  const auto result = measured(with_readings({4.0, 4.1, 4.2}), device);
  EXPECT_EQ(result.verdict, Verdict::no_theory) << result.note;
  EXPECT_EQ(result.note, "latency: reported, not judged");
  ASSERT_EQ(result.samples.size(), 11U);
  for (std::size_t i = 0; i < 11; ++i)
    EXPECT_EQ(result.samples[i].latency_cycles, 4.0 + 0.1 * static_cast<double>(i % 3));
  ASSERT_TRUE(result.latency);
  EXPECT_EQ(result.latency->cycles, 4.1);
  EXPECT_EQ(result.latency->ci95.low, 4.0);
  EXPECT_EQ(result.latency->ci95.high, 4.2);
  EXPECT_NEAR(*result.latency->ns, 2.05, 1e-12);
  EXPECT_NEAR(result.achieved_per_s, 1e8, 1e-3) << "dependent steps a second";
  EXPECT_FALSE(result.peak);
  EXPECT_FALSE(result.efficiency.issue);
}

TEST(Latency, IsReadAfterItsOwnLaunch) {
  fakes::Device device;
  int launches = 0;
  Case c = with_readings({0});
  c.launch = [&] { ++launches; };
  c.latency_cycles = [&] { return static_cast<double>(launches); };
  const auto result = measured(c, device);
  ASSERT_EQ(result.samples.size(), 11U);
  for (std::size_t i = 0; i < 11; ++i)
    EXPECT_EQ(*result.samples[i].latency_cycles, launches - 10 + static_cast<double>(i));
}

TEST(Latency, WithoutAClockThereAreNoNanoseconds) {
  fakes::Device device;
  const auto result = measured(with_readings({4}), device);
  EXPECT_EQ(result.latency->cycles, 4);
  EXPECT_FALSE(result.latency->ns);
  EXPECT_EQ(result.verdict, Verdict::no_theory);
}

TEST(Latency, AReadingThatIsNoneIsAnError) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 0.0, -4.0}) {
    fakes::Device device;
    device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 2e9}};
    const auto result = measured(with_readings({4, 4, 4, 4, bad}), device);
    EXPECT_EQ(result.verdict, Verdict::error) << bad;
    EXPECT_NE(result.note.find("no positive number of cycles"), std::string::npos) << result.note;
    EXPECT_FALSE(reports::usable(*result.latency));
  }
}

TEST(Latency, ContaminatedSamplesAreLeftOut) {
  fakes::Device device;
  device.made_up.script.assign(6, {.seconds = 0.01, .sm_clock_hz = 2e9});
  device.made_up.script[5].contaminated = true;
  int samples = 0;
  Case c = with_readings({0});
  // The six launches of the script come over again: what is read after the contaminated one is far off.
  c.latency_cycles = [&] {
    ++samples;
    return (device.made_up.next - 1) % 6 == 5 ? 400.0 : 4.0;
  };
  const auto result = measured(c, device);
  EXPECT_GT(result.summary.contaminated, 0);
  EXPECT_EQ(result.latency->cycles, 4);
  EXPECT_EQ(result.latency->ci95.high, 4);
  EXPECT_EQ(result.verdict, Verdict::no_theory) << result.note;
  EXPECT_EQ(static_cast<std::size_t>(samples), result.samples.size());
}

TEST(Latency, AnUnreadableOneIsAnErrorAndAWrongAnswerStaysWrong) {
  fakes::Device device;
  Case c = with_readings({4});
  c.verify = [] { return reports::Verification{.method = "made up", .items = 100, .mismatches = 1}; };
  EXPECT_EQ(measured(c, device).verdict, Verdict::incorrect);
  c.latency_cycles = []() -> double { throw MeasurementError("cudaErrorUnknown: made up"); };
  const auto result = measured(c, device);
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_EQ(result.note, "cudaErrorUnknown: made up");
}

TEST(Latency, TheUsersFloorIsNotForIt) {
  fakes::Device device;
  auto policy = fakes::policy(device.made_up);
  policy.min_efficiency = 0.9;
  const auto result = measure(with_readings({4}), device, policy);
  EXPECT_FALSE(result.floor);
  EXPECT_EQ(result.verdict, Verdict::no_theory);
}

TEST(Latency, OfOtherCasesThereIsNone) {
  fakes::Device device;
  EXPECT_FALSE(measured(at_share(0.97), device).latency);
}

Case sweep_point(double share) {
  Case c = at_share(share);
  c.params = {{"ilp", "2"}, {"warps_per_sm", "32"}};
  c.floor.reset();
  return c;
}

TEST(Sweep, APointIsReportedNotJudged) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  const auto result = measured(sweep_point(0.3), device);
  EXPECT_EQ(result.verdict, Verdict::no_theory);
  EXPECT_EQ(result.note, "a point of a sweep: reported, not judged");
  EXPECT_NEAR(*result.efficiency.issue, 0.3, 1e-12);
}

TEST(Sweep, OtherVerdictsStayAsTheyAre) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  EXPECT_EQ(measured(sweep_point(1.2), device).verdict, Verdict::above_theory);
  Case wrong = sweep_point(0.3);
  wrong.verify = [] { return reports::Verification{.method = "made up", .items = 100, .mismatches = 1}; };
  EXPECT_EQ(measured(wrong, device).verdict, Verdict::incorrect);
  device.made_up.script = {{.seconds = 0.01}, {.seconds = 0.02}};
  auto policy = fakes::policy(device.made_up);
  policy.sampling.max_samples = 20;
  EXPECT_EQ(measure(sweep_point(0.3), device, policy).verdict, Verdict::noisy);
}

TEST(Sweep, WithoutTheoryThePointSaysBoth) {
  fakes::Device device;
  device.what.spec.compute_capability = {99, 0};
  const auto result = measured(sweep_point(0.3), device);
  EXPECT_EQ(result.verdict, Verdict::no_theory);
  EXPECT_NE(result.note.find("a point of a sweep"), std::string::npos) << result.note;
  EXPECT_NE(result.note.find("no sourced theory"), std::string::npos) << result.note;
}

TEST(Policy, APointOfASweepIsShort) {
  const auto never = [] { return false; };
  const auto quick = policy_for({.quick = true}, never);
  const auto sweep = policy_for({.sweep = true}, never);
  EXPECT_LT(sweep.sampling.budget_s, quick.sampling.budget_s);
  EXPECT_EQ(sweep.sampling.min_samples, quick.sampling.min_samples) << "shorter, but no worse known";
  const double shortest = (sweep.sampling.min_samples + sweep.sampling.settle_window) * sweep.target_sample_s;
  EXPECT_LT(shortest, 0.2);
  EXPECT_GE(sweep.target_sample_s, sweep.min_sample_s);
}

TEST(Policy, QuickIsShorterAndThePlateauIsTenSeconds) {
  const auto never = [] { return false; };
  const auto settled = policy_for({}, never);
  const auto quick = policy_for({.quick = true}, never);
  EXPECT_LT(quick.sampling.budget_s, settled.sampling.budget_s);
  EXPECT_EQ(quick.sampling.min_samples, settled.sampling.min_samples);
  EXPECT_EQ(plateau(settled).sampling.warmup_min_s, 10);
  EXPECT_GE(plateau(quick).sampling.warmup_budget_s, 10);
}

}  // namespace
}  // namespace peakproof::bench
