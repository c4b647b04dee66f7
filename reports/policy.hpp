// What a device must reach to be accepted: rules, read from a JSON file with comments. The shipped one is
// reports/policies/default.json, which is compiled in.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.hpp"
#include "theory/device_spec.hpp"

namespace peakproof::reports {

/// What a rule looks at.
enum class Measure {
  issue,        ///< E_issue of a result; without limits of its own: against the result's floor
  spec,         ///< E_spec
  clock,        ///< C = measured / rated clock
  absolute,     ///< achieved per second, in the result's unit
  peer,         ///< E_issue against the median of the GPUs of the node
  baseline,     ///< E_issue (achieved where there is no theory) against the baseline's interval
  reason,       ///< the share of the timed region that a clock event reason held
  counter,      ///< the change of a health counter
  state,        ///< a health counter's or fact's value
  event,        ///< an Xid or another event of the driver
  correctness,  ///< every answer right
  validity,     ///< measured at all, quietly, audited, by a known theory, by nobody disturbed
};

struct Rule {
  std::string id;
  Measure measure = Measure::validity;
  std::string subject = "*";               ///< glob over row_name(), counter, fact or reason
  std::vector<std::string> architectures;  ///< globs over "9.0", "12.*", "cpu"; empty: all
  std::optional<double> fail_below, warn_below;
  std::optional<double> fail_above, warn_above;
  std::string unit;                  ///< of the limits; must be the measure's
  std::vector<std::string> allowed;  ///< of a state that is a text
  bool required = true;
  bool device_fault = false;
  std::string code;
  std::string source;
};

struct Policy {
  std::string name;
  std::string version;
  std::string text;        ///< as it was read, kept in the report so that a verdict can be given again
  std::string sha256;      ///< of the text
  int retests = 2;         ///< of a performance failure: two of three decide
  double cool_down_s = 5;  ///< before each
  std::vector<Rule> rules;
};

/// The policy of this text. Throws ReadError (reports/format.hpp) that names line and field.
[[nodiscard]] Policy read_policy(std::string_view text);
[[nodiscard]] const Policy& default_policy();

/// What is wrong with a rule: a threshold that is zero, absent, in the wrong unit, under 30 % or over 105 % of the computed
/// peak (on any of these devices), a code or pattern that means nothing. Empty: the policy may be used.
struct LintProblem {
  std::string rule;
  std::string text;
};
[[nodiscard]] std::vector<LintProblem> lint(const Policy& policy, std::span<const theory::DeviceSpec> devices);

}  // namespace peakproof::reports
