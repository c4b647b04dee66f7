// Reports of any values in any field that JSON can hold.
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <random>

#include "example_report.hpp"

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  bool coin() { return below(2) == 1; }
  std::string text() {
    static constexpr std::array kPieces = {"a",    "Z", "0", "_",  " ", "\"", "\\", "/", "\n", "\t",
                                           "\x1b", "é", "µ", "漢", "😀", "|",  "<",  "&", ",",  "NaN"};
    std::string out;
    for (int n = below(12); n > 0; --n) out += kPieces[static_cast<std::size_t>(below(kPieces.size()))];
    return out;
  }
  /// Finite, with all digits, over the whole range of exponents; sometimes a zero.
  double finite() {
    if (below(12) == 0) return coin() ? 0.0 : -0.0;
    std::uniform_real_distribution<double> mantissa(-1, 1);
    return std::ldexp(mantissa(engine_), below(2040) - 1020);
  }
  double number() { return below(8) == 0 ? kNaN : finite(); }
  double positive() { return std::abs(finite()); }
  std::optional<double> maybe() { return coin() ? std::optional(finite()) : std::nullopt; }
  std::int64_t whole() { return static_cast<std::int64_t>(engine_()); }
  Texts texts() {
    Texts out;
    for (int n = below(4); n > 0; --n) out[text()] = text();
    return out;
  }
  template <typename Make>
  auto list(const Make& make) {
    std::vector<decltype(make())> out;
    for (int n = below(4); n > 0; --n) out.push_back(make());
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

theory::Pipe random_pipe(Dice& d) {
  return static_cast<theory::Pipe>(d.below(static_cast<int>(theory::Pipe::nvlink) + 1));
}

theory::Peak random_peak(Dice& d) { return {random_pipe(d), d.number(), d.positive(), d.text(), d.text()}; }

Summary random_summary(Dice& d) {
  Summary s{.count = d.below(20),
            .contaminated = d.below(3),
            .median_s = d.number(),
            .min_s = d.number(),
            .max_s = d.number(),
            .p10_s = d.number(),
            .p90_s = d.number(),
            .ci95_low_s = d.finite(),
            .ci95_high_s = d.finite(),
            .spread = d.finite(),
            .median_sm_clock_hz = d.maybe(),
            .median_power_w = d.maybe(),
            .stop = static_cast<StopReason>(d.below(5))};
  if (s.count > 0 && s.count < 6) {  // the only infinities that a report holds
    s.ci95_low_s = -std::numeric_limits<double>::infinity();
    s.ci95_high_s = std::numeric_limits<double>::infinity();
    s.spread = std::numeric_limits<double>::infinity();
  }
  return s;
}

Audit random_audit(Dice& d) {
  Audit a{.status = d.text(),
          .kernel = d.text(),
          .arch = d.text(),
          .cubin_sha256 = d.text(),
          .overhead = d.maybe(),
          .note = d.text()};
  for (int n = d.below(4); n > 0; --n) a.counts[d.text()] = d.below(1 << 20);
  return a;
}

std::optional<double> random_reading(Dice& d) { return d.coin() ? std::optional(d.number()) : std::nullopt; }

Latency random_latency(Dice& d, int count) {
  Latency l{.cycles = d.number(), .ci95 = {d.finite(), d.finite()}, .ns = d.maybe()};
  if (count > 0 && count < 6)
    l.ci95 = {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  return l;
}

Efficiency random_efficiency(Dice& d) { return {d.maybe(), d.maybe(), d.maybe()}; }

Telemetry random_telemetry(Dice& d) {
  Telemetry t{.begin_s = d.number(), .end_s = d.number(), .count = d.below(1000)};
  for (auto* x : {&t.min_sm_clock_hz, &t.median_sm_clock_hz, &t.max_sm_clock_hz, &t.median_power_w, &t.max_power_w,
                  &t.max_temperature_c}) {
    *x = d.maybe();
  }
  for (int n = d.below(4); n > 0; --n) t.reasons[d.text()] = d.number();
  t.stale = d.coin();
  return t;
}

Verification random_verification(Dice& d) {
  Verification v{.method = d.text(), .items = d.whole(), .mismatches = d.whole()};
  v.not_numbers = d.whole();
  v.units = d.below(200);
  v.wrong_units = d.list([&] {
    return WrongUnit{d.below(200) - 1, d.whole(), static_cast<std::uint64_t>(d.whole()), d.text()};
  });
  if (d.coin()) v.relative_error = d.number();
  if (d.coin()) v.tolerance = d.number();
  for (auto* error : {&v.rmse, &v.mae, &v.max_error})
    if (d.coin()) *error = d.number();
  return v;
}

Inference random_inference(Dice& d) {
  Inference i{.network = d.text(),
              .precision = d.text(),
              .batch = d.whole(),
              .parameters = d.whole(),
              .macs_per_item = d.number(),
              .flops_per_item = d.number(),
              .weight_bytes = d.number(),
              .passes = d.whole(),
              .p50_s = d.maybe(),
              .p95_s = d.maybe(),
              .p99_s = d.maybe(),
              .items_per_s = d.number(),
              .predicted_s = d.maybe(),
              .ceilings = d.texts()};
  if (d.coin()) i.measured_ceilings = MeasuredCeilings{d.number(), d.number(), d.number(), d.number()};
  i.layers = d.list([&] { return LayerRun{d.text(), d.number(), d.number(), d.finite(), d.text()}; });
  if (d.coin())
    i.quality =
        OutputQuality{d.whole(), d.number(), d.number(), d.number(), d.number(), d.maybe(), d.maybe(), d.maybe()};
  return i;
}

Training random_training(Dice& d) {
  Training t{.network = d.text(),
             .data = d.text(),
             .seed = static_cast<std::uint64_t>(d.whole()),
             .batch = d.whole(),
             .learning_rate = d.number(),
             .momentum = d.number(),
             .target_accuracy = d.number(),
             .time_to_target_s = d.maybe()};
  if (d.coin()) t.epochs_to_target = d.whole();
  if (d.coin()) t.iterations_to_target = d.whole();
  t.samples_per_s = d.number();
  t.best_accuracy = d.number();
  t.curve = d.list([&] { return Epoch{d.number(), d.number(), d.number()}; });
  t.gradients_checked = d.whole();
  t.gradient_error = d.number();
  t.repeats = d.coin();
  return t;
}

Result random_result(Dice& d) {
  Result r;
  r.name = d.text();
  r.params = d.texts();
  if (d.coin()) r.pipe = random_pipe(d);
  r.work_per_launch = d.number();
  r.launches_per_sample = 1 + d.below(1000);
  r.achieved_per_s = d.number();
  r.unit = d.text();
  if (d.coin()) r.peak = random_peak(d);
  if (d.coin()) r.peak_measured = random_peak(d);
  r.efficiency = random_efficiency(d);
  if (d.coin()) r.floor = Floor{d.number(), d.text()};
  r.losses = d.list([&] { return Loss{d.text(), d.text(), d.number(), d.text()}; });
  r.summary = random_summary(d);
  r.samples = d.list([&] { return Sample{d.number(), d.maybe(), d.coin(), random_reading(d), d.maybe()}; });
  if (d.coin()) r.latency = random_latency(d, r.summary.count);
  r.verification = random_verification(d);
  r.audit = random_audit(d);
  if (d.coin())
    r.reference = Reference{d.text(), d.number(), d.number(), d.below(100), d.maybe(), d.maybe(), d.maybe()};
  r.unit_maps = d.list([&] {
    return UnitMap{d.text(), d.list([&] { return d.below(200); }), d.list([&] { return d.number(); })};
  });
  if (d.coin()) r.inference = random_inference(d);
  if (d.coin()) r.training = random_training(d);
  if (d.coin()) r.telemetry = random_telemetry(d);
  r.attempts = d.list([&] {
    return Attempt{d.number(), random_efficiency(d), random_summary(d), static_cast<Verdict>(d.below(8))};
  });
  r.verdict = static_cast<Verdict>(d.below(8));
  r.note = d.text();
  return r;
}

Health random_health(Dice& d) {
  Health h{.source = d.text(), .why = d.text()};
  h.counters = d.list([&] { return Counter{d.text(), d.text(), d.maybe(), d.maybe(), d.text()}; });
  h.events = d.list([&] { return HealthEvent{d.number(), d.text(), d.whole(), d.text()}; });
  h.timeline = d.list([&] {
    TelemetryPoint point{d.number(), d.maybe(), d.maybe(), d.maybe(), std::nullopt};
    if (d.coin()) point.clock_reasons = static_cast<std::uint64_t>(d.whole());
    return point;
  });
  h.stale = d.coin();
  return h;
}

Check random_check(Dice& d) {
  return {.code = d.text(),
          .id = d.text(),
          .subject = d.text(),
          .status = static_cast<Status>(d.below(5)),
          .required = d.coin(),
          .device_fault = d.coin(),
          .message = d.text(),
          .measured = d.maybe(),
          .limit = d.maybe(),
          .unit = d.text(),
          .source = d.text(),
          .attempts = d.below(4),
          .failed_attempts = d.below(4)};
}

Device random_device(Dice& d) {
  Device device;
  auto& s = device.spec;
  s.name = d.text();
  s.kind = d.coin() ? theory::DeviceKind::gpu : theory::DeviceKind::cpu;
  if (d.coin()) s.compute_capability = {1 + d.below(12), d.below(10)};
  s.variant = static_cast<theory::Variant>(d.below(6));
  s.microarchitecture = d.text();
  s.sm_count = d.below(200);
  for (double* x : {&s.base_clock_hz, &s.sm_clock_hz, &s.tensor_clock_hz, &s.memory_clock_hz, &s.memory_data_rate_bps,
                    &s.power_limit_w}) {
    *x = d.positive();
  }
  s.memory_type = d.text();
  s.memory_bus_bits = d.below(8192);
  s.memory_bytes = d.whole();
  s.l2_bytes = d.whole();
  device.stand_in = d.coin();
  device.facts = d.texts();
  return device;
}

/// A fleet of nodes, a node of devices, or a device.
Report random_report_of(Dice& d, Scope scope) {
  Report r;
  r.run_id = d.text();
  r.scope = scope;
  r.started = d.text();
  r.finished = d.text();
  r.argv = d.list([&] { return d.text(); });
  r.tool = {d.text(), d.text(), d.text(), d.text(), d.texts()};
  r.host = {d.text(), d.text(), d.text(), d.below(300), d.positive(), std::nullopt, d.list([&] { return d.number(); })};
  if (d.coin()) r.host.cpu_scaling = d.coin();
  r.device = random_device(d);
  r.results = d.list([&] { return random_result(d); });
  r.completeness = {d.list([&] { return d.text(); }), d.list([&] { return d.text(); })};
  if (d.coin()) r.health = random_health(d);
  if (d.coin()) r.acceptance = Acceptance{d.text(), d.text(), d.text(), d.text(), d.text(), d.number(), d.text()};
  r.checks = d.list([&] { return random_check(d); });
  if (scope != Scope::device)
    r.members = d.list([&] { return random_report_of(d, scope == Scope::fleet ? Scope::node : Scope::device); });
  r.duration_s = d.number();
  r.samples_withheld = d.coin();
  r.anonymous = d.coin();
  r.verdict = d.text();
  r.exit_code = d.below(256);
  return r;
}

}  // namespace

Report random_report(std::uint64_t seed) {
  Dice d(seed);
  return random_report_of(d, static_cast<Scope>(d.below(3)));
}

}  // namespace peakproof::reports
