// Rules on how the device is set up and how it stands at the end: facts, counters, and shares derived from several.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "reports/evaluate_parts.hpp"
#include "theory/boards.hpp"
#include "theory/link.hpp"

namespace peakproof::reports {
namespace {

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// Empty where there is none.
std::string fact(const Report& report, const std::string& name) {
  const auto found = report.device.facts.find(name);
  return found == report.device.facts.end() ? std::string() : found->second;
}

const Counter* find_counter(const Report& report, std::string_view name) {
  if (!report.health) return nullptr;
  for (const Counter& counter : report.health->counters)
    if (counter.name == name) return &counter;
  return nullptr;
}

/// A value that a state rule may look at, or why there is none.
struct Value {
  std::optional<double> number;
  std::string text;
  std::string why;
  bool absent_by_nature = false;
};

/// The share of the best that GPU and slot could do together that the PCIe link had under load, by the copies in one
/// direction that were measured: their peak is that of the link as it was read meanwhile.
Value pcie_share(const Report& report) {
  const auto at_most = [&report](const char* counter, int board) {
    const Counter* read = find_counter(report, counter);
    return read && read->after ? static_cast<int>(*read->after) : board;
  };
  const auto best = theory::pcie_peak({.generation = at_most("pcie_generation_max", report.device.spec.pcie_generation),
                                       .lanes = at_most("pcie_width_max", report.device.spec.pcie_lanes)});
  Value out{.why = "no PCIe copy in one direction was measured in this run", .absent_by_nature = true};
  for (const Result& result : report.results) {
    const auto direction = result.params.find("direction");
    if (result.pipe != theory::Pipe::pcie || !result.peak || direction == result.params.end() ||
        (direction->second != "h2d" && direction->second != "d2h"))
      continue;
    if (!best) return {.why = "what GPU and slot can do is not known"};
    const double share = result.peak->per_second / best->per_second;
    out = {.number = std::min(out.number.value_or(share), share)};
  }
  return out;
}

/// Active NVLinks as a share of those that the board is made for.
Value nvlink_share(const Report& report) {
  const theory::Board* known = theory::identify_board(report.device.spec);
  const double board = known != nullptr ? theory::device_spec(*known).nvlink_bytes_per_second : 0;
  if (!(board > 0)) return {.why = "the board's NVLinks are not known, or it has none", .absent_by_nature = true};
  const Counter* active = find_counter(report, "nvlinks_active");
  if (!active || !active->after) {
    const std::string why = active ? active->why : "not read";
    return {.why = why, .absent_by_nature = is_absent_by_nature(why)};
  }
  if (*active->after == 0)
    return {.why = "no NVLink is active: by design where there is no bridge or fabric", .absent_by_nature = true};
  // Generations by compute capability, as the data sheets of V100, A100, H100 and B200 have them.
  constexpr std::array kGenerations = {std::pair{7, 2}, std::pair{8, 3}, std::pair{9, 4}, std::pair{10, 5}};
  for (const auto& [major, generation] : kGenerations) {
    if (report.device.spec.compute_capability.major != major) continue;
    if (const auto one = theory::nvlink_peak({.generation = generation, .links = 1}, 2))
      return {.number = *active->after / std::round(board / one->per_second)};
  }
  return {.why = "the NVLink generation of this architecture is not known", .absent_by_nature = true};
}

/// A fact, a counter at the end of the run, or what is derived from several of them.
Value value_of(const Report& report, const std::string& name) {
  if (name == "pcie_link_under_load") return pcie_share(report);
  if (name == "nvlinks_of_board") return nvlink_share(report);
  if (const std::string text = fact(report, name); !text.empty()) return {.number = number_of(text), .text = text};
  if (const Counter* counter = find_counter(report, name)) {
    // A link may rest before or after the run; the better reading counts.
    const bool link = name == "pcie_generation" || name == "pcie_width";
    const auto value = link && counter->before && counter->after
                           ? std::optional(std::max(*counter->before, *counter->after))
                           : counter->after;
    if (value && std::isfinite(*value)) return {.number = value, .text = fmt::format("{:g}", *value)};
    return {.why = counter->why.empty() ? "not read" : counter->why,
            .absent_by_nature = !counter->before && is_absent_by_nature(counter->why)};
  }
  if (const auto why = unwatched(report)) return {.why = *why};
  return {.why = "not answered"};
}

Check check_state(const Rule& rule, const Report& report, const std::string& name) {
  const Value value = value_of(report, name);
  if (value.absent_by_nature) return not_applicable(rule, name, value.why);
  if (!rule.allowed.empty()) {
    if (value.text.empty()) return unread(rule, name, fmt::format("{} is not known: {}", name, value.why));
    const bool fine = std::find(rule.allowed.begin(), rule.allowed.end(), value.text) != rule.allowed.end();
    return decided(check_of(rule, name), fine ? Status::pass : rule.outcome,
                   fmt::format("{} is {}, allowed: {}", name, value.text, listed(rule.allowed)));
  }
  if (!value.number)
    return unread(rule, name, fmt::format("{} is not known: {}", name, value.why.empty() ? "no number" : value.why));
  Check check = check_of(rule, name);
  double measured = *value.number;
  std::string text = fmt::format("{} is {:g}", name, measured);
  if (!rule.reference.empty()) {
    const Value reference = value_of(report, rule.reference);
    if (reference.absent_by_nature) return not_applicable(rule, name, rule.reference + ": " + reference.why);
    if (!reference.number || !(*reference.number > 0))
      return unread(rule, name, fmt::format("{} is not known: {}", rule.reference, reference.why));
    measured /= *reference.number;
    text += fmt::format(", {} is {:g}", rule.reference, *reference.number);
  }
  const Status status = held_against(rule, measured);
  check.measured = measured;
  check.limit = deciding_limit(rule, measured, status);
  return decided(std::move(check), status, std::move(text));
}

}  // namespace

std::optional<double> fact_number(const Report& report, const std::string& name) {
  return number_of(fact(report, name));
}

std::vector<Check> check_states(const Rule& rule, const Report& report) {
  if (is_cpu(report)) return {not_applicable(rule, rule.subject, std::string(kNoManagement))};
  if (rule.subject.find_first_of("*?|") == std::string::npos) return {check_state(rule, report, rule.subject)};
  std::set<std::string> names;
  for (const auto& [name, text] : report.device.facts)
    if (matches_glob(rule.subject, name)) names.insert(name);
  if (report.health) {
    for (const Counter& counter : report.health->counters)
      if (matches_glob(rule.subject, counter.name)) names.insert(counter.name);
  }
  std::vector<Check> checks;
  checks.reserve(names.size());
  for (const std::string& name : names) checks.push_back(check_state(rule, report, name));
  if (checks.empty()) checks.push_back(unread(rule, rule.subject, unwatched(report).value_or("not answered")));
  return checks;
}

}  // namespace peakproof::reports
