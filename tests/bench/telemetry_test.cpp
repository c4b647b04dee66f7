// Telemetry on made-up sources: normal, slow, throwing, answering nonsense, never returning. Nothing passes or fails by how
// fast this machine is: what is waited for comes, or the test's own limit says that it never did.
#include "bench/harness/telemetry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <limits>
#include <stdexcept>
#include <thread>

#include "bench/harness/call_thread.hpp"

namespace peakproof::bench {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPatienceSeconds = 30;

/// Waits until it holds; false where it never does.
template <class Holds>
bool comes(const Holds& holds) {
  const double end = steady_now_s() + kPatienceSeconds;
  while (!holds()) {
    if (steady_now_s() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

Look busy_look() {
  return {.point = {.sm_clock_hz = 1.5e9, .power_w = 400, .temperature_c = 60, .clock_reasons = 0x4},
          .lowered = {},
          .processes = 1,
          .events = {}};
}

/// A source that stays in a look until it is let go.
struct Gate {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<bool> shut = false;
  std::atomic<int> waiting = 0;
  void pass() {
    if (!shut) return;
    ++waiting;
    opened.wait();
  }
};

Telemetry::Settings quick(double late_s = kPatienceSeconds) {
  return {.epoch_s = steady_now_s(), .period_s = 0.002, .late_s = late_s};
}

TEST(CallThread, GivesTheAnswerAndWhatWasThrown) {
  CallThread thread;
  EXPECT_EQ(thread.ask([] { return 42; }, kPatienceSeconds), 42);
  EXPECT_NE(thread.ask([] { return std::this_thread::get_id(); }, kPatienceSeconds), std::this_thread::get_id());
  EXPECT_THROW(static_cast<void>(thread.run([] { throw std::runtime_error("no"); }, kPatienceSeconds)),
               std::runtime_error);
  EXPECT_EQ(thread.ask([] { return 43; }, kPatienceSeconds), 43) << "it lives on";
}

TEST(CallThread, ACallFromTheThreadItselfRunsAtOnce) {
  CallThread thread;
  const auto inner = [&thread] { return thread.ask([] { return 7; }, kPatienceSeconds); };
  EXPECT_EQ(thread.ask(inner, kPatienceSeconds), std::optional<std::optional<int>>(7));
}

TEST(CallThread, WaitsNoLongerThanTheDeadlineAndForgetsWhatHadNotBegun) {
  Gate gate;
  gate.shut = true;
  std::atomic<int> ran = 0;
  {
    CallThread thread;
    thread.post([&gate] { gate.pass(); });
    ASSERT_TRUE(comes([&] { return gate.waiting > 0; }));
    EXPECT_FALSE(thread.run([&ran] { ++ran; }, 0.01));
    EXPECT_FALSE(thread.stuck()) << "not yet";
    gate.open.set_value();
    EXPECT_TRUE(thread.run([] {}, kPatienceSeconds));
  }
  EXPECT_EQ(ran, 0) << "nobody waited for it any more";
}

TEST(CallThread, OneThatIsStuckIsNotWaitedForAgain) {
  auto gate = std::make_shared<Gate>();
  gate->shut = true;
  CallThread thread;
  thread.post([gate] { gate->pass(); });
  ASSERT_TRUE(comes([&] { return thread.stuck(); }));
  const double begin = steady_now_s();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(thread.run([] {}, kPatienceSeconds));
  EXPECT_LT(steady_now_s() - begin, kPatienceSeconds) << "not one of a hundred deadlines was waited for";
  gate->open.set_value();
  EXPECT_TRUE(comes([&] { return !thread.stuck(); }));
  EXPECT_TRUE(thread.run([] {}, kPatienceSeconds)) << "it recovers";
}

TEST(CallThread, WhatACallOwnsEndsOnTheThread) {
  struct Owned {
    std::thread::id* where;
    explicit Owned(std::thread::id* out) : where(out) {}
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() { *where = std::this_thread::get_id(); }
  };
  std::thread::id posted;
  std::thread::id repeated;
  std::thread::id own;
  {
    CallThread thread;
    own = *thread.ask([] { return std::this_thread::get_id(); }, kPatienceSeconds);
    thread.repeat([owned = std::make_shared<Owned>(&repeated)] {}, 0.001);
    thread.post([owned = std::make_shared<Owned>(&posted)] {});
  }
  EXPECT_EQ(posted, own);
  EXPECT_EQ(repeated, own);
}

TEST(CallThreadDeathTest, AStuckThreadDoesNotKeepTheProcessAndItsExitCodeStays) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        static struct Trap {
          ~Trap() { std::this_thread::sleep_for(std::chrono::hours(1)); }
        } trap;
        {
          std::promise<void> begun;
          CallThread thread;
          thread.post([&begun] {
            begun.set_value();
            std::this_thread::sleep_for(std::chrono::hours(1));
          });
          begun.get_future().wait();
        }
        std::exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST(Telemetry, TellsWhatWasSeenInTheRegion) {
  const auto thread = std::make_shared<CallThread>();
  std::atomic<int> looks = 0;
  Telemetry telemetry(
      thread,
      [&looks] {
        ++looks;
        return busy_look();
      },
      quick());
  telemetry.begin_region();
  const int before = looks;
  ASSERT_TRUE(comes([&] { return looks > before + 5; }));
  const auto region = telemetry.end_region();
  ASSERT_TRUE(region.telemetry);
  const auto& seen = *region.telemetry;
  EXPECT_GE(seen.count, 4);
  EXPECT_GE(seen.begin_s, 0) << "from the epoch on";
  EXPECT_GT(seen.end_s, seen.begin_s);
  EXPECT_DOUBLE_EQ(seen.median_sm_clock_hz.value(), 1.5e9);
  EXPECT_DOUBLE_EQ(seen.max_power_w.value(), 400);
  EXPECT_DOUBLE_EQ(seen.max_temperature_c.value(), 60);
  EXPECT_DOUBLE_EQ(seen.reasons.at("sw_power_cap"), 1);
  EXPECT_THAT(seen.reasons, SizeIs(1));
  EXPECT_DOUBLE_EQ(region.clock.power_cap, 1);
  EXPECT_EQ(telemetry.processes(), 1);
  EXPECT_FALSE(telemetry.timeline().empty());
  EXPECT_TRUE(telemetry.why().empty());
}

TEST(Telemetry, ARegionTooShortForALookIsLookedAtRightBehindIt) {
  const auto thread = std::make_shared<CallThread>();
  auto settings = quick();
  settings.period_s = 3600;
  settings.late_s = 3600;
  Telemetry telemetry(thread, busy_look, settings);
  telemetry.begin_region();
  const auto region = telemetry.end_region();
  ASSERT_TRUE(region.telemetry);
  EXPECT_EQ(region.telemetry->count, 1);
  EXPECT_FALSE(region.telemetry->stale);
  EXPECT_DOUBLE_EQ(region.clock.power_cap, 1);
  EXPECT_FALSE(telemetry.power_w()) << "of a region that is over";
  telemetry.begin_region();
  telemetry.look_now(kPatienceSeconds);
  EXPECT_EQ(telemetry.power_w(), 400);
}

TEST(Telemetry, TheDriversCountersSeeWhatLooksMiss) {
  const auto thread = std::make_shared<CallThread>();
  double at = 0;  // of the thread alone
  Telemetry telemetry(
      thread,
      [&at] {
        at += 1;
        Look look;
        look.point.clock_reasons = 0;
        look.lowered = {{"sw_power_cap", {.at_s = at, .lowered_s = 0.25 * at}}, {"sw_thermal", {.at_s = at}}};
        return look;
      },
      quick());
  telemetry.begin_region();
  const auto region = telemetry.end_region();
  ASSERT_TRUE(region.telemetry);
  EXPECT_NEAR(region.telemetry->reasons.at("sw_power_cap"), 0.25, 1e-12);
  EXPECT_EQ(region.telemetry->reasons.count("sw_thermal"), 0U) << "no time is no reason";
  EXPECT_NEAR(region.clock.power_cap, 0.25, 1e-12);
  EXPECT_EQ(region.clock.thermal, 0);
}

TEST(Telemetry, ASourceThatNeverReturnsMakesTheRegionStaleAndKeepsNobody) {
  auto gate = std::make_shared<Gate>();
  const auto thread = std::make_shared<CallThread>();
  Telemetry telemetry(
      thread,
      [gate] {
        gate->pass();
        return busy_look();
      },
      quick(0.2));
  telemetry.begin_region();
  ASSERT_TRUE(comes([&] { return !telemetry.timeline().empty(); }));
  gate->shut = true;
  ASSERT_TRUE(comes([&] { return gate->waiting > 0; }));
  const auto region = telemetry.end_region();
  ASSERT_TRUE(region.telemetry);
  EXPECT_TRUE(region.telemetry->stale);
  EXPECT_TRUE(telemetry.stale());
  EXPECT_TRUE(comes([&] { return telemetry.late(); }));
  EXPECT_FALSE(telemetry.power_w());
  EXPECT_FALSE(telemetry.timeline().empty()) << "what was seen before stays";
  telemetry.begin_region();
  EXPECT_TRUE(telemetry.end_region().telemetry->stale) << "and so is the next one";
  gate->open.set_value();
  gate->shut = false;
  ASSERT_TRUE(comes([&] { return !telemetry.late(); }));
  EXPECT_TRUE(telemetry.stale()) << "for the run it stays said";
}

TEST(Telemetry, OneThatNeverAnsweredAndHangsIsStaleToo) {
  auto gate = std::make_shared<Gate>();
  gate->shut = true;
  const auto thread = std::make_shared<CallThread>();
  Telemetry telemetry(
      thread,
      [gate] {
        gate->pass();
        return busy_look();
      },
      quick(0.2));
  telemetry.begin_region();
  const auto region = telemetry.end_region();
  ASSERT_TRUE(region.telemetry);
  EXPECT_TRUE(region.telemetry->stale);
  EXPECT_EQ(region.telemetry->count, 0);
  gate->open.set_value();
}

TEST(Telemetry, AGapBetweenTwoLooksIsStale) {
  std::atomic<bool> slow = false;
  std::atomic<int> looks = 0;
  const auto settings = quick(0.2);
  Telemetry telemetry(
      std::make_shared<CallThread>(),
      [&] {
        if (slow.exchange(false)) std::this_thread::sleep_for(std::chrono::duration<double>(1.5 * settings.late_s));
        ++looks;
        return busy_look();
      },
      settings);
  telemetry.begin_region();
  slow = true;
  ASSERT_TRUE(comes([&] { return !slow; }));
  const int before = looks;
  ASSERT_TRUE(comes([&] { return looks > before + 2; }));
  EXPECT_TRUE(telemetry.end_region().telemetry->stale) << "though the last look came in time";
}

TEST(Telemetry, ALookThatThrowsIsSaidAndTheNextOneComes) {
  std::atomic<int> looks = 0;
  Telemetry telemetry(
      std::make_shared<CallThread>(),
      [&looks]() -> Look {
        if (++looks % 2 == 1) throw std::runtime_error("the GPU is lost");
        return busy_look();
      },
      quick());
  ASSERT_TRUE(comes([&] { return looks > 4; }));
  EXPECT_THAT(telemetry.why(), HasSubstr("the GPU is lost"));
  EXPECT_FALSE(telemetry.timeline().empty());
}

TEST(Telemetry, WhatIsNoFigureWasNotRead) {
  Telemetry telemetry(
      std::make_shared<CallThread>(),
      [] {
        return Look{.point = {.sm_clock_hz = kNaN,
                              .power_w = std::numeric_limits<double>::infinity(),
                              .temperature_c = 30,
                              .clock_reasons = std::nullopt},
                    .lowered = {{"sw_power_cap", {.at_s = kNaN, .lowered_s = kNaN}}}};
      },
      quick());
  telemetry.begin_region();
  const auto region = telemetry.end_region();
  ASSERT_TRUE(region.telemetry);
  EXPECT_FALSE(region.telemetry->median_sm_clock_hz || region.telemetry->max_power_w);
  EXPECT_EQ(region.telemetry->max_temperature_c, 30);
  EXPECT_TRUE(region.telemetry->reasons.empty());
  EXPECT_EQ(region.clock.power_cap, 0);
}

TEST(Telemetry, NobodyThereToAskIsNoTelemetryAndNotStale) {
  Telemetry telemetry(
      std::make_shared<CallThread>(), [] { return Look{}; }, quick());
  telemetry.begin_region();
  EXPECT_FALSE(telemetry.end_region().telemetry);
}

TEST(Telemetry, OneThatStopsAnsweringIsStale) {
  std::atomic<bool> lost = false;
  std::atomic<int> looks = 0;
  Telemetry telemetry(
      std::make_shared<CallThread>(),
      [&] {
        ++looks;
        return lost ? Look{} : busy_look();
      },
      quick());
  ASSERT_TRUE(comes([&] { return !telemetry.timeline().empty(); }));
  lost = true;
  const int before = looks;
  ASSERT_TRUE(comes([&] { return looks > before + 1; }));
  telemetry.begin_region();
  const auto region = telemetry.end_region();
  ASSERT_TRUE(region.telemetry);
  EXPECT_TRUE(region.telemetry->stale) << "looks that tell nothing are no looks";
  EXPECT_EQ(region.telemetry->count, 0);
}

TEST(Telemetry, EventsAreKeptAndAFloodHidesNoOther) {
  std::atomic<int> looks = 0;
  Telemetry telemetry(
      std::make_shared<CallThread>(),
      [&looks] {
        Look look = busy_look();
        const int now = ++looks;
        if (now <= 3) look.events.assign(100, {.kind = "xid", .number = 92, .text = "many"});
        if (now == 4) look.events = {{.kind = "xid", .number = 79, .text = "off the bus"}};
        return look;
      },
      quick());
  ASSERT_TRUE(comes([&] { return looks > 5; }));
  const auto events = telemetry.events();
  ASSERT_THAT(events, SizeIs(Telemetry::kMostEvents + 2));
  EXPECT_EQ(events[Telemetry::kMostEvents].number, 79);
  EXPECT_THAT(events.back().text, HasSubstr("200 more"));
  EXPECT_EQ(events.back().number, 92);
}

TEST(Telemetry, TheTimelineStaysBounded) {
  std::atomic<int> looks = 0;
  auto settings = quick();
  settings.period_s = 0;
  Telemetry telemetry(
      std::make_shared<CallThread>(),
      [&looks] {
        ++looks;
        return busy_look();
      },
      settings);
  ASSERT_TRUE(comes([&] { return looks > 9 * reports::kMostTelemetryPoints; }));
  const auto timeline = telemetry.timeline();
  EXPECT_LE(timeline.size(), static_cast<std::size_t>(reports::kMostTelemetryPoints));
  EXPECT_GE(timeline.size(), static_cast<std::size_t>(reports::kMostTelemetryPoints) / 2);
  for (std::size_t i = 1; i < timeline.size(); ++i) EXPECT_GE(timeline[i].at_s, timeline[i - 1].at_s);
}

}  // namespace
}  // namespace peakproof::bench
