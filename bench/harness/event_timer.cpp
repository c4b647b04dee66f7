#include "bench/harness/event_timer.hpp"

#include <algorithm>
#include <map>

namespace peakproof::bench {
namespace {

std::map<std::int64_t, kernels::ClockReading> by_sm(const std::vector<kernels::ClockReading>& readings) {
  std::map<std::int64_t, kernels::ClockReading> out;
  for (const auto& reading : readings)
    if (reading.smid >= 0) out.emplace(reading.smid, reading);
  return out;
}

constexpr int kUnwritten = 0xff;  // a reading of all ones has smid -1

}  // namespace

reports::UnitMap sm_clocks(const std::vector<kernels::ClockReading>& before,
                           const std::vector<kernels::ClockReading>& after) {
  reports::UnitMap map{.quantity = "sm_clock_hz"};
  const auto first = by_sm(before);
  for (const auto& [smid, end] : by_sm(after)) {
    const auto begin = first.find(smid);
    if (begin == first.end() || end.ns <= begin->second.ns || end.clk <= begin->second.clk) continue;
    map.unit.push_back(static_cast<int>(smid));
    map.value.push_back(1e9 * static_cast<double>(end.clk - begin->second.clk) /
                        static_cast<double>(end.ns - begin->second.ns));
  }
  return map;
}

std::optional<double> median_clock_hz(const reports::UnitMap& clocks) {
  if (clocks.value.empty()) return std::nullopt;
  return reports::quantile(clocks.value, 0.5);
}

EventTimer::EventTimer(cudaStream_t stream, Settings settings)
    : stream_(stream),
      settings_(std::move(settings)),
      before_(kernels::ClockProbe{settings_.sm_count}.blocks()),
      after_(kernels::ClockProbe{settings_.sm_count}.blocks()) {}

void EventTimer::prepare() {
  wait_for(stream_);
  before_.fill_bytes(kUnwritten, stream_);
  after_.fill_bytes(kUnwritten, stream_);
  check(kernels::launch(kernels::ClockProbe{settings_.sm_count}, before_.data(), stream_));
}

void EventTimer::start() { check(cudaEventRecord(start_.get(), stream_)); }

void EventTimer::stop() {
  check(cudaEventRecord(stop_.get(), stream_));
  check(kernels::launch(kernels::ClockProbe{settings_.sm_count}, after_.data(), stream_));
  check(cudaEventRecord(end_.get(), stream_));
}

reports::Sample EventTimer::sample() {
  const auto power_w = settings_.power_w ? settings_.power_w() : std::nullopt;
  if (settings_.while_running) settings_.while_running();
  wait_for(end_.get());
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, start_.get(), stop_.get()));
  unit_clocks_ = sm_clocks(before_.to_host(stream_), after_.to_host(stream_));
  return {.seconds = 1e-3 * static_cast<double>(milliseconds),
          .sm_clock_hz = median_clock_hz(unit_clocks_),
          .contaminated = settings_.contaminated && settings_.contaminated(),
          .power_w = power_w};
}

}  // namespace peakproof::bench
