// A soak's rounds as one report of one device: nothing that failed in any round is lost, and the file stays small.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "reports/result.hpp"

namespace peakproof::bench {

/// Puts results, health and facts of `more`, which was measured later on the same device, behind those of `report`, and
/// settles what is missing. What `more` had planned must be planned in `report` already.
void add_measured(reports::Report& report, reports::Report more);

/// Of the first round everything is kept; of later ones every check that did not pass and was not skipped (as a check
/// of its own, "run.round:7.<id>"), up to kMostKept results of a case that did not pass (as results with the parameter
/// "round"), what is missing, the device's health, and of each case the range of its figure.
class SoakRecord {
 public:
  static constexpr int kMostKept = 3;
  /// `round`: concluded, of this device.
  void add(reports::Report round);
  [[nodiscard]] int rounds() const { return rounds_; }
  /// Everything so far, to be concluded once more. `with`: a round that still goes on.
  [[nodiscard]] reports::Report report() const;

 private:
  struct Range {
    double lowest = 0;
    double highest = 0;
    bool issue = false;  ///< E_issue; else achieved per second
    int rounds = 0;
  };
  void note_ranges(const reports::Report& round);
  void carry_checks(const reports::Report& round);

  reports::Report report_;
  int rounds_ = 0;
  std::map<std::string, Range> ranges_;                                    ///< by row_name
  std::map<std::string, int> kept_;                                        ///< by row_name
  std::map<std::pair<std::string, std::string>, reports::Check> carried_;  ///< by the rule's id and subject
};

}  // namespace peakproof::bench
