// Many reports as one: the devices of a node, the nodes of a fleet.
#pragma once

#include <string>
#include <vector>

#include "reports/evaluate.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// Who should have sent a report.
struct Expected {
  std::vector<std::string> hosts;  ///< names; empty: nobody in particular
  int count = 0;                   ///< of reports; 0: any
};

/// One report of scope fleet whose members are the nodes (several reports of one host become one node). Reports of one
/// run_id count once; of one device measured twice the later counts, and that is said. Missing hosts, outliers among equal
/// devices and mixed versions are named in checks. Throws ReadError where there is nothing to merge.
[[nodiscard]] Report merge(std::vector<Report> reports, const Expected& expected, const Terms& terms);

/// The devices' reports as one of scope node.
[[nodiscard]] Report node_of(std::vector<Report> devices);

/// Every report of scope device in it, itself included.
[[nodiscard]] std::vector<const Report*> devices_of(const Report& report);

}  // namespace peakproof::reports
