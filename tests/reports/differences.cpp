// The exact comparison of two reports, field by field.
#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>

#include "example_report.hpp"

namespace peakproof::reports {
namespace {

class Comparison {
 public:
  template <typename T>
  void field(const std::string& path, const T& a, const T& b) {
    if constexpr (std::is_floating_point_v<T>) {
      if (!(a == b || (std::isnan(a) && std::isnan(b)))) found.push_back(path);
    } else {
      if (!(a == b)) found.push_back(path);
    }
  }
  void field(const std::string& path, const std::optional<double>& a, const std::optional<double>& b) {
    field(path + "?", a.has_value(), b.has_value());
    if (a && b) field(path, *a, *b);
  }
  void field(const std::string& path, const std::vector<double>& a, const std::vector<double>& b) {
    list(path, a, b, [&](const std::string& p, double x, double y) { field(p, x, y); });
  }
  template <typename T, typename Each>
  void list(const std::string& path, const std::vector<T>& a, const std::vector<T>& b, const Each& each) {
    field(path + ".size", a.size(), b.size());
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      each(path + "[" + std::to_string(i) + "]", a[i], b[i]);
  }
  template <typename T, typename Each>
  void maybe(const std::string& path, const std::optional<T>& a, const std::optional<T>& b, const Each& each) {
    field(path + "?", a.has_value(), b.has_value());
    if (a && b) each(path, *a, *b);
  }

