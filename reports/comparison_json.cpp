// A comparison as JSON, for scripts.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "reports/comparison.hpp"
#include "reports/verdict.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kComparisonSchema = "1.0.0";

/// What is no finite number is null.
Json number(const std::optional<double>& x) { return x && std::isfinite(*x) ? Json(*x) : Json(nullptr); }

Json encode(const ComparedResult& r) {
  return {{"subject", r.subject},
          {"change", name(r.change)},
          {"unit", r.unit},
          {"before_per_s", number(r.before_per_s)},
          {"after_per_s", number(r.after_per_s)},
          {"ratio", number(r.ratio)},
          {"ratio_ci95", {{"low", number(r.ratio95.low)}, {"high", number(r.ratio95.high)}}},
          {"before_issue", number(r.before_issue)},
          {"after_issue", number(r.after_issue)},
          {"note", r.note}};
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json results = Json::array();
  for (const ComparedResult& result : comparison.results) results.push_back(encode(result));
  const int code = exit_code(comparison);
  const Json json = {{"kind", "peakproof comparison"},
                     {"schema", kComparisonSchema},
                     {"tolerance", comparison.tolerance},
                     {"differences", comparison.differences},
                     {"results", results},
                     {"verdict", verdict_of_exit_code(code)},
                     {"exit_code", code}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace peakproof::reports
