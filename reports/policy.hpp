// What a device must reach to be accepted: rules, read from a JSON file with comments. The shipped one is
// reports/policies/default.json, which is compiled in.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/check.hpp"
#include "reports/result.hpp"
#include "theory/device_spec.hpp"

namespace peakproof::reports {

/// What a rule looks at. In brackets the unit of its limits.
enum class Measure {
  issue,        ///< E_issue of a result [fraction]; without limits of its own: against the result's floor
  spec,         ///< E_spec [fraction]
  clock,        ///< C = measured / rated clock [fraction]
  absolute,     ///< achieved per second [the result's unit]
  peer,         ///< E_issue / the median of the GPUs of the node (achieved, where there is no theory) [ratio]
  baseline,     ///< E_issue / the baseline's (achieved, where there is no theory) [ratio]
  reason,       ///< how long a clock event reason held in the timed region [s]
  counter,      ///< how much a health counter grew ["errors", …, or per second: "errors/s"]
  state,        ///< a health counter's or fact's value at the end, or its ratio to the one called `reference`
  event,        ///< how many Xids or other events of the driver there were ["events"]
  correctness,  ///< every answer right
  validity,     ///< one of validity_aspects(), named by `subject`
};
[[nodiscard]] std::string_view name(Measure measure);
[[nodiscard]] std::optional<Measure> measure_from_name(std::string_view name);

/// What a rule on validity can look at, by its `subject`:
/// complete (every planned result is there), measured (none ended in an error), quiet (none was noisy), audited (the
/// machine code that ran is the one that was audited), plausible (none above theory), known (each has a peak and a floor),
/// judged (at least one was held against a floor), watched (the device's health was known all the time), sound (the
/// device had no fault during the run).
[[nodiscard]] std::span<const std::string_view> validity_aspects();

struct Rule {
  std::string id;
  Measure measure = Measure::validity;
  /// Globs (* and ?), with | between alternatives, over row_name(), counter, fact, reason, or "xid:79".
  std::string subject = "*";
  /// Globs over what the device is: "9.0", "12.*", "gpu", "cpu", its variant ("datacenter_pro", "geforce"), its memory
  /// ("HBM3e"), its name. One must match; empty: all.
  std::vector<std::string> architectures;
  std::optional<double> fail_below, warn_below;
  std::optional<double> fail_above, warn_above;
  std::string unit;                  ///< of the limits; must be the measure's ("" for a fraction or ratio)
  std::vector<std::string> allowed;  ///< of a state that is a text
  std::string reference;             ///< of a state: the fact or counter that its value is divided by
  std::optional<double> least_z;     ///< of a peer: and so many robust standard deviations away
  /// Of a reason: it is held against its limits only where the power limit was lowered ("power_limit_lowered").
  std::string condition;
  Status outcome = Status::fail;  ///< what it means to break it: fail, or error (inconclusive)
  bool required = true;           ///< must be known; what is not required never does more than warn
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
/// The text of the default policy, with its comments.
[[nodiscard]] std::string_view default_policy_text();

/// Whether the text fits one of the globs, which stand between |: * for any text, ? for any one character.
[[nodiscard]] bool matches_glob(std::string_view globs, std::string_view text);
/// Whether the rule is for this device.
[[nodiscard]] bool applies_to(const Rule& rule, const theory::DeviceSpec& device);

/// A result as it may come, for lint(): the name of a benchmark ("dram") or a row_name ("dram/pattern:read").
struct KnownResult {
  std::string name;
  std::optional<theory::Pipe> pipe;
  std::string unit;
};

/// What is wrong with a rule: a threshold that is zero, absent, in the wrong unit, the wrong way round, under 30 % or over
/// 105 % of the computed peak, a name, code or pattern that means nothing. Empty: the policy may be used. A limit on an
/// absolute rate must be right on every one of these devices that its rule is for; where none are given, on at least one
/// known board. `known` are the results that there can be; empty: patterns over results are not looked up.
struct LintProblem {
  std::string rule;
  std::string text;
};
[[nodiscard]] std::vector<LintProblem> lint(const Policy& policy, std::span<const theory::DeviceSpec> devices,
                                            std::span<const KnownResult> known = {});

}  // namespace peakproof::reports