  void spec(const std::string& p, const theory::DeviceSpec& a, const theory::DeviceSpec& b) {
    field(p + "name", a.name, b.name);
    field(p + "kind", a.kind, b.kind);
    field(p + "compute_capability", a.compute_capability, b.compute_capability);
    field(p + "variant", a.variant, b.variant);
    field(p + "microarchitecture", a.microarchitecture, b.microarchitecture);
    field(p + "sm_count", a.sm_count, b.sm_count);
    field(p + "base_clock_hz", a.base_clock_hz, b.base_clock_hz);
    field(p + "sm_clock_hz", a.sm_clock_hz, b.sm_clock_hz);
    field(p + "tensor_clock_hz", a.tensor_clock_hz, b.tensor_clock_hz);
    field(p + "memory_clock_hz", a.memory_clock_hz, b.memory_clock_hz);
    field(p + "memory_data_rate_bps", a.memory_data_rate_bps, b.memory_data_rate_bps);
    field(p + "memory_type", a.memory_type, b.memory_type);
    field(p + "memory_bus_bits", a.memory_bus_bits, b.memory_bus_bits);
    field(p + "memory_bytes", a.memory_bytes, b.memory_bytes);
    field(p + "l2_bytes", a.l2_bytes, b.l2_bytes);
    field(p + "power_limit_w", a.power_limit_w, b.power_limit_w);
  }
  void peak(const std::string& p, const theory::Peak& a, const theory::Peak& b) {
    field(p + ".pipe", a.pipe, b.pipe);
    field(p + ".per_second", a.per_second, b.per_second);
    field(p + ".clock_hz", a.clock_hz, b.clock_hz);
    field(p + ".formula", a.formula, b.formula);
    field(p + ".source", a.source, b.source);
  }
  void summary(const std::string& p, const Summary& a, const Summary& b) {
    field(p + ".count", a.count, b.count);
    field(p + ".contaminated", a.contaminated, b.contaminated);
    field(p + ".median_s", a.median_s, b.median_s);
    field(p + ".min_s", a.min_s, b.min_s);
    field(p + ".max_s", a.max_s, b.max_s);
    field(p + ".p10_s", a.p10_s, b.p10_s);
    field(p + ".p90_s", a.p90_s, b.p90_s);
    field(p + ".ci95_low_s", a.ci95_low_s, b.ci95_low_s);
    field(p + ".ci95_high_s", a.ci95_high_s, b.ci95_high_s);
    field(p + ".spread", a.spread, b.spread);
    field(p + ".median_sm_clock_hz", a.median_sm_clock_hz, b.median_sm_clock_hz);
    field(p + ".median_power_w", a.median_power_w, b.median_power_w);
    field(p + ".stop", a.stop, b.stop);
  }
  void verification(const std::string& p, const Verification& a, const Verification& b) {
    field(p + ".method", a.method, b.method);
    field(p + ".items", a.items, b.items);
    field(p + ".mismatches", a.mismatches, b.mismatches);
    field(p + ".not_numbers", a.not_numbers, b.not_numbers);
    field(p + ".units", a.units, b.units);
    list(p + ".wrong_units", a.wrong_units, b.wrong_units,
         [&](const std::string& path, const WrongUnit& x, const WrongUnit& y) {
           field(path + ".unit", x.unit, y.unit);
           field(path + ".items", x.items, y.items);
           field(path + ".bits", x.bits, y.bits);
           field(path + ".example", x.example, y.example);
         });
    field(p + ".relative_error", a.relative_error, b.relative_error);
    field(p + ".tolerance", a.tolerance, b.tolerance);
    field(p + ".rmse", a.rmse, b.rmse);
    field(p + ".mae", a.mae, b.mae);
    field(p + ".max_error", a.max_error, b.max_error);
  }
  void audit(const std::string& p, const Audit& a, const Audit& b) {
    field(p + ".status", a.status, b.status);
    field(p + ".kernel", a.kernel, b.kernel);
    field(p + ".arch", a.arch, b.arch);
    field(p + ".cubin_sha256", a.cubin_sha256, b.cubin_sha256);
    field(p + ".counts", a.counts, b.counts);
    field(p + ".overhead", a.overhead, b.overhead);
    field(p + ".note", a.note, b.note);
  }
  void efficiency(const std::string& p, const Efficiency& a, const Efficiency& b) {
    field(p + ".spec", a.spec, b.spec);
    field(p + ".issue", a.issue, b.issue);
    field(p + ".clock", a.clock, b.clock);
  }
  void telemetry(const std::string& p, const Telemetry& a, const Telemetry& b) {
    field(p + ".begin_s", a.begin_s, b.begin_s);
    field(p + ".end_s", a.end_s, b.end_s);
    field(p + ".count", a.count, b.count);
    field(p + ".min_sm_clock_hz", a.min_sm_clock_hz, b.min_sm_clock_hz);
    field(p + ".median_sm_clock_hz", a.median_sm_clock_hz, b.median_sm_clock_hz);
    field(p + ".max_sm_clock_hz", a.max_sm_clock_hz, b.max_sm_clock_hz);
    field(p + ".median_power_w", a.median_power_w, b.median_power_w);
    field(p + ".max_power_w", a.max_power_w, b.max_power_w);
    field(p + ".max_temperature_c", a.max_temperature_c, b.max_temperature_c);
    field(p + ".reasons.size", a.reasons.size(), b.reasons.size());
    for (const auto& [reason, share] : a.reasons)
      field(p + ".reasons." + reason, std::optional(share),
            b.reasons.contains(reason) ? std::optional(b.reasons.at(reason)) : std::nullopt);
    field(p + ".stale", a.stale, b.stale);
  }
  void inference(const std::string& p, const Inference& a, const Inference& b) {
    field(p + ".network", a.network, b.network);
    field(p + ".precision", a.precision, b.precision);
    field(p + ".batch", a.batch, b.batch);
    field(p + ".parameters", a.parameters, b.parameters);
    field(p + ".macs_per_item", a.macs_per_item, b.macs_per_item);
    field(p + ".flops_per_item", a.flops_per_item, b.flops_per_item);
    field(p + ".weight_bytes", a.weight_bytes, b.weight_bytes);
    field(p + ".passes", a.passes, b.passes);
    field(p + ".p50_s", a.p50_s, b.p50_s);
    field(p + ".p95_s", a.p95_s, b.p95_s);
    field(p + ".p99_s", a.p99_s, b.p99_s);
    field(p + ".items_per_s", a.items_per_s, b.items_per_s);
    field(p + ".predicted_s", a.predicted_s, b.predicted_s);
    field(p + ".ceilings", a.ceilings, b.ceilings);
    maybe(p + ".measured_ceilings", a.measured_ceilings, b.measured_ceilings,
          [&](const std::string& path, const MeasuredCeilings& x, const MeasuredCeilings& y) {
            field(path + ".matrix_per_second", x.matrix_per_second, y.matrix_per_second);
            field(path + ".vector_per_second", x.vector_per_second, y.vector_per_second);
            field(path + ".bytes_per_second", x.bytes_per_second, y.bytes_per_second);
            field(path + ".launch_s", x.launch_s, y.launch_s);
          });
    list(p + ".layers", a.layers, b.layers, [&](const std::string& path, const LayerRun& x, const LayerRun& y) {
      field(path + ".name", x.name, y.name);
      field(path + ".flops", x.flops, y.flops);
      field(path + ".measured_s", x.measured_s, y.measured_s);
      field(path + ".predicted_s", x.predicted_s, y.predicted_s);
      field(path + ".bound", x.bound, y.bound);
    });
    maybe(p + ".quality", a.quality, b.quality,
          [&](const std::string& path, const OutputQuality& x, const OutputQuality& y) {
            field(path + ".items", x.items, y.items);
            field(path + ".relative_error", x.relative_error, y.relative_error);
            field(path + ".rmse", x.rmse, y.rmse);
            field(path + ".mae", x.mae, y.mae);
            field(path + ".max_error", x.max_error, y.max_error);
            field(path + ".top1_agreement", x.top1_agreement, y.top1_agreement);
            field(path + ".accuracy", x.accuracy, y.accuracy);
            field(path + ".reference_accuracy", x.reference_accuracy, y.reference_accuracy);
          });
  }
  void training(const std::string& p, const Training& a, const Training& b) {
    field(p + ".network", a.network, b.network);
    field(p + ".data", a.data, b.data);
    field(p + ".seed", a.seed, b.seed);
    field(p + ".batch", a.batch, b.batch);
    field(p + ".learning_rate", a.learning_rate, b.learning_rate);
    field(p + ".momentum", a.momentum, b.momentum);
    field(p + ".target_accuracy", a.target_accuracy, b.target_accuracy);
    field(p + ".time_to_target_s", a.time_to_target_s, b.time_to_target_s);
    field(p + ".epochs_to_target", a.epochs_to_target, b.epochs_to_target);
    field(p + ".iterations_to_target", a.iterations_to_target, b.iterations_to_target);
    field(p + ".samples_per_s", a.samples_per_s, b.samples_per_s);
    field(p + ".best_accuracy", a.best_accuracy, b.best_accuracy);
    list(p + ".curve", a.curve, b.curve, [&](const std::string& path, const Epoch& x, const Epoch& y) {
      field(path + ".loss", x.loss, y.loss);
      field(path + ".accuracy", x.accuracy, y.accuracy);
      field(path + ".seconds", x.seconds, y.seconds);
    });
    field(p + ".gradients_checked", a.gradients_checked, b.gradients_checked);
    field(p + ".gradient_error", a.gradient_error, b.gradient_error);
    field(p + ".repeats", a.repeats, b.repeats);
  }
  void result(const std::string& p, const Result& a, const Result& b) {
    const auto peaks = [&](const std::string& path, const auto& x, const auto& y) { peak(path, x, y); };
    field(p + ".name", a.name, b.name);
    field(p + ".params", a.params, b.params);
    field(p + ".pipe", a.pipe, b.pipe);
    field(p + ".work_per_launch", a.work_per_launch, b.work_per_launch);
    field(p + ".launches_per_sample", a.launches_per_sample, b.launches_per_sample);
    field(p + ".achieved_per_s", a.achieved_per_s, b.achieved_per_s);
    field(p + ".unit", a.unit, b.unit);
    maybe(p + ".peak", a.peak, b.peak, peaks);
    maybe(p + ".peak_measured", a.peak_measured, b.peak_measured, peaks);
    efficiency(p + ".efficiency", a.efficiency, b.efficiency);
    maybe(p + ".floor", a.floor, b.floor, [&](const std::string& path, const Floor& x, const Floor& y) {
      field(path + ".issue", x.issue, y.issue);
      field(path + ".source", x.source, y.source);
    });
    list(p + ".losses", a.losses, b.losses, [&](const std::string& path, const Loss& x, const Loss& y) {
      field(path + ".kind", x.kind, y.kind);
      field(path + ".name", x.name, y.name);
      field(path + ".fraction", x.fraction, y.fraction);
      field(path + ".evidence", x.evidence, y.evidence);
    });
    summary(p + ".summary", a.summary, b.summary);
    list(p + ".samples", a.samples, b.samples, [&](const std::string& path, const Sample& x, const Sample& y) {
      field(path + ".seconds", x.seconds, y.seconds);
      field(path + ".sm_clock_hz", x.sm_clock_hz, y.sm_clock_hz);
      field(path + ".contaminated", x.contaminated, y.contaminated);
      field(path + ".latency_cycles", x.latency_cycles, y.latency_cycles);
      field(path + ".power_w", x.power_w, y.power_w);
    });
    maybe(p + ".latency", a.latency, b.latency, [&](const std::string& path, const Latency& x, const Latency& y) {
      field(path + ".cycles", x.cycles, y.cycles);
      field(path + ".ci95.low", x.ci95.low, y.ci95.low);
      field(path + ".ci95.high", x.ci95.high, y.ci95.high);
      field(path + ".ns", x.ns, y.ns);
    });
    verification(p + ".verification", a.verification, b.verification);
    audit(p + ".audit", a.audit, b.audit);
    maybe(p + ".reference", a.reference, b.reference,
          [&](const std::string& path, const Reference& x, const Reference& y) {
            field(path + ".name", x.name, y.name);
            field(path + ".achieved_per_s", x.achieved_per_s, y.achieved_per_s);
            field(path + ".ratio", x.ratio, y.ratio);
            field(path + ".samples", x.samples, y.samples);
            field(path + ".sm_clock_hz", x.sm_clock_hz, y.sm_clock_hz);
            field(path + ".own_achieved_per_s", x.own_achieved_per_s, y.own_achieved_per_s);
            field(path + ".own_sm_clock_hz", x.own_sm_clock_hz, y.own_sm_clock_hz);
          });
    list(p + ".unit_maps", a.unit_maps, b.unit_maps, [&](const std::string& path, const UnitMap& x, const UnitMap& y) {
      field(path + ".quantity", x.quantity, y.quantity);
      field(path + ".unit", x.unit, y.unit);
      field(path + ".value", x.value, y.value);
    });
    maybe(p + ".inference", a.inference, b.inference,
          [&](const std::string& path, const Inference& x, const Inference& y) { inference(path, x, y); });
    maybe(p + ".training", a.training, b.training,
          [&](const std::string& path, const Training& x, const Training& y) { training(path, x, y); });
    maybe(p + ".telemetry", a.telemetry, b.telemetry,
          [&](const std::string& path, const Telemetry& x, const Telemetry& y) { telemetry(path, x, y); });
    list(p + ".attempts", a.attempts, b.attempts, [&](const std::string& path, const Attempt& x, const Attempt& y) {
      field(path + ".achieved_per_s", x.achieved_per_s, y.achieved_per_s);
      efficiency(path + ".efficiency", x.efficiency, y.efficiency);
      summary(path + ".summary", x.summary, y.summary);
      field(path + ".verdict", x.verdict, y.verdict);
    });
    field(p + ".verdict", a.verdict, b.verdict);
    field(p + ".note", a.note, b.note);
  }
  void health(const std::string& p, const Health& a, const Health& b) {
    field(p + ".source", a.source, b.source);
    field(p + ".why", a.why, b.why);
    list(p + ".counters", a.counters, b.counters, [&](const std::string& path, const Counter& x, const Counter& y) {
      field(path + ".name", x.name, y.name);
      field(path + ".unit", x.unit, y.unit);
      field(path + ".before", x.before, y.before);
      field(path + ".after", x.after, y.after);
      field(path + ".why", x.why, y.why);
    });
    list(p + ".events", a.events, b.events, [&](const std::string& path, const HealthEvent& x, const HealthEvent& y) {
      field(path + ".at_s", x.at_s, y.at_s);
      field(path + ".kind", x.kind, y.kind);
      field(path + ".number", x.number, y.number);
      field(path + ".text", x.text, y.text);
    });
    list(p + ".timeline", a.timeline, b.timeline,
         [&](const std::string& path, const TelemetryPoint& x, const TelemetryPoint& y) {
           field(path + ".at_s", x.at_s, y.at_s);
           field(path + ".sm_clock_hz", x.sm_clock_hz, y.sm_clock_hz);
           field(path + ".power_w", x.power_w, y.power_w);
           field(path + ".temperature_c", x.temperature_c, y.temperature_c);
           field(path + ".clock_reasons", x.clock_reasons, y.clock_reasons);
         });
    field(p + ".stale", a.stale, b.stale);
  }
  void acceptance(const std::string& p, const Acceptance& a, const Acceptance& b) {
    field(p + ".level", a.level, b.level);
    field(p + ".policy_name", a.policy_name, b.policy_name);
    field(p + ".policy_sha256", a.policy_sha256, b.policy_sha256);
    field(p + ".policy_text", a.policy_text, b.policy_text);
    field(p + ".baseline_sha256", a.baseline_sha256, b.baseline_sha256);
    field(p + ".planned_s", a.planned_s, b.planned_s);
    field(p + ".claim", a.claim, b.claim);
  }
  void check(const std::string& p, const Check& a, const Check& b) {
    field(p + ".code", a.code, b.code);
    field(p + ".id", a.id, b.id);
    field(p + ".subject", a.subject, b.subject);
    field(p + ".status", a.status, b.status);
    field(p + ".required", a.required, b.required);
    field(p + ".device_fault", a.device_fault, b.device_fault);
    field(p + ".message", a.message, b.message);
    field(p + ".measured", a.measured, b.measured);
    field(p + ".limit", a.limit, b.limit);
    field(p + ".unit", a.unit, b.unit);
    field(p + ".source", a.source, b.source);
    field(p + ".attempts", a.attempts, b.attempts);
    field(p + ".failed_attempts", a.failed_attempts, b.failed_attempts);
  }
  void report(const std::string& p, const Report& a, const Report& b) {
    field(p + "run_id", a.run_id, b.run_id);
    field(p + "scope", a.scope, b.scope);
    field(p + "started", a.started, b.started);
    field(p + "finished", a.finished, b.finished);
    field(p + "argv", a.argv, b.argv);
    field(p + "tool.version", a.tool.version, b.tool.version);
    field(p + "tool.commit", a.tool.commit, b.tool.commit);
    field(p + "tool.compiler", a.tool.compiler, b.tool.compiler);
    field(p + "tool.build_type", a.tool.build_type, b.tool.build_type);
    field(p + "tool.facts", a.tool.facts, b.tool.facts);
    field(p + "host.name", a.host.name, b.host.name);
    field(p + "host.os", a.host.os, b.host.os);
    field(p + "host.cpu", a.host.cpu, b.host.cpu);
    field(p + "host.cpu_count", a.host.cpu_count, b.host.cpu_count);
    field(p + "host.cpu_hz", a.host.cpu_hz, b.host.cpu_hz);
    field(p + "host.cpu_scaling", a.host.cpu_scaling, b.host.cpu_scaling);
    field(p + "host.load_average", a.host.load_average, b.host.load_average);
    spec(p + "device.", a.device.spec, b.device.spec);
    field(p + "device.stand_in", a.device.stand_in, b.device.stand_in);
    field(p + "device.facts", a.device.facts, b.device.facts);
    list(p + "results", a.results, b.results,
         [&](const std::string& path, const Result& x, const Result& y) { result(path, x, y); });
    field(p + "completeness.planned", a.completeness.planned, b.completeness.planned);
    field(p + "completeness.missing", a.completeness.missing, b.completeness.missing);
    maybe(p + "health", a.health, b.health,
          [&](const std::string& path, const Health& x, const Health& y) { health(path, x, y); });
    maybe(p + "acceptance", a.acceptance, b.acceptance,
          [&](const std::string& path, const Acceptance& x, const Acceptance& y) { acceptance(path, x, y); });
    list(p + "checks", a.checks, b.checks,
         [&](const std::string& path, const Check& x, const Check& y) { check(path, x, y); });
    list(p + "members", a.members, b.members,
         [&](const std::string& path, const Report& x, const Report& y) { report(path + ".", x, y); });
    field(p + "samples_withheld", a.samples_withheld, b.samples_withheld);
    field(p + "duration_s", a.duration_s, b.duration_s);
    field(p + "anonymous", a.anonymous, b.anonymous);
    field(p + "verdict", a.verdict, b.verdict);
    field(p + "exit_code", a.exit_code, b.exit_code);
  }

  std::vector<std::string> found;
};

}  // namespace

std::vector<std::string> differences(const Report& a, const Report& b) {
  Comparison c;
  c.report("", a, b);
  return c.found;
}

}  // namespace peakproof::reports
