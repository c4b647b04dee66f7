// NVML behind deadlines, and what is made of its answers, on GPUs that are made up.
#include "bench/harness/health_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "bench/harness/xid.hpp"
#include "tests/bench/fake_gpu.hpp"

namespace peakproof::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr double kPatienceSeconds = 30;

template <class Holds>
bool comes(const Holds& holds) {
  const double end = steady_now_s() + kPatienceSeconds;
  while (!holds()) {
    if (steady_now_s() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// What the made-up driver is to say, shared with the test.
struct Script {
  std::mutex mutex;
  std::deque<DriverEvent> events;
  std::vector<CounterReading> counters = {{"ecc_uncorrected_volatile", "errors", 3, ""},
                                          {"pcie_generation", "", 1, ""},
                                          {"pcie_width", "", 16, ""},
                                          {"row_remap_pending", "", std::nullopt, "not supported by this GPU"}};
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<bool> hangs = false;
  std::atomic<int> in_a_call = 0;
  bool reports_events = true;
  std::thread::id made;
  std::thread::id ended;

  void call() {
    if (!hangs) return;
    ++in_a_call;
    opened.wait();
  }
};

struct MadeUpEvents final : EventQueue {
  std::shared_ptr<Script> script;
  explicit MadeUpEvents(std::shared_ptr<Script> told) : script(std::move(told)) {}
  [[nodiscard]] std::optional<DriverEvent> next() override {
    script->call();
    const std::lock_guard lock(script->mutex);
    if (script->events.empty()) return std::nullopt;
    auto event = script->events.front();
    script->events.pop_front();
    return event;
  }
};

struct MadeUpGpu final : fakes::SilentGpu {
  std::shared_ptr<Script> script;
  explicit MadeUpGpu(std::shared_ptr<Script> told) : script(std::move(told)) {}
  [[nodiscard]] std::vector<CounterReading> counters() const override {
    script->call();
    const std::lock_guard lock(script->mutex);
    return script->counters;
  }
  [[nodiscard]] std::unique_ptr<EventQueue> watch_events(std::string* why) const override {
    if (script->reports_events) return std::make_unique<MadeUpEvents>(script);
    *why = "no permission";
    return nullptr;
  }
  [[nodiscard]] std::optional<double> power_w() const override {
    script->call();
    return 321;
  }
  [[nodiscard]] std::optional<std::uint64_t> clock_reasons() const override { return reason_sw_power_cap; }
  [[nodiscard]] std::optional<int> compute_processes() const override { return 2; }
};

struct MadeUpNvml final : Nvml {
  std::shared_ptr<Script> script;
  explicit MadeUpNvml(std::shared_ptr<Script> told) : script(std::move(told)) {
    script->made = std::this_thread::get_id();
  }
  MadeUpNvml(const MadeUpNvml&) = delete;
  MadeUpNvml& operator=(const MadeUpNvml&) = delete;
  ~MadeUpNvml() override { script->ended = std::this_thread::get_id(); }
  [[nodiscard]] std::string driver_version() const override { return "1.2.3"; }
  [[nodiscard]] std::unique_ptr<NvmlDevice> device_at(const std::string& address) const override {
    if (address != "here") return nullptr;
    return std::make_unique<MadeUpGpu>(script);
  }
  [[nodiscard]] std::optional<std::vector<std::string>> addresses() const override {
    return std::vector<std::string>{"here"};
  }
};

PatientNvml::Open opening(const std::shared_ptr<Script>& script) {
  return [script](std::string*) { return std::make_shared<MadeUpNvml>(script); };
}

Telemetry::Settings settings() { return {.epoch_s = steady_now_s(), .period_s = 0.002, .late_s = kPatienceSeconds}; }

TEST(PatientNvml, AnswersFromAThreadOfItsOwnAndEndsThere) {
  const auto script = std::make_shared<Script>();
  {
    const auto nvml = PatientNvml::open(nullptr, opening(script));
    ASSERT_TRUE(nvml);
    EXPECT_EQ(nvml->driver_version(), "1.2.3");
    EXPECT_EQ(nvml->device_at("elsewhere"), nullptr);
    EXPECT_THAT(nvml->addresses().value(), ElementsAre("here"));
    const auto gpu = nvml->device_at("here");
    ASSERT_TRUE(gpu);
    EXPECT_EQ(gpu->power_w(), 321);
    EXPECT_FALSE(gpu->temperature_c());
    EXPECT_THAT(gpu->counters(), SizeIs(4));
    EXPECT_NE(script->made, std::this_thread::get_id());
  }
  EXPECT_EQ(script->ended, script->made);
}

TEST(PatientNvml, OneThatDoesNotStartSaysWhy) {
  std::string why;
  EXPECT_EQ(PatientNvml::open(&why,
                              [](std::string* reason) {
                                *reason = "no library";
                                return std::shared_ptr<Nvml>();
                              }),
            nullptr);
  EXPECT_EQ(why, "no library");
}

TEST(PatientNvml, ACallThatNeverReturnsIsOneThatIsNotAnswered) {
  const auto script = std::make_shared<Script>();
  const auto nvml = PatientNvml::open(nullptr, opening(script));
  const auto gpu = nvml->device_at("here");
  script->hangs = true;
  EXPECT_FALSE(gpu->power_w());
  ASSERT_TRUE(comes([&] { return nvml->thread()->stuck(); }));
  EXPECT_THAT(gpu->counters(), IsEmpty());
  EXPECT_EQ(nvml->device_at("here"), nullptr);
  script->hangs = false;
  script->open.set_value();
  EXPECT_TRUE(comes([&] { return gpu->power_w() == 321; })) << "it may answer again";
}

TEST(HealthWatch, NobodyToAskIsNullWithItsReason) {
  HealthWatch watch("no NVML here");
  watch.begin_region();
  EXPECT_FALSE(watch.power_w());
  EXPECT_FALSE(watch.end_region().telemetry);
  EXPECT_FALSE(watch.processes());
  EXPECT_TRUE(watch.fault().empty());
  const auto health = watch.health();
  EXPECT_EQ(health.source, "");
  EXPECT_EQ(health.why, "no NVML here");
  EXPECT_FALSE(health.stale);
}

TEST(HealthWatch, TellsCountersTelemetryAndEvents) {
  const auto script = std::make_shared<Script>();
  const auto nvml = PatientNvml::open(nullptr, opening(script));
  const auto gpu = nvml->device_at("here");
  HealthWatch watch(*nvml, *gpu, settings());
  watch.begin_region();
  EXPECT_EQ(watch.power_w(), 321) << "the first sample of a region has its look";
  const auto region = watch.end_region();
  ASSERT_TRUE(region.telemetry);
  EXPECT_EQ(region.telemetry->max_power_w, 321);
  EXPECT_EQ(region.telemetry->reasons.at("sw_power_cap"), 1);
  EXPECT_EQ(watch.processes(), 2);
  {
    const std::lock_guard lock(script->mutex);
    script->counters[0].value = 5;
    script->events = {{.kind = "xid", .number = 63}, {.kind = "xid", .number = 4711}};
  }
  watch.link_under_load(theory::PcieLink{4, 16});
  watch.link_under_load(std::nullopt);  // one that was not read changes nothing
  const auto health = watch.health();
  EXPECT_EQ(health.source, "NVML 1.2.3");
  EXPECT_EQ(health.why, "");
  EXPECT_FALSE(health.stale);
  ASSERT_THAT(health.counters, SizeIs(4));
  EXPECT_EQ(health.counters[0].before, 3);
  EXPECT_EQ(health.counters[0].after, 5);
  EXPECT_EQ(health.counters[1].before, 1) << "at rest";
  EXPECT_EQ(health.counters[1].after, 4) << "under load";
  EXPECT_EQ(health.counters[3].why, "not supported by this GPU");
  ASSERT_THAT(health.events, SizeIs(2));
  EXPECT_THAT(health.events[0].text, StartsWith("Xid 63: "));
  EXPECT_THAT(health.events[1].text, HasSubstr("not known"));
  EXPECT_GE(health.events[0].at_s, 0);
  EXPECT_TRUE(watch.fault().empty()) << "neither is fatal";
  EXPECT_FALSE(health.timeline.empty());
}

TEST(HealthWatch, FatalXidsAreAFault) {
  for (const std::int64_t number : {48, 79, 95}) {
    const auto script = std::make_shared<Script>();
    script->events = {{.kind = "xid", .number = 13}, {.kind = "xid", .number = number}};
    const auto nvml = PatientNvml::open(nullptr, opening(script));
    const auto gpu = nvml->device_at("here");
    HealthWatch watch(*nvml, *gpu, settings());
    static_cast<void>(watch.health());
    EXPECT_EQ(watch.fault(), describe_xid(number));
  }
}

TEST(HealthWatch, ALostGpuIsAFault) {
  const auto script = std::make_shared<Script>();
  script->events = {{.kind = "gpu_lost"}};
  const auto nvml = PatientNvml::open(nullptr, opening(script));
  const auto gpu = nvml->device_at("here");
  HealthWatch watch(*nvml, *gpu, settings());
  static_cast<void>(watch.health());
  EXPECT_THAT(watch.fault(), HasSubstr("lost"));
}

TEST(HealthWatch, WithoutEventsThatIsSaid) {
  const auto script = std::make_shared<Script>();
  script->reports_events = false;
  const auto nvml = PatientNvml::open(nullptr, opening(script));
  const auto gpu = nvml->device_at("here");
  EXPECT_EQ(HealthWatch(*nvml, *gpu, settings()).health().why, "no events (Xids) from the driver: no permission");
}

TEST(HealthWatch, OneThatStopsAnsweringIsStaleAndItsCountersAreUnknownAfterwards) {
  const auto script = std::make_shared<Script>();
  const auto nvml = PatientNvml::open(nullptr, opening(script));
  const auto gpu = nvml->device_at("here");
  auto soon = settings();
  soon.late_s = 0.2;
  HealthWatch watch(*nvml, *gpu, soon);
  watch.begin_region();
  script->hangs = true;
  ASSERT_TRUE(comes([&] { return script->in_a_call > 0; }));
  EXPECT_TRUE(watch.end_region().telemetry->stale);
  const auto health = watch.health();
  EXPECT_TRUE(health.stale);
  EXPECT_THAT(health.why, HasSubstr("stopped answering"));
  ASSERT_THAT(health.counters, SizeIs(4));
  EXPECT_EQ(health.counters[0].before, 3);
  EXPECT_FALSE(health.counters[0].after);
  EXPECT_THAT(health.counters[0].why, HasSubstr(kNvmlSilent));
  script->hangs = false;
  script->open.set_value();
}

TEST(JoinCounters, WhatIsMissingSaysWhyAndIsNotZero) {
  const auto joined = join_counters({{"both", "errors", 1, ""},
                                     {"before only", "errors", 2, ""},
                                     {"gone", "errors", 3, ""},
                                     {"neither", "rows", std::nullopt, "not supported by this GPU"},
                                     {"silent", "rows", std::nullopt, ""}},
                                    {{"both", "errors", 4, ""},
                                     {"before only", "errors", std::nullopt, "GPU is lost"},
                                     {"neither", "rows", std::nullopt, "not supported by this GPU"},
                                     {"silent", "rows", std::nullopt, ""},
                                     {"new", "s", 7, ""}});
  ASSERT_THAT(joined, SizeIs(6));
  EXPECT_EQ(joined[0].after, 4);
  EXPECT_EQ(joined[0].why, "");
  EXPECT_EQ(joined[1].before, 2);
  EXPECT_FALSE(joined[1].after);
  EXPECT_EQ(joined[1].why, "after: GPU is lost");
  EXPECT_EQ(joined[2].why, std::string("after: ") + kNvmlSilent);
  EXPECT_EQ(joined[3].why, "not supported by this GPU");
  EXPECT_EQ(joined[4].why, "not answered") << "never without a reason";
  EXPECT_FALSE(joined[5].before);
  EXPECT_EQ(joined[5].after, 7);
  EXPECT_FALSE(joined[5].why.empty());
}

TEST(Xids, TheTableIsOrderedAndComplete) {
  std::int64_t last = 0;
  for (const Xid& xid : xids()) {
    EXPECT_GT(xid.number, last);
    last = xid.number;
    EXPECT_FALSE(xid.meaning.empty() || xid.action.empty()) << xid.number;
    EXPECT_EQ(find_xid(xid.number), &xid);
    EXPECT_EQ(xid.fatal, xid.number == 48 || xid.number == 79 || xid.number == 95) << xid.number;
  }
  EXPECT_EQ(find_xid(1), nullptr);
  EXPECT_THAT(describe_xid(79), HasSubstr("fallen off the bus"));
  EXPECT_THAT(describe_xid(99999), HasSubstr("not known"));
}

TEST(Describe, EveryKindHasAText) {
  for (const char* kind : {"xid", "gpu_lost", "ecc_uncorrected", "ecc_corrected", "unknown", "new kind"}) {
    const auto event = describe({.kind = kind, .number = 3});
    EXPECT_EQ(event.kind, kind);
    EXPECT_EQ(event.number, 3);
    EXPECT_THAT(event.text, Not(IsEmpty()));
  }
}

TEST(ProfilerIn, NamesWhatIsThere) {
  EXPECT_EQ(profiler_in({}, ""), "");
  EXPECT_EQ(profiler_in({"PATH=/bin", "CUDA_VISIBLE_DEVICES=0", "NSIGHT=1"}, "Name:\tx\nTracerPid:\t0\nUid:\t0\n"), "");
  EXPECT_EQ(profiler_in({"CUDA_INJECTION64_PATH=/x.so"}, ""), "CUDA_INJECTION64_PATH is set");
  EXPECT_EQ(profiler_in({"CUDA_INJECTION64_PATH="}, ""), "") << "an empty one loads nothing";
  EXPECT_EQ(profiler_in({"NVTX_INJECTION64_PATH=/x.so", "NV_NSIGHT_INJECTION_PORT_BASE=49152"}, ""),
            "NVTX_INJECTION64_PATH is set; NV_NSIGHT_INJECTION_PORT_BASE is set");
  EXPECT_EQ(profiler_in({"NSYS_PROFILING_SESSION_ID=1"}, ""), "NSYS_PROFILING_SESSION_ID is set");
  EXPECT_EQ(profiler_in({"COMPUTE_PROFILE=0"}, ""), "");
  EXPECT_EQ(profiler_in({"COMPUTE_PROFILE=1"}, ""), "COMPUTE_PROFILE is set");
  EXPECT_EQ(profiler_in({}, "Name:\tx\nTracerPid:\t4711\nUid:\t0\n"), "process 4711 traces this one");
}

}  // namespace
}  // namespace peakproof::bench
