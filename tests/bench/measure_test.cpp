#include "bench/harness/measure.hpp"

#include <gmock/gmock.h>
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

TEST(Measure, TheRegionThatIsWatchedIsThatOfTheSamples) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  device.seen.telemetry = reports::Telemetry{.begin_s = 1, .end_s = 2, .count = 7, .max_power_w = 400};
  const auto result = measured(at_share(0.97), device);
  EXPECT_EQ(device.regions_begun, 1);
  EXPECT_EQ(device.regions_ended, 1);
  EXPECT_GE(device.samples_before_region, 5U) << "calibration and warm-up are before it";
  EXPECT_EQ(device.samples_behind_region - device.samples_before_region, result.samples.size());
  ASSERT_TRUE(result.telemetry);
  EXPECT_EQ(result.telemetry->count, 7);
  EXPECT_EQ(result.telemetry->max_power_w, 400);
}

TEST(Measure, ABurstIsWatchedFromItsFirstLaunchOn) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.002, .sm_clock_hz = 1e9}};
  auto policy = fakes::policy(device.made_up);
  policy.mode = Mode::burst;
  std::size_t rested_at = 0;
  policy.rest = [&](double) { rested_at = device.made_up.next; };
  const auto result = measure(at_share(0.97, 0.002), device, policy);
  EXPECT_EQ(device.samples_before_region, rested_at);
  EXPECT_EQ(device.samples_behind_region - device.samples_before_region, result.samples.size());
}

TEST(Measure, WithoutAnybodyToAskThereIsNoTelemetry) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  EXPECT_FALSE(measured(at_share(0.97), device).telemetry);
}

TEST(Measure, TheReasonsOfTheRegionNameTheClockLoss) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 0.8e9}};
  device.seen.clock = {.power_cap = 0.5, .hardware_slowdown = 0.25};
  const auto result = measured(at_share(0.8), device);
  ASSERT_EQ(result.losses.size(), 3U);
  EXPECT_EQ(result.losses[0].name, "power cap");
  EXPECT_NEAR(result.losses[0].fraction, 0.1, 1e-12);
  EXPECT_EQ(result.losses[1].name, "hardware slowdown");
  EXPECT_NEAR(result.losses[1].fraction, 0.05, 1e-12);
  EXPECT_EQ(result.losses[2].name, "unknown");
  EXPECT_NEAR(result.losses[2].fraction, 0.05, 1e-12);
}

TEST(Measure, AFaultThatTheDriverReportsIsPassedOn) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  device.fault = "Xid 79";
  EXPECT_THROW(static_cast<void>(measured(at_share(0.97), device)), DeviceFault);
  DeviceFault::happened = false;
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

TEST(Measure, ACaseMayKnowItsOwnPeak) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 0.5e9}};
  Case link = at_share(0);
  link.work = [] { return 5e8; };
  link.pipe = theory::Pipe::pcie;
  link.unit = "B/s";
  link.floor = reports::Floor{0.7, "made up"};
  std::vector<double> asked;
  link.peak = [&asked](double clock_hz) {
    asked.push_back(clock_hz);
    return std::optional(theory::Peak{theory::Pipe::pcie, 6e10, 0, "16 lanes", "made up"});
  };
  const auto result = measured(link, device);
  EXPECT_THAT(asked, testing::ElementsAre(0, 0.5e9)) << "rated, where a link has no clock, and measured";
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  EXPECT_EQ(result.peak->formula, "16 lanes");
  EXPECT_DOUBLE_EQ(*result.efficiency.issue, 5e10 / 6e10);
  EXPECT_FALSE(result.efficiency.clock) << "it follows no SM clock";

  link.peak = [](double) { return std::optional<theory::Peak>(); };
  EXPECT_EQ(measured(link, device).verdict, Verdict::no_theory);
}

TEST(Measure, ACaseMayHaveItsOwnClock) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  Case call = at_share(0);
  call.work = [] { return 1000.0; };
  call.set_length = [](std::int64_t) {};
  call.pipe.reset();
  call.unit = "CALL/s";
  int asked = 0;
  call.own_seconds = [&asked] {
    ++asked;
    return 0.004;
  };
  const auto result = measured(call, device);
  EXPECT_DOUBLE_EQ(result.summary.median_s, 0.004);
  EXPECT_DOUBLE_EQ(result.achieved_per_s, 1000 / 0.004);
  EXPECT_DOUBLE_EQ(*result.summary.median_sm_clock_hz, 1e9) << "the rest of a sample stays";
  EXPECT_EQ(asked, device.made_up.stopped) << "once a timed launch";

  call.own_seconds = [] { return 0.0; };
  const auto none = measured(call, device);
  EXPECT_EQ(none.verdict, Verdict::error);
  EXPECT_THAT(none.note, testing::HasSubstr("took no time"));
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

