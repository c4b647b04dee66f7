#include "tests/stand_in/virtual_time.hpp"

#include <atomic>
#include <cmath>

namespace peakproof::stand_in {
namespace {

struct Now {
  std::atomic<std::int64_t> ps = 0;  // NVML's side reads it, from another thread
  double cycles = 0;
};
Now& now() {
  static Now now;
  return now;
}

}  // namespace

std::int64_t now_ps() { return now().ps; }

Interval pass(double seconds, double clock_hz) {
  Interval interval{.begin_ps = now().ps, .begin_cycles = now().cycles, .clock_hz = clock_hz};
  interval.end_ps = interval.begin_ps + std::llround(seconds * 1e12);
  now().ps = interval.end_ps;
  now().cycles = interval.cycles_at(interval.end_ps);
  return interval;
}

}  // namespace peakproof::stand_in
