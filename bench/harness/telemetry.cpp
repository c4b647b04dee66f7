#include "bench/harness/telemetry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>

namespace peakproof::bench {
namespace {

/// Points that are kept of the whole run, and of one region: some minutes at the usual period.
constexpr std::size_t kMostKept = std::size_t{8} * reports::kMostTelemetryPoints;

/// A figure that is no figure was not read.
void drop_unless(std::optional<double>& value, bool (*holds)(double)) {
  if (value && !(std::isfinite(*value) && holds(*value))) value.reset();
}

bool clean(reports::TelemetryPoint& point) {
  drop_unless(point.sm_clock_hz, [](double x) { return x > 0; });
  drop_unless(point.power_w, [](double x) { return x >= 0; });
  drop_unless(point.temperature_c, [](double) { return true; });
  return point.sm_clock_hz || point.power_w || point.temperature_c || point.clock_reasons;
}

/// The share of the time between two readings, 0..1; nothing where no time has passed.
std::optional<double> lowered_share(const Lowered& begin, const Lowered& end) {
  const double passed = end.at_s - begin.at_s;
  const double share = (end.lowered_s - begin.lowered_s) / passed;
  if (!(passed > 0) || !std::isfinite(share)) return std::nullopt;
  return std::clamp(share, 0.0, 1.0);
}

/// Every second one, the last one too.
void halve(std::vector<reports::TelemetryPoint>& points) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < points.size(); i += 2) points[kept++] = points[i];
  points.resize(kept);
}

}  // namespace

/// Shared with the thread.
struct Telemetry::Record {
  Source source;  ///< of the thread alone
  Settings settings;

  mutable std::mutex mutex;
  std::vector<reports::TelemetryPoint> timeline;
  std::uint64_t answered = 0;  ///< looks that told anything
  std::uint64_t stride = 1;    ///< of them every so manieth is kept
  std::vector<reports::HealthEvent> events;
  std::map<std::pair<std::string, std::int64_t>, int> times_of_event;  ///< by kind and number
  std::optional<int> processes;
  std::string why;
  bool stale = false;
  bool looked = false;
  double last_end_s = 0;  ///< of a look, or of the beginning
  Look last;
  bool last_answered = false;

  bool in_region = false;
  double region_begin_s = 0;
  std::optional<std::map<std::string, Lowered>> lowered_at_begin;
  std::vector<reports::TelemetryPoint> region;
  double widest_gap_s = 0;  ///< within it: between two looks

  [[nodiscard]] double limit_s() const { return std::max(settings.late_s, 2 * settings.period_s); }
  [[nodiscard]] double now_s() const { return steady_now_s() - settings.epoch_s; }

  /// On the thread.
  void look() {
    const double begin_s = now_s();
    Look look;
    std::string failed;
    try {
      if (source) look = source();
    } catch (const std::exception& error) {
      failed = error.what();
    }
    look.point.at_s = begin_s;
    const bool told = clean(look.point);
    const double end_s = now_s();
    const std::lock_guard lock(mutex);
    const double gap_s = end_s - last_end_s;
    widest_gap_s = std::max(widest_gap_s, gap_s);
    if (gap_s > limit_s()) stale = true;
    last_end_s = end_s;
    looked = true;
    if (!failed.empty()) why = failed;
    keep(look.events, end_s);
    if (look.processes) processes = look.processes;
    last_answered = told;
    if (told) keep(look.point);
    last = std::move(look);
  }

  void keep(const reports::TelemetryPoint& point) {
    const bool change = !timeline.empty() && timeline.back().clock_reasons != point.clock_reasons;
    if (answered++ % stride == 0 || change) timeline.push_back(point);
    if (timeline.size() >= kMostKept) {
      halve(timeline);
      stride *= 2;
    }
    if (in_region) region.push_back(point);
    if (region.size() >= kMostKept) halve(region);
  }

  void keep(const std::vector<reports::HealthEvent>& came, double at_s) {
    for (auto event : came) {
      event.at_s = at_s;
      if (++times_of_event[{event.kind, event.number}] <= kMostEvents) events.push_back(std::move(event));
    }
  }
};

double steady_now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Telemetry::Telemetry(std::shared_ptr<CallThread> thread, Source source, Settings settings)
    : thread_(std::move(thread)), record_(std::make_shared<Record>()) {
  record_->settings = settings;
  record_->source = std::move(source);
  record_->last_end_s = record_->now_s();
  thread_->repeat([record = record_] { record->look(); }, settings.period_s);
}