/// A case and its reference on a device that gets hotter with every launch: each one is slower and has a lower clock.
struct Heating {
  fakes::Device device;
  double speed = 1;
  Case what = at_share(0.5);

  Heating() {
    what.floor.reset();
    what.launch = [this] { launch(0.010); };
    what.reference = ReferenceLaunch{.name = "library", .launch = [this] { launch(0.009); }};
  }
  void launch(double seconds) {
    speed *= 0.9998;
    device.made_up.script = {{.seconds = seconds / speed, .sm_clock_hz = 1e9 * speed}};
  }
};

TEST(Measure, ACaseAndItsReferenceAreSampledInTurn) {
  Heating heating;
  const auto result = measured(heating.what, heating.device);
  ASSERT_TRUE(result.reference) << result.note;
  const auto& reference = *result.reference;
  EXPECT_NEAR(reference.ratio, 0.9, 0.9 * 0.0003) << "of one launch's heat at most, not of a whole series";
  EXPECT_EQ(reference.ratio, *reference.own_achieved_per_s / reference.achieved_per_s);
  EXPECT_NEAR(*reference.own_sm_clock_hz / *reference.sm_clock_hz, 1, 0.0003);
  EXPECT_GT(result.achieved_per_s, 1.002 * *reference.own_achieved_per_s)
      << "the result's own figure is that of its own, cooler samples";
  EXPECT_EQ(result.samples.size(), static_cast<std::size_t>(result.summary.count));
}

TEST(Measure, AReferenceThatDoesNothingDoesNotHideBehindTheCase) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.010, .sm_clock_hz = 1e9}};
  bool filled = false;  // by a launch of the case; the reference leaves everything as it is
  Case c = at_share(0.97);
  c.poison = [&] { filled = false; };
  c.launch = [&] { filled = true; };
  c.verify = [&] { return reports::Verification{.method = "made up", .items = 1, .mismatches = filled ? 0 : 1}; };
  c.reference = ReferenceLaunch{.name = "library", .launch = [] {}};
  const auto result = measured(c, device);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_FALSE(result.reference);
  EXPECT_NE(result.note.find("library gave a wrong answer"), std::string::npos) << result.note;
}

TEST(Measure, ANoisyOrFailingReferenceIsNoReferenceAndNoError) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.010, .sm_clock_hz = 1e9}};
  Case c = at_share(0.97);
  int turns = 0;
  c.launch = [&] { device.made_up.script = {{.seconds = 0.010, .sm_clock_hz = 1e9}}; };
  c.reference = ReferenceLaunch{
      .name = "library", .launch = [&] { device.made_up.script = {{.seconds = ++turns % 2 == 0 ? 0.010 : 0.013}}; }};
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

TEST(Reference, IsNoneOfABurst) {
  Heating heating;
  int references = 0;
  heating.what.reference->launch = [&] { ++references; };
  heating.what.launch = [&] { heating.launch(0.0015); };
  const auto result =
      measure(heating.what, heating.device, in_mode(fakes::policy(heating.device.made_up), Mode::burst));
  EXPECT_FALSE(result.reference);
  EXPECT_EQ(references, 0);
}

/// A product on a device under a power cap: a launch takes as many cycles at any clock, and the clock falls from 1 GHz
/// with every millisecond of load by a thousandth and is back after a rest.
struct Capped {
  fakes::Device device;
  double clock_hz = 1e9;
  double cycles = 1.5e6;
  double rested_s = 0;
  int launches = 0;
  int launches_at_rest = 0;
  std::vector<double> work_at;
  Case what = at_share(0.97, 0.0015);

  Capped() {
    what.launch = [this] {
      ++launches;
      const double seconds = cycles / clock_hz;
      device.made_up.script = {{.seconds = seconds, .sm_clock_hz = clock_hz, .power_w = 700 * clock_hz / 1e9}};
      clock_hz = std::max(0.7e9, clock_hz * (1 - seconds));
    };
  }
  reports::Result measured() {
    MeasurePolicy policy = in_mode(fakes::policy(device.made_up), Mode::burst);
    policy.rest = [this](double seconds) {
      rested_s += seconds;
      launches_at_rest = launches;
      clock_hz = 1e9;
    };
    return measure(what, device, policy);
  }
};

