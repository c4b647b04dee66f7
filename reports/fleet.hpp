// Many reports as one: the devices of a node, the nodes of a fleet.
#pragma once

#include <string>
#include <vector>

#include "reports/evaluate.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// A file that holds no report that could be used.
struct Unread {
  std::string file;
  std::string why;
};

/// Who should have sent a report, and what came beside the reports that could be read.
struct Expected {
  std::vector<std::string> hosts;    ///< names, with or without their domain; empty: nobody in particular
  int count = 0;                     ///< of runs, each of a node or a device; the same one twice counts once; 0: any
  std::vector<Unread> unread;        ///< each makes the fleet inconclusive: it is not silently smaller
  std::vector<std::string> schemas;  ///< the versions of the schema that the files are written in
};

/// One report of scope fleet whose members are the nodes, by host name (several reports of one host become one node;
/// each anonymous run is a node of its own). The same report twice counts once; of one device measured twice the later
/// counts, and that is said. A run that a signal ended, or whose device failed, stays one. Every device and node is judged again by the terms. Missing hosts, outliers among equal
/// devices of the whole fleet and mixed versions are named in checks. The fleet keeps figures; samples, maps of the SMs and
/// timelines stay in the nodes' own reports. Throws ReadError where there is nothing to merge.
[[nodiscard]] Report merge(std::vector<Report> reports, const Expected& expected, const Terms& terms);

/// conclude() for a report of any scope: of a fleet with the peers among all its devices.
void conclude_all(Report& report, const Terms& terms, const RunEvents& events = {});

/// What a saved report's run itself saw and neither its figures nor its checks show: a signal, a device that was lost.
[[nodiscard]] RunEvents events_of(const Report& report);

/// The devices' reports as one of scope node: the worst of them decides. Its checks are still to be made: conclude().
[[nodiscard]] Report node_of(std::vector<Report> devices);

/// Every report of scope device in it, itself included.
[[nodiscard]] std::vector<const Report*> devices_of(const Report& report);

}  // namespace peakproof::reports
