// What is said of a fleet as a whole: who is missing, what is mixed, who stands out.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "reports/baseline_device.hpp"
#include "reports/fleet_parts.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {

bool same_host(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto first = [](const std::string& name) { return name.substr(0, name.find('.')); };
  const bool one_is_short = a.find('.') == std::string::npos || b.find('.') == std::string::npos;
  return one_is_short && first(a) == first(b);
}

std::vector<Check> expectation_checks(const Expected& expected, const std::vector<Item>& items) {
  std::vector<Check> checks;
  std::set<std::string> hosts;
  std::set<std::string> runs;
  for (const Item& item : items) {
    hosts.insert(item.host);
    runs.insert(item.run_id.empty() ? label(item) + item.device.started : item.run_id);
  }
  for (const std::string& name : expected.hosts) {
    const std::string wanted = small_letters(name);
    if (std::none_of(hosts.begin(), hosts.end(), [&](const std::string& host) { return same_host(host, wanted); }))
      checks.push_back(fleet_check("PP-7201", "missing", name, Status::fail, "no report of this host was given"));
  }
  if (!expected.hosts.empty())
    for (const std::string& host : hosts)
      if (std::none_of(expected.hosts.begin(), expected.hosts.end(),
                       [&](const std::string& name) { return same_host(small_letters(name), host); }))
        checks.push_back(fleet_check("PP-6303", "unexpected", host.empty() ? "withheld" : host, Status::warn,
                                     "this host was not expected"));
  const auto found = static_cast<int>(runs.size());
  if (expected.count > 0 && found != expected.count) {
    Check check = fleet_check("PP-7202", "count", "", found < expected.count ? Status::fail : Status::warn,
                              fmt::format("{} reports expected, {} given", expected.count, found));
    check.measured = found;
    check.limit = expected.count;
    check.unit = "reports";
    checks.push_back(std::move(check));
  }
  for (const Unread& unread : expected.unread)
    checks.push_back(fleet_check("PP-7203", "unreadable", unread.file, Status::error,
                                 fmt::format("holds no report that can be used: {}", unread.why)));
  return checks;
}

std::vector<Check> mixture_checks(const Expected& expected, const std::vector<Item>& items) {
  std::map<std::string, std::map<std::string, int>> values;  // what -> value -> how often
  for (const Item& item : items) {
    ++values["PeakProof"][item.device.tool.version];
    const std::string& board = item.device.device.spec.name;
    for (const char* key : {"driver", "vbios"}) ++values[fmt::format("{} of {}", key, board)][fact(item.device, key)];
    const double watts = item.device.device.spec.power_limit_w;
    ++values[fmt::format("power limit of {}", board)]
            [watts_or_unknown(watts > 0 ? std::optional(watts) : std::nullopt)];
  }
  for (const std::string& schema : expected.schemas) ++values["schema"][schema];
  std::vector<Check> checks;
  for (const auto& [what, counts] : values) {
    if (counts.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [value, count] : counts) parts.push_back(fmt::format("{} ({})", or_unknown(value), count));
    checks.push_back(fleet_check("PP-6304", "mixed", what, Status::warn,
                                 fmt::format("not the same all over the fleet: {}", fmt::join(parts, ", "))));
  }
  return checks;
}

std::vector<Check> peer_checks(const Report& fleet, const Terms& terms) {
  if (terms.policy == nullptr) return {};
  const auto devices = devices_of(fleet);
  const auto found = evaluate_peers(devices, terms);
  std::vector<Check> checks;
  int compared = 0;
  for (std::size_t i = 0; i < found.size() && i < devices.size(); ++i) {
    const Item item{.host = host_of(*devices[i]), .key = device_key(*devices[i])};
    for (Check check : found[i]) {
      if (check.status == Status::pass) ++compared;
      if (check.status != Status::fail && check.status != Status::warn) continue;
      const std::string& name = item.key.empty() ? devices[i]->device.spec.name : item.key;
      check.subject =
          one_line(fmt::format("{} on {}: {}", name, item.host.empty() ? "a withheld host" : item.host, check.subject));
      check.id = "fleet." + check.id;
      check.message = "within the fleet: " + check.message;
      checks.push_back(std::move(check));
    }
  }
  if (compared > 0 && checks.empty()) {
    Check none = fleet_check("PP-6305", "peers", "", Status::pass,
                             fmt::format("no outlier among equal devices: {} figures of {} devices held against the "
                                         "median of the fleet",
                                         compared, devices.size()));
    none.id = "fleet.peers";
    checks.push_back(std::move(none));
  }
  return checks;
}

}  // namespace peakproof::reports