TEST(Burst, IsSampledFromIdleWithoutAWarmUp) {
  Capped capped;
  int poisoned_at = -1;
  capped.what.poison = [&] { poisoned_at = capped.launches; };
  const auto result = capped.measured();
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  EXPECT_EQ(result.params.at("mode"), "burst");
  EXPECT_EQ(capped.rested_s, 0.5);
  EXPECT_EQ(poisoned_at, capped.launches_at_rest) << "the answer is that of the burst alone";
  EXPECT_EQ(result.samples.size(), static_cast<std::size_t>(capped.launches - capped.launches_at_rest));
  EXPECT_EQ(result.samples.front().sm_clock_hz, 1e9) << "the first launch after the rest is the first sample";
  EXPECT_EQ(result.samples.front().seconds, 0.0015);
  double busy_s = 0;
  for (const auto& sample : result.samples) busy_s += sample.seconds;
  EXPECT_GE(busy_s, 0.050);
  EXPECT_LT(busy_s, 0.052);
  EXPECT_EQ(result.summary.stop, reports::StopReason::time_budget);
  EXPECT_EQ(result.note, "");
  EXPECT_NEAR(*result.efficiency.issue, 0.97, 1e-3);
  EXPECT_NEAR(*result.summary.median_power_w, 700 * *result.summary.median_sm_clock_hz / 1e9, 1e-6);
}

TEST(Burst, IsNotNoisyBecauseItsClockFalls) {
  Capped capped;
  capped.cycles = 1.5e6;
  capped.what.launch = [&] {
    capped.device.made_up.script = {{.seconds = capped.cycles / capped.clock_hz, .sm_clock_hz = capped.clock_hz}};
    capped.clock_hz = std::max(0.5e9, capped.clock_hz * 0.98);
  };
  const auto falling = capped.measured();
  EXPECT_GT(falling.summary.spread, 0.2);
  EXPECT_EQ(falling.verdict, Verdict::pass) << falling.note;

  Capped uneven;  // what it reaches at its clock changes: that is noise
  int turn = 0;
  uneven.what.launch = [&] {
    uneven.device.made_up.script = {{.seconds = ++turn % 2 == 0 ? 0.0015 : 0.0018, .sm_clock_hz = 1e9}};
  };
  EXPECT_EQ(uneven.measured().verdict, Verdict::noisy);
}

TEST(Burst, HasTheFloorOfTheCase) {
  Capped capped;
  capped.cycles *= 1.1;
  EXPECT_EQ(capped.measured().verdict, Verdict::below);
}

TEST(Burst, ALaunchOfAdjustableLengthIsAtMostTwoMilliseconds) {
  Capped capped;
  std::int64_t length = 0;
  capped.what.set_length = [&](std::int64_t l) {
    length = l;
    capped.cycles = 1e3 * static_cast<double>(l);
  };
  capped.what.work = [&] { return 0.97 * 25.6e12 * 1e-6 * static_cast<double>(length); };
  const auto result = capped.measured();
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  EXPECT_LE(result.summary.max_s, 0.002);
  EXPECT_GE(result.samples.size(), 25U);
}

TEST(Burst, AShortLaunchIsRepeatedWithinASampleOfAtMostTwoMilliseconds) {
  for (const double launch_s : {1e-5, 1e-4, 4e-4, 4.9e-4, 6e-4, 1.1e-3}) {
    Capped capped;
    int launches = 0;
    capped.what = at_share(0.97, launch_s);
    capped.what.launch = [&] {
      ++launches;
      capped.device.made_up.script = {{.seconds = launch_s * launches, .sm_clock_hz = 1e9}};
    };
    capped.device.made_up.on_start = [&] { launches = 0; };
    const auto result = capped.measured();
    EXPECT_LE(result.summary.max_s, 0.002) << launch_s;
    EXPECT_GE(result.summary.min_s, 0.0005) << launch_s;
    EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  }
}

