// A made-up device: launches that take scripted times on a wall clock that only they advance.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/backend.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/measure.hpp"
#include "bench/harness/timer.hpp"

namespace peakproof::bench::fakes {

/// Answers its script of samples over and over, and counts the calls.
class Timer final : public TimerBase {
 public:
  std::vector<reports::Sample> script = {{.seconds = 0.01}};
  std::size_t next = 0;
  int prepared = 0, started = 0, stopped = 0;
  double wall = 0;  ///< the made-up wall clock, in seconds
  std::function<void()> on_start;

  void prepare() override { ++prepared; }
  void start() override {
    ++started;
    if (on_start) on_start();
  }
  void stop() override { ++stopped; }
  [[nodiscard]] reports::Sample sample() override {
    const reports::Sample answer = script[next++ % script.size()];
    wall += answer.seconds > 0 ? answer.seconds : 0.001;
    return answer;
  }
};

/// A device of one made-up SM-clock, with the H200's compute capability.
class Device final : public Backend {
 public:
  reports::Device what;
  Timer made_up;
  Overhead cost;
  reports::Audit audited{.status = "audited"};
  Region seen;
  std::string fault;  ///< that the driver reports during the region
  int regions_begun = 0, regions_ended = 0;
  std::size_t samples_before_region = 0, samples_behind_region = 0;

  Device() {
    what.spec = {.name = "made up",
                 .compute_capability = {9, 0},
                 .sm_count = 100,
                 .sm_clock_hz = 1e9,
                 .tensor_clock_hz = 1e9,
                 .memory_data_rate_bps = 8e9,
                 .memory_type = "HBM3",
                 .memory_bus_bits = 1000};
  }
  [[nodiscard]] const reports::Device& description() const override { return what; }
  [[nodiscard]] TimerBase& timer() override { return made_up; }
  [[nodiscard]] const Overhead& overhead() const override { return cost; }
  [[nodiscard]] reports::Audit audit(const std::string&) const override { return audited; }
  void begin_region() override {
    ++regions_begun;
    samples_before_region = made_up.next;
  }
  [[nodiscard]] Region end_region() override {
    ++regions_ended;
    samples_behind_region = made_up.next;
    if (!fault.empty()) throw DeviceFault(fault);
    return seen;
  }
  [[nodiscard]] reports::UnitMap unit_clocks() const override { return {}; }
  [[nodiscard]] std::string note_end_of_run(reports::Device&) override { return {}; }
};

/// Short enough for a test, on the timer's wall clock.
inline MeasurePolicy policy(const Timer& timer) {
  return {.now = [&timer] { return timer.wall; }, .interrupted = [] { return false; }};
}

inline reports::Verification right_answer() { return {.method = "made up", .items = 1}; }

}  // namespace peakproof::bench::fakes
