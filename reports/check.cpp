#include "reports/check.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace peakproof::reports {
namespace {

constexpr std::array kStatuses = {
    std::pair{Status::pass, std::string_view{"pass"}}, std::pair{Status::warn, std::string_view{"warn"}},
    std::pair{Status::fail, std::string_view{"fail"}}, std::pair{Status::error, std::string_view{"error"}},
    std::pair{Status::skip, std::string_view{"skip"}},
};

}  // namespace

std::string_view name(Status status) {
  for (const auto& [value, text] : kStatuses)
    if (value == status) return text;
  return "error";
}

std::optional<Status> status_from_name(std::string_view name) {
  for (const auto& [value, text] : kStatuses)
    if (text == name) return value;
  return std::nullopt;
}

int exit_code(std::span<const Check> checks, const RunEvents& events) {
  const auto any = [checks](auto&& holds) { return std::any_of(checks.begin(), checks.end(), holds); };
  const auto failed = [](const Check& c) { return c.status == Status::fail; };
  if (events.signal > 0) return exit_signal_base + events.signal;
  if (events.device_fault || any([&](const Check& c) { return failed(c) && c.device_fault; })) return exit_device_fault;
  if (any(failed)) return exit_rejected;
  const bool proven = any([](const Check& c) { return c.required && c.status == Status::pass; });
  const bool open =
      any([](const Check& c) { return c.required && (c.status == Status::error || c.status == Status::skip); });
  if (!proven || open || events.missing != 0) return exit_inconclusive;
  return events.report_not_written ? exit_report_not_written : exit_pass;
}

int worse(int a, int b) {
  const auto rank = [](int code) {
    if (code > exit_signal_base) return code;
    constexpr std::array kOrder = {+exit_pass, +exit_report_not_written, +exit_inconclusive, +exit_rejected,
                                   +exit_device_fault};
    const auto found = std::find(kOrder.begin(), kOrder.end(), code);
    return static_cast<int>((found == kOrder.end() ? kOrder.begin() + 2 : found) - kOrder.begin());
  };
  return rank(a) >= rank(b) ? a : b;
}

}  // namespace peakproof::reports