Telemetry::~Telemetry() {
  thread_->repeat({}, record_->settings.period_s);
  thread_->post([record = std::move(record_)] { record->source = {}; });
}

bool Telemetry::look(double deadline_s) {
  return thread_->run([record = record_] { record->look(); }, deadline_s);
}

void Telemetry::begin_region() {
  // What is sampled is not kept waiting: the last look will do.
  const bool recent = ever_looked() && age_s() <= 2 * record_->settings.period_s;
  const bool in_time = recent || look(record_->limit_s());
  const std::lock_guard lock(record_->mutex);
  record_->lowered_at_begin.reset();
  if (in_time) record_->lowered_at_begin = record_->last.lowered;
  record_->in_region = true;
  record_->region.clear();
  record_->region_begin_s = record_->now_s();
  record_->widest_gap_s = in_time ? 0 : record_->now_s() - record_->last_end_s;
}

Telemetry::Region Telemetry::end_region() {
  const double end_s = record_->now_s();
  const bool in_time = look(record_->limit_s());
  const std::lock_guard lock(record_->mutex);
  auto& record = *record_;
  record.in_region = false;
  if (!in_time) record.stale = true;
  if (record.answered == 0 && in_time) return {};  // nobody there to ask

  std::vector<reports::TelemetryPoint> points;
  for (const auto& point : std::exchange(record.region, {}))
    if (point.at_s <= end_s) points.push_back(point);
  const double begin_s = std::min(record.region_begin_s, end_s);
  if (points.empty() && in_time && record.last_answered) {  // over before anybody looked: right behind it
    points.push_back(record.last.point);
    points.back().at_s = end_s;
  }
  Region out;
  out.telemetry = reports::summarize(points, begin_s, end_s);
  auto& telemetry = *out.telemetry;
  telemetry.stale = !in_time || points.empty() || record.widest_gap_s > record.limit_s();
  if (in_time && record.lowered_at_begin)
    for (const auto& [reason, end] : record.last.lowered) {
      const auto begin = record.lowered_at_begin->find(reason);
      if (begin == record.lowered_at_begin->end()) continue;
      // Never a reason that neither was seen nor counted.
      if (const auto share = lowered_share(begin->second, end); share && *share > 0)
        telemetry.reasons[reason] = std::max(telemetry.reasons[reason], *share);
    }
  out.clock = reports::clock_reasons(points, telemetry);
  return out;
}

bool Telemetry::run(std::function<void()> call, double deadline_s) {
  return thread_->run(
      [record = record_, call = std::move(call)] {
        call();
        const std::lock_guard lock(record->mutex);
        record->last_end_s = record->now_s();
      },
      deadline_s);
}

void Telemetry::look_now(double deadline_s) { static_cast<void>(look(deadline_s)); }

bool Telemetry::ever_looked() const {
  const std::lock_guard lock(record_->mutex);
  return record_->looked;
}

double Telemetry::age_s() const {
  const std::lock_guard lock(record_->mutex);
  return record_->now_s() - record_->last_end_s;
}

bool Telemetry::late() const { return age_s() > record_->limit_s(); }

std::optional<double> Telemetry::power_w() const {
  const std::lock_guard lock(record_->mutex);
  if (record_->region.empty() || record_->now_s() - record_->last_end_s > record_->limit_s()) return std::nullopt;
  return record_->region.back().power_w;
}

std::optional<int> Telemetry::processes() const {
  const std::lock_guard lock(record_->mutex);
  return record_->processes;
}

std::vector<reports::TelemetryPoint> Telemetry::timeline() const {
  const std::lock_guard lock(record_->mutex);
  return reports::thinned(record_->timeline);
}

std::vector<reports::HealthEvent> Telemetry::events() const {
  const std::lock_guard lock(record_->mutex);
  auto all = record_->events;
  for (const auto& [event, times] : record_->times_of_event)
    if (times > kMostEvents)
      all.push_back({.at_s = record_->last_end_s,
                     .kind = event.first,
                     .number = event.second,
                     .text = fmt::format("{} more of these came and are not listed", times - kMostEvents)});
  return all;
}

bool Telemetry::stale() const {
  const bool now = late();
  const std::lock_guard lock(record_->mutex);
  return record_->stale || now;
}

std::string Telemetry::why() const {
  const std::lock_guard lock(record_->mutex);
  return record_->why;
}

}  // namespace peakproof::bench
