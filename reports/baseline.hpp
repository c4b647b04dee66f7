// What a kind of device is known to reach: made from several reports, sealed with a hash.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.hpp"

namespace peakproof::reports {

/// Of one result (row_name) over the reports it was made from.
struct BaselineEntry {
  std::string subject;  ///< row_name()
  std::string unit;
  int count = 0;                ///< reports that stayed
  int outliers = 0;             ///< reports that were left out
  std::optional<double> issue;  ///< median E_issue
  Interval issue_ci95;          ///< of the median over the reports; not finite below 6
  double issue_spread = 0;      ///< relative: (max - min) / median of those that stayed
  double achieved_per_s = 0;    ///< median
  Interval achieved_ci95;
  double achieved_spread = 0;
};

struct Baseline {
  std::string created;             ///< ISO 8601
  std::string tool_version;        ///< of the reports; several with commas between them
  std::string device;              ///< name of the board
  std::string compute_capability;  ///< "9.0"; "cpu" for a CPU
  int sm_count = 0;                ///< 0: unknown
  bool stand_in = false;           ///< made of a pretend device: held against nothing else
  std::string driver;
  std::optional<double> power_limit_w;
  std::string ecc;                   ///< "on", "off", "" unknown
  std::vector<std::string> run_ids;  ///< of the reports
  std::vector<BaselineEntry> entries;
  std::string sha256;  ///< seal over everything else
};

/// Refuses (ReadError) fewer than 3 reports, reports of different devices, drivers, power limits or ECC, the same report
/// twice, interrupted, rejected or stand-in ones (the latter but with allow_stand_in), and figures that would poison it:
/// below the result's floor, above 105 % of the peak, or without any theory and widely spread. Every device of a node
/// counts as one report. Outliers (beyond 5 robust standard deviations and 1 % of the median) are left out one by one,
/// the farthest first, as long as 3 stay. `names` says what each report is called in errors (its file); it may be empty.
[[nodiscard]] Baseline create_baseline(std::span<const Report> reports, bool allow_stand_in = false,
                                       std::span<const std::string> names = {});
/// With the seal that belongs to it, whatever `sha256` holds.
[[nodiscard]] std::string to_json(const Baseline& baseline);
/// Throws ReadError: not a baseline, another major version, a broken seal, a field that is missing or absurd. The seal
/// shows that a file was changed, by accident or by hand; it is no signature and does not say who made it.
[[nodiscard]] Baseline read_baseline(std::string_view text);
/// Why the baseline must not be held against this device (or any device of a node or fleet): another board,
/// architecture, power limit, ECC, unit of a result. Empty: it may.
[[nodiscard]] std::vector<std::string> mismatches(const Baseline& baseline, const Report& report);
/// What differs, or cannot be compared, and is no reason to refuse: another driver, an unknown power limit.
[[nodiscard]] std::vector<std::string> remarks(const Baseline& baseline, const Report& report);
/// What makes the baseline weak: figures that spread widely, too few reports for an interval, reports left out.
[[nodiscard]] std::vector<std::string> warnings(const Baseline& baseline);
/// For a terminal: what it was made from, and a line for each entry.
[[nodiscard]] std::string to_text(const Baseline& baseline);

}  // namespace peakproof::reports