TEST(Burst, ALongLaunchIsSaidAndOneThatOutlastsItIsSkipped) {
  Capped slow;
  slow.cycles = 8e6;
  slow.what.work = [] { return 0.97 * 25.6e12 * 0.008; };
  const auto result = slow.measured();
  EXPECT_EQ(result.summary.count, 11);
  EXPECT_EQ(result.launches_per_sample, 1);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.note;
  EXPECT_NE(result.note.find("a sample of a burst should take at most 2 ms"), std::string::npos) << result.note;
  EXPECT_NE(result.note.find("11 samples took"), std::string::npos) << result.note;

  Capped slower;
  slower.cycles = 60e6;
  const auto skipped = slower.measured();
  EXPECT_EQ(skipped.verdict, Verdict::skipped);
  EXPECT_NE(skipped.note.find("longer than a burst of 50 ms"), std::string::npos) << skipped.note;
  EXPECT_EQ(skipped.params.at("mode"), "burst");
  EXPECT_EQ(slower.rested_s, 0);
}

TEST(Burst, ADeviceThatWaitsForTheMeasuringIsSaid) {
  Capped capped;
  capped.device.made_up.on_start = [&] { capped.device.made_up.wall += 0.0015; };
  const auto result = capped.measured();
  EXPECT_NE(result.note.find("the device was busy for 5"), std::string::npos) << result.note;
}

TEST(Burst, AnInterruptEndsItWithoutAVerdict) {
  Capped capped;
  MeasurePolicy policy = in_mode(fakes::policy(capped.device.made_up), Mode::burst);
  policy.rest = [&](double) { capped.device.made_up.wall = 0; };
  policy.interrupted = [&] { return capped.device.made_up.wall > 0.02; };
  const auto result = measure(capped.what, capped.device, policy);
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_EQ(result.note, "interrupted");
  EXPECT_LT(result.samples.size(), 20U);
}

TEST(Modes, StandInTheParamsWhateverHappens) {
  fakes::Device device;
  const Case lacking{.name = "made_up", .skip = "the device lacks it"};
  Case failing = at_share(0.9);
  failing.launch = [] { throw MeasurementError("made up"); };
  for (const Case& c : {lacking, failing, at_share(0.97, 0.002)}) {
    device.made_up.script = {{.seconds = 0.002, .sm_clock_hz = 1e9}};
    const auto policy = fakes::policy(device.made_up);
    EXPECT_EQ(measure(c, device, policy).params.count("mode"), 0U);
    EXPECT_EQ(measure(c, device, in_mode(policy, Mode::burst)).params.at("mode"), "burst");
    EXPECT_EQ(measure(c, device, in_mode(policy, Mode::plateau)).params.at("mode"), "plateau");
  }
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

TEST(Sweep, APointWithoutAMapIsOneToo) {
  fakes::Device device;
  device.made_up.script = {{.seconds = 0.01, .sm_clock_hz = 1e9}};
  for (const reports::Texts& params :
       {reports::Texts{{"m", "128"}, {"n", "256"}, {"sweep", "shapes"}}, reports::Texts{{"n", "64"}, {"sweep", "n"}}}) {
    Case c = sweep_point(0.3);
    c.params = params;
    const auto result = measured(c, device);
    EXPECT_EQ(result.verdict, Verdict::no_theory);
    EXPECT_EQ(result.note, "a point of a sweep: reported, not judged");
  }
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
  EXPECT_EQ(in_mode(settled, Mode::plateau).sampling.warmup_min_s, 10);
  EXPECT_GE(in_mode(quick, Mode::plateau).sampling.warmup_budget_s, 10);
  EXPECT_EQ(in_mode(settled, Mode::settled).sampling.warmup_min_s, 0);
}

TEST(Policy, ABurstIsTheSameQuickOrNotAndItsRestCanBeInterrupted) {
  const auto never = [] { return false; };
  const auto burst = in_mode(policy_for({}, never), Mode::burst);
  EXPECT_EQ(burst.burst.device_s, 0.050);
  EXPECT_EQ(burst.burst.rest_s, 0.5);
  EXPECT_LE(2 * burst.target_sample_s, burst.burst.longest_sample_s);
  EXPECT_EQ(in_mode(policy_for({.quick = true}, never), Mode::burst).burst.device_s, 0.050);
  const double begin = burst.now();
  burst.rest(0.1);
  EXPECT_GE(burst.now() - begin, 0.1);
  const auto stopped = policy_for({}, [] { return true; });
  const double again = stopped.now();
  stopped.rest(60);
  EXPECT_LT(stopped.now() - again, 10);
}

}  // namespace
}  // namespace peakproof::bench
