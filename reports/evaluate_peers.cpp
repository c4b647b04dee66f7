// Rules on peers: the devices of a node against each other.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "reports/evaluate_parts.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kFewest = 3;          ///< of two that differ nobody can say which one is slow
constexpr double kMadToDeviation = 1.4826;  ///< of a normal distribution: 1 / quantile(0.75)

/// The same result on one device each.
struct Row {
  std::vector<std::size_t> devices;
  std::vector<const Result*> results;
};

/// E_issue of a result as it was measured last (turn 0), the time before (1), …; nothing where it was not, or was too noisy.
std::optional<double> issue_of(const Result& result, std::size_t turn) {
  const auto usable = [](std::optional<double> x) { return x && std::isfinite(*x) && *x > 0 ? x : std::nullopt; };
  if (turn == 0) return usable(figure(Measure::peer, result.efficiency, result.achieved_per_s));
  if (turn > result.attempts.size()) return std::nullopt;
  const Attempt& attempt = result.attempts[result.attempts.size() - turn];
  return is_usable(attempt.verdict) ? usable(figure(Measure::peer, attempt.efficiency, attempt.achieved_per_s))
                                    : std::nullopt;
}

struct Center {
  double median = 0;
  double deviation = 0;  ///< robust: 1.4826 x MAD
};
Center center_of(const std::vector<double>& values) {
  const double median = quantile(values, 0.5);
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values) distances.push_back(std::abs(value - median));
  return {.median = median, .deviation = kMadToDeviation * quantile(distances, 0.5)};
}

/// Of all devices in the same turn, so that the turns of one device are held against medians that do not share an error; the
/// last figure of those that were not measured so often.
Center center_of(const Row& row, std::size_t turn) {
  std::vector<double> values;
  for (const Result* result : row.results) {
    const auto then = issue_of(*result, turn);
    values.push_back(then ? *then : *issue_of(*result, 0));
  }
  return center_of(values);
}

double z_of(double value, const Center& center) {
  const double distance = std::abs(value - center.median);
  if (center.deviation > 0) return distance / center.deviation;
  return distance > 0 ? std::numeric_limits<double>::infinity() : 0;
}

/// Beyond a limit only counts where it is also beyond what the peers differ by among themselves.
Status status_of(const Rule& rule, double value, const Center& center) {
  const Status status = held_against(rule, value / center.median);
  return z_of(value, center) >= rule.least_z.value_or(0) ? status : Status::pass;
}

Check judged(const Rule& rule, const Row& row, std::size_t place, const std::vector<Center>& centers) {
  const Result& result = *row.results[place];
  Check check = check_of(rule, row_name(result));
  const double value = *issue_of(result, 0);
  Votes votes;
  for (std::size_t turn = 0; turn < centers.size(); ++turn)
    if (const auto then = issue_of(result, turn)) votes.add(status_of(rule, *then, centers[turn]));
  const Center& center = centers.front();
  const Status now = status_of(rule, value, center);
  const double ratio = value / center.median;
  check.measured = ratio;
  check.limit = deciding_limit(rule, ratio, now);
  if (ratio > 1 && now != Status::pass) check.code = "PP-1302";
  std::string message = fmt::format("E_issue is {} of the median of {} devices, {}", number_text(ratio, ""),
                                    row.devices.size(), number_text(center.median, ""));
  if (center.deviation > 0) message += fmt::format("; {:.1f} robust deviations away", z_of(value, center));
  if (check.limit) message += fmt::format(", limit {}", number_text(*check.limit, ""));
  return voted(std::move(check), votes, std::move(message));
}

/// By board and row_name; of results of one name on one device the slowest (rounds of a soak).
using Rows = std::map<std::pair<std::string, std::string>, Row>;

/// The results that this rule is the first one for, and that have an E_issue: without it the clock is not taken out.
Rows rows_of(std::span<const Rule> rules, std::size_t rule, std::span<const Report* const> devices) {
  Rows rows;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Report& device = *devices[i];
    for (const Result& result : device.results) {
      const std::string name = row_name(result);
      if (!is_usable(result.verdict) || !is_first_rule(rules, rule, name, device.device.spec) || !issue_of(result, 0))
        continue;
      Row& row = rows[{device.device.spec.name, name}];
      if (row.devices.empty() || row.devices.back() != i) {
        row.devices.push_back(i);
        row.results.push_back(&result);
      } else if (*issue_of(result, 0) < *issue_of(*row.results.back(), 0)) {
        row.results.back() = &result;
      }
    }
  }
  return rows;
}

void add_row(std::vector<std::vector<Check>>& checks, const Rule& rule, const Row& row) {
  std::size_t turns = 1;
  for (const Result* result : row.results) turns = std::max(turns, result->attempts.size() + 1);
  std::vector<Center> centers;
  for (std::size_t turn = 0; turn < turns; ++turn) centers.push_back(center_of(row, turn));
  for (std::size_t i = 0; i < row.devices.size(); ++i) checks[row.devices[i]].push_back(judged(rule, row, i, centers));
}

}  // namespace

std::vector<std::vector<Check>> evaluate_peers(std::span<const Report* const> devices, const Terms& terms) {
  std::vector<std::vector<Check>> checks(devices.size());
  const auto& rules = terms.policy->rules;
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const Rule& rule = rules[r];
    if (rule.measure != Measure::peer) continue;
    std::vector<std::vector<std::string>> alone(devices.size());
    std::vector<bool> compared(devices.size(), false);
    for (const auto& [key, row] : rows_of(rules, r, devices)) {
      if (row.devices.size() >= kFewest) add_row(checks, rule, row);
      for (const std::size_t device : row.devices) {
        if (row.devices.size() >= kFewest)
          compared[device] = true;
        else
          alone[device].push_back(key.second);
      }
    }
    for (std::size_t i = 0; i < devices.size(); ++i) {
      if (!applies_to(rule, devices[i]->device.spec)) continue;
      if (!alone[i].empty() || !compared[i]) {
        checks[i].push_back(not_applicable(rule, "",
                                           fmt::format("blind with fewer than three equal devices{}{}",
                                                       alone[i].empty() ? "" : ": ", listed(alone[i]))));
      }
    }
  }
  return checks;
}

}  // namespace peakproof::reports
