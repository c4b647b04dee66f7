// What the sampler asks of a timer.
#pragma once

#include <concepts>
#include <functional>
#include <utility>

#include "reports/sample.hpp"

namespace peakproof::bench {

/// Times one launch: prepare (wait for quiet, read the clocks), start, [launch], stop, sample (wait for the end).
template <class T>
concept Timer = requires(T& timer) {
  timer.prepare();
  timer.start();
  timer.stop();
  { timer.sample() } -> std::convertible_to<reports::Sample>;
};

/// The same as an interface, for code that serves several devices.
class TimerBase {
 public:
  TimerBase() = default;
  TimerBase(const TimerBase&) = delete;
  TimerBase& operator=(const TimerBase&) = delete;
  virtual ~TimerBase() = default;
  virtual void prepare() = 0;
  virtual void start() = 0;
  virtual void stop() = 0;
  [[nodiscard]] virtual reports::Sample sample() = 0;
};

/// Another timer, whose seconds are replaced by those of a clock that only the launch itself knows.
class OwnClockTimer final : public TimerBase {
 public:
  OwnClockTimer(TimerBase& timer, std::function<double()> own_seconds)
      : timer_(timer), own_seconds_(std::move(own_seconds)) {}
  void prepare() override { timer_.prepare(); }
  void start() override { timer_.start(); }
  void stop() override { timer_.stop(); }
  [[nodiscard]] reports::Sample sample() override {
    reports::Sample sample = timer_.sample();
    sample.seconds = own_seconds_();
    return sample;
  }

 private:
  TimerBase& timer_;
  std::function<double()> own_seconds_;
};

/// Any Timer behind the interface.
template <Timer T>
class TimerAdapter final : public TimerBase {
 public:
  explicit TimerAdapter(T& timer) : timer_(timer) {}
  void prepare() override { timer_.prepare(); }
  void start() override { timer_.start(); }
  void stop() override { timer_.stop(); }
  [[nodiscard]] reports::Sample sample() override { return timer_.sample(); }

 private:
  T& timer_;
};

}  // namespace peakproof::bench
