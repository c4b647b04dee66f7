#include "reports/networks_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/heat_map.hpp"

namespace peakproof::reports {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using Maybe = std::optional<double>;

bool positive(const Maybe& x) { return x && std::isfinite(*x) && *x > 0; }

Maybe number(std::int64_t x) { return static_cast<double>(x); }

Maybe utilisation(const Result& r) { return r.efficiency.issue ? r.efficiency.issue : r.efficiency.spec; }

/// Beyond these a figure is nonsense, and all its digits would only break the table.
std::string seconds_text(const Maybe& seconds) {
  constexpr double kLargest = 99999;
  if (!positive(seconds)) return "-";
  return *seconds > kLargest ? ">99999 s" : time_text(*seconds);
}

std::string error_text(const Maybe& x) {
  constexpr double kLargest = 1e99;
  if (!x || !std::isfinite(*x) || *x < 0) return "-";
  if (*x == 0) return "0";
  if (*x > kLargest) return ">1e99";
  return *x < 1 / kLargest ? "<1e-99" : fmt::format("{:.3g}", *x);
}

std::string count_text(const std::optional<std::int64_t>& count) {
  constexpr std::int64_t kLargest = 999'999;
  if (!count || *count < 0) return "-";
  return *count > kLargest ? ">999999" : fmt::format("{}", *count);
}

std::string bytes_text(double bytes) { return bytes >= 1 ? rate_text(bytes, "B") : "-"; }

std::string ratio_text(const Maybe& ratio) {
  constexpr double kLargest = 9999;
  if (!positive(ratio)) return "-";
  return *ratio > kLargest ? ">9999" : fmt::format("{:.2f}", *ratio);
}

std::string percentage(const Maybe& fraction, int decimals = 1) {
  const std::string text = percent_text(fraction, decimals);
  return text == "-" ? text : text + " %";
}

std::string share_text(const Maybe& share, int decimals = 1) {
  return share && *share >= 0 && *share <= 1 ? percentage(share, decimals) : "-";
}

/// Whether figures may be shown; a wrong answer's may not.
bool told(const Result& r) { return showable(r.verdict); }

/// Of results of one network and precision the one whose outputs say the most: it compared the most items, and among
/// equals erred the most.
bool says_more(const OutputQuality& a, const OutputQuality& b) {
  if (a.items != b.items) return a.items > b.items;
  return std::isfinite(b.relative_error) && !(a.relative_error <= b.relative_error);
}

/// The results whose quality is told, one for each network and precision, in the order of their first.
std::vector<const Result*> of_quality(const Report& report) {
  std::vector<const Result*> found;
  for (const Result& r : report.results) {
    if (!r.inference || !r.inference->quality) continue;
    const auto same = std::find_if(found.begin(), found.end(), [&](const Result* other) {
      return other->inference->network == r.inference->network && other->inference->precision == r.inference->precision;
    });
    if (same == found.end())
      found.push_back(&r);
    else if (says_more(*r.inference->quality, *(*same)->inference->quality))
      *same = &r;
  }
  return found;
}

Rows with_header(std::vector<std::string> header, Rows rows) {
  if (!rows.empty()) rows.insert(rows.begin(), std::move(header));
  return rows;
}

}  // namespace

std::optional<double> pass_seconds(const Inference& i) {
  return positive(i.items_per_s) && i.batch > 0 ? Maybe(static_cast<double>(i.batch) / i.items_per_s) : std::nullopt;
}

std::optional<double> measured_to_predicted(const Inference& i) {
  const auto measured = pass_seconds(i);
  return measured && positive(i.predicted_s) ? Maybe(*measured / *i.predicted_s) : std::nullopt;
}

std::optional<double> network_items_per_s(const Result& r) {
  Maybe rate;
  if (r.inference) rate = r.inference->items_per_s;
  if (r.training) rate = r.training->samples_per_s;
  return positive(rate) ? rate : std::nullopt;
}

std::string amount_text(std::optional<double> amount) {
  constexpr double kLeast = 1e-3;
  if (!positive(amount)) return "-";
  return *amount < kLeast ? fmt::format("<{}", kLeast) : rate_text(*amount, "");
}

Rows inference_table(const Report& report) {
  Rows rows;
  for (const Result& r : report.results) {
    if (!r.inference) continue;
    const Inference& i = *r.inference;
    const bool shown = told(r);
    const auto time = [&](const Maybe& seconds) { return shown ? seconds_text(seconds) : "-"; };
    const auto ratio = shown ? measured_to_predicted(i) : std::nullopt;
    rows.push_back({one_line(i.network), one_line(i.precision), count_text(i.batch), time(i.p50_s), time(i.p95_s),
                    time(i.p99_s), amount_text(shown ? network_items_per_s(r) : std::nullopt),
                    percentage(shown ? utilisation(r) : std::nullopt), seconds_text(i.predicted_s), ratio_text(ratio),
                    std::string(name(r.verdict))});
  }
  return with_header(
      {"network", "type", "batch", "p50", "p95", "p99", "items/s", "of peak", "predicted", "time/pred.", "verdict"},
      std::move(rows));
}

Rows quality_table(const Report& report) {
  Rows rows;
  for (const Result* r : of_quality(report)) {
    const Inference& i = *r->inference;
    const OutputQuality& q = *i.quality;
    rows.push_back({one_line(i.network), one_line(i.precision), amount_text(number(i.parameters)),
                    bytes_text(i.weight_bytes), count_text(q.items), error_text(q.relative_error), error_text(q.rmse),
                    share_text(q.top1_agreement), share_text(q.accuracy, 2), share_text(q.reference_accuracy, 2),
                    std::string(name(r->verdict))});
  }
  return with_header(
      {"network", "type", "parameters", "weights", "items", "error", "RMSE", "top-1", "accuracy", "ref.", "verdict"},
      std::move(rows));
}

Rows training_table(const Report& report) {
  Rows rows;
  for (const Result& r : report.results) {
    if (!r.training) continue;
    const Training& t = *r.training;
    const bool shown = told(r);
    rows.push_back({one_line(t.network), count_text(t.batch),
                    amount_text(shown ? network_items_per_s(r) : std::nullopt),
                    percentage(shown ? utilisation(r) : std::nullopt), share_text(t.target_accuracy),
                    seconds_text(t.time_to_target_s), count_text(t.epochs_to_target),
                    count_text(t.iterations_to_target), share_text(t.best_accuracy, 2), error_text(t.gradient_error),
                    t.repeats ? "yes" : "NO", std::string(name(r.verdict))});
  }
  return with_header({"network", "batch", "samples/s", "of peak", "target", "time", "epochs", "steps", "best",
                      "gradient", "repeats", "verdict"},
                     std::move(rows));
}

}  // namespace peakproof::reports
