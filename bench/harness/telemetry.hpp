// Looks at the device every few milliseconds while it is measured, on a thread of its own. Knows no management library: it
// is given a function that looks once, and that may be slow, throw or never return. The measuring thread waits for no look
// while it samples; before and behind it waits as long as a deadline.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/call_thread.hpp"
#include "reports/efficiency.hpp"
#include "reports/health.hpp"

namespace peakproof::bench {

/// How long something has lowered the clocks, up to a moment: both only grow.
struct Lowered {
  double at_s = 0;  ///< by the driver's clock
  double lowered_s = 0;
};

/// What one look gives.
struct Look {
  reports::TelemetryPoint point;             ///< its time is filled in
  std::map<std::string, Lowered> lowered;    ///< by the reason (clock_reason_names()) that the driver counts
  std::optional<int> processes;              ///< that compute on the device, where they were counted
  std::vector<reports::HealthEvent> events;  ///< since the last look; their time is filled in
};

class Telemetry {
 public:
  struct Settings {
    double epoch_s = 0;      ///< the steady clock's time that seconds count from
    double period_s = 0.03;  ///< from the begin of one look to that of the next
    double late_s = 1;       ///< a look that comes so much later, or two periods if they are longer, is too late
  };
  using Source = std::function<Look()>;

  /// Begins to look. `source` is called, and ends its life, on the thread.
  Telemetry(std::shared_ptr<CallThread> thread, Source source, Settings settings);
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;
  /// No look begins any more.
  ~Telemetry();

  /// A region of its own begins. Waits for a look only where there was none lately.
  void begin_region();
  /// What was seen since begin_region, and why the clock was low in it. Waits for one look more.
  struct Region {
    std::optional<reports::Telemetry> telemetry;  ///< nothing where no look has ever been answered
    reports::ClockReasons clock;
  };
  [[nodiscard]] Region end_region();

  /// Has the device looked at now, while a launch is under way: for the first one of a region, which might be over before the
  /// next look. Waits at most `deadline_s`.
  void look_now(double deadline_s);
  /// Runs another call to the same source on the thread, between two looks, which are not late for it. False where it has
  /// not ended by the deadline (CallThread::run).
  [[nodiscard]] bool run(std::function<void()> call, double deadline_s);
  /// Seconds since the last look that has ended.
  [[nodiscard]] double age_s() const;
  /// The last look is too old: the source may never answer again.
  [[nodiscard]] bool late() const;
  /// Of the last look within the region; nothing where it is late.
  [[nodiscard]] std::optional<double> power_w() const;
  /// As they were counted last.
  [[nodiscard]] std::optional<int> processes() const;

  /// From the beginning on, evenly thinned once it is long.
  [[nodiscard]] std::vector<reports::TelemetryPoint> timeline() const;
  /// Those that came; of one kind and number at most kMostEvents, then one more that says how many there were.
  [[nodiscard]] std::vector<reports::HealthEvent> events() const;
  /// A look came too late or never, at any time.
  [[nodiscard]] bool stale() const;
  /// Why a look failed, the last time that one did; empty: none has.
  [[nodiscard]] std::string why() const;

  static constexpr int kMostEvents = 100;

 private:
  struct Record;
  /// Looks once, out of turn. False where that took too long.
  bool look(double deadline_s);
  [[nodiscard]] bool ever_looked() const;

  std::shared_ptr<CallThread> thread_;
  std::shared_ptr<Record> record_;
};

/// The steady clock, in seconds.
[[nodiscard]] double steady_now_s();

}  // namespace peakproof::bench
