// The parts that a fleet is made of: the devices of its reports, each once, and what is said about them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "reports/check.hpp"
#include "reports/fleet.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// One device's report, and where it came from.
struct Item {
  Report device;
  std::string run_id;
  std::string host;       ///< in small letters; empty: withheld or unknown
  std::string key;        ///< the same for the same device; empty: nobody can tell
  std::size_t index = 0;  ///< of the device in its run
};

/// Reports taken apart. What nodes and fleets knew beyond their devices is kept for what it is about.
struct Parts {
  std::vector<Item> items;
  std::map<std::string, std::vector<Check>> of_nodes;  ///< by node_key()
  std::vector<Check> of_fleets;
};
[[nodiscard]] Parts take_apart(std::vector<Report> reports);

/// Leaves each report once, and of each device the latest; what was left out is said in checks.
[[nodiscard]] std::vector<Item> once_each(std::vector<Item> items, std::vector<Check>& checks);

/// ASCII letters only, as host names have them; no locale.
[[nodiscard]] std::string small_letters(std::string text);
/// In small letters; empty where it is withheld or unknown.
[[nodiscard]] std::string host_of(const Report& report);
/// The same for the same device in all its reports; empty where nobody can tell.
[[nodiscard]] std::string device_key(const Report& device);
/// The node that a device belongs to: its host, or else its run.
[[nodiscard]] std::string node_key(const std::string& host, const std::string& run_id);
/// When it ended, in seconds since 1970; long ago where it does not say.
[[nodiscard]] double finished_at(const Report& report);
/// "GPU-0123… on node-7": what a check is about.
[[nodiscard]] std::string label(const Item& item);

/// A check of the fleet as a whole. Required where it failed or could not be decided.
[[nodiscard]] Check fleet_check(std::string code, std::string id, const std::string& subject, Status status,
                                const std::string& message);
/// Whether those that were expected are there, and everything could be read.
[[nodiscard]] std::vector<Check> expectation_checks(const Expected& expected, const std::vector<Item>& items);
/// What should be the same all over the fleet and is not.
[[nodiscard]] std::vector<Check> mixture_checks(const Expected& expected, const std::vector<Item>& items);
/// The outliers among the equal devices of the whole fleet, each as a check of the fleet.
[[nodiscard]] std::vector<Check> peer_checks(const Report& fleet, const Terms& terms);
/// Whether the two host names, in small letters, mean one host: "node-7" and "node-7.example.org" do, two different full
/// names do not.
[[nodiscard]] bool same_host(const std::string& a, const std::string& b);

}  // namespace peakproof::reports
