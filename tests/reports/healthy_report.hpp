// A device that has nothing wrong, for tests that break one thing of it.
#pragma once

#include <string>

#include "reports/result.hpp"

namespace peakproof::reports {

/// A result with its floor kept, a right answer, audited code and a watched region, as if measured at this E_issue and C.
[[nodiscard]] Result healthy_result(const std::string& name, theory::Pipe pipe, double issue = 0.98,
                                    double clock = 0.97);

/// An H200 with results on several pipes, every counter read and no event. `uuid` tells devices apart.
[[nodiscard]] Report healthy_report(const std::string& uuid = "GPU-0");

/// A node of `count` of them.
[[nodiscard]] Report healthy_node(int count);

/// The host CPU, with one result.
[[nodiscard]] Report healthy_cpu();

[[nodiscard]] Counter& counter_of(Report& report, const std::string& name);

}  // namespace peakproof::reports
