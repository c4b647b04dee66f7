// What is wrong with a policy: above all limits that can never fail or never pass.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "reports/codes.hpp"
#include "reports/evaluate_parts.hpp"
#include "reports/health.hpp"
#include "reports/policy.hpp"
#include "theory/boards.hpp"
#include "theory/peak.hpp"

namespace peakproof::reports {
namespace {

// The band in which a limit can be meant, as a share of the peak: under 30 % a device fails that is switched off, over
// 105 % none passes. DCGM's 2333 (bytes a second, not megabytes) for the H200 is 0.05 %, AWS's 800 GB/s for a link of 450
// is 178 %.
constexpr double kLeast = 0.30;
constexpr double kMost = 1.05;

/// What the counters are called that are read of a GPU, and their units.
constexpr std::array kCounters = {
    std::pair{"ecc_corrected_volatile", "errors"},
    std::pair{"ecc_uncorrected_volatile", "errors"},
    std::pair{"ecc_corrected_dram_volatile", "errors"},
    std::pair{"ecc_uncorrected_dram_volatile", "errors"},
    std::pair{"ecc_corrected_sram_volatile", "errors"},
    std::pair{"ecc_uncorrected_sram_volatile", "errors"},
    std::pair{"ecc_uncorrected_aggregate", "errors"},
    std::pair{"ecc_sram_threshold_exceeded", ""},
    std::pair{"retired_pages_pending", ""},
    std::pair{"row_remap_corrected", "rows"},
    std::pair{"row_remap_uncorrected", "rows"},
    std::pair{"row_remap_pending", ""},
    std::pair{"row_remap_failed", ""},
    std::pair{"row_remap_banks_low", "banks"},
    std::pair{"row_remap_banks_none", "banks"},
    std::pair{"pcie_replays", "packets"},
    std::pair{"pcie_generation", ""},
    std::pair{"pcie_width", ""},
    std::pair{"pcie_generation_max", ""},
    std::pair{"pcie_width_max", ""},
    std::pair{"nvlinks_active", "links"},
    std::pair{"nvlinks_inactive", "links"},
    std::pair{"nvlink_replay_errors", "errors"},
    std::pair{"nvlink_recovery_errors", "errors"},
    std::pair{"nvlink_crc_errors", "errors"},
    std::pair{"violation_power_s", "s"},
    std::pair{"violation_thermal_s", "s"},
    std::pair{"violation_sync_boost_s", "s"},
    std::pair{"violation_board_limit_s", "s"},
    std::pair{"violation_low_utilization_s", "s"},
    std::pair{"violation_reliability_s", "s"},
    std::pair{"recovery_action", ""},
};
/// Facts of a GPU, and what is derived from several, that a state can be.
constexpr std::array<std::string_view, 19> kFacts = {
    "power_limit_w",
    "power_limit_default_w",
    "power_limit_min_w",
    "power_limit_max_w",
    "ecc",
    "ecc_pending",
    "mig",
    "compute_mode",
    "persistence",
    "vbios",
    "driver",
    "inforom",
    "board_part",
    "clock_sm_max_mhz",
    "virtualization",
    "profiler",
    "nvlinks_of_board",
    "pcie_link_under_load",
    "clock_sm_application_mhz",
};

using Limits = std::vector<std::pair<std::string_view, double>>;
Limits limits_of(const Rule& rule) {
  Limits limits;
  const auto add = [&limits](std::string_view name, const std::optional<double>& limit) {
    if (limit) limits.emplace_back(name, *limit);
  };
  add("fail_below", rule.fail_below);
  add("warn_below", rule.warn_below);
  add("fail_above", rule.fail_above);
  add("warn_above", rule.warn_above);
  return limits;
}

bool is_fraction(Measure m) {
  return m == Measure::issue || m == Measure::spec || m == Measure::clock || m == Measure::peer ||
         m == Measure::baseline;
}
bool looks_at_results(Measure m) { return is_fraction(m) || m == Measure::absolute; }

class Linter {
 public:
  Linter(const Rule& rule, std::span<const theory::DeviceSpec> devices, std::span<const KnownResult> known,
         std::vector<LintProblem>& problems)
      : rule_(rule), devices_(devices), known_(known), problems_(problems) {}

  void check() const {
    if (rule_.id.empty()) say("the rule has no id");
    if (rule_.source.empty()) say("the rule names no source");
    if (!find_code(rule_.code))
      say(fmt::format("code \"{}\" is not in the table (peakproof policy codes)", rule_.code));
    check_numbers();
    check_presence();
    check_unit();
    check_subject();
    check_architectures();
    if (rule_.measure == Measure::absolute) check_rates();
  }

 private:
  void say(std::string text) const { problems_.push_back({.rule = rule_.id, .text = std::move(text)}); }

  void check_numbers() const {
    for (const auto& [name, limit] : limits_of(rule_)) {
      const bool below = name.ends_with("below");
      if (!std::isfinite(limit))
        say(fmt::format("{} is no finite number", name));
      else if (limit < 0)
        say(fmt::format("{} {:g} is negative", name, limit));
      else if (limit == 0 && (below || is_fraction(rule_.measure) || rule_.measure == Measure::absolute))
        say(fmt::format("{} 0 {}", name, below ? "can never be missed" : "can never be kept"));
      else if (is_fraction(rule_.measure) && !(limit >= kLeast && limit <= kMost))
        say(fmt::format("{} {:g} is no fraction between {:g} and {:g} (95 % is 0.95)", name, limit, kLeast, kMost));
    }
    if (rule_.fail_below && rule_.warn_below && !(*rule_.warn_below >= *rule_.fail_below))
      say("warn_below is under fail_below: it would never be heard");
    if (rule_.fail_above && rule_.warn_above && !(*rule_.warn_above <= *rule_.fail_above))
      say("warn_above is over fail_above: it would never be heard");
    const auto lowest_above = rule_.warn_above ? rule_.warn_above : rule_.fail_above;
    const auto highest_below = rule_.warn_below ? rule_.warn_below : rule_.fail_below;
    if (lowest_above && highest_below && !(*lowest_above > *highest_below)) say("nothing lies between its limits");
    if (rule_.least_z && !(*rule_.least_z >= 0 && *rule_.least_z <= 10))
      say("least_z must be 0 to 10 robust standard deviations");
  }

  void check_presence() const {
    const bool limits = !limits_of(rule_).empty();
    const Measure m = rule_.measure;
    const bool fixed = m == Measure::correctness || m == Measure::validity;
    if (!limits && rule_.allowed.empty() && !fixed && m != Measure::issue) say("it has no limit: it can never fail");
    if (fixed && limits) say("it has limits, which this measure does not look at");
    if (!rule_.allowed.empty() && m != Measure::state) say("allowed is for states only");
    if (!rule_.allowed.empty() && limits) say("it has limits and allowed texts: only one of them is looked at");
    if (!rule_.reference.empty() && m != Measure::state) say("reference is for states only");
    if (rule_.least_z && m != Measure::peer) say("least_z is for peers only");
    if (!rule_.condition.empty() && (m != Measure::reason || rule_.condition != "power_limit_lowered"))
      say("condition can only be \"power_limit_lowered\", of a reason");
    if (rule_.device_fault && rule_.outcome != Status::fail) say("only what fails can be a fault of the device");
    const bool one_sided = m == Measure::reason || m == Measure::counter || m == Measure::event;
    if (one_sided && (rule_.fail_below || rule_.warn_below)) say("less than a limit is no fault here: use …_above");
  }

  void check_unit() const {
    const auto expect = [this](std::string_view unit) {
      if (rule_.unit != unit) say(fmt::format(R"(the unit is "{}", this measure's is "{}")", rule_.unit, unit));
    };
    if (is_fraction(rule_.measure) || rule_.measure == Measure::correctness || rule_.measure == Measure::validity)
      expect("");
    if (rule_.measure == Measure::reason) expect("s");
    if (rule_.measure == Measure::event) expect("events");
    if (rule_.measure == Measure::absolute) {
      constexpr std::array<std::string_view, 4> kUnits = {"FLOP/s", "OP/s", "B/s", kCalls};
      if (std::find(kUnits.begin(), kUnits.end(), rule_.unit) == kUnits.end())
        say(fmt::format("the unit \"{}\" is none of FLOP/s, OP/s, B/s, CALL/s (no prefixes)", rule_.unit));
    }
  }

  void check_subject() const {
    switch (rule_.measure) {
      case Measure::validity:
        if (const auto all = validity_aspects(); std::find(all.begin(), all.end(), rule_.subject) == all.end())
          say(fmt::format("\"{}\" is no aspect of validity: {}", rule_.subject, fmt::join(all, ", ")));
        break;
      case Measure::reason:
        for_each_alternative([this](const std::string& glob) {
          const auto& names = clock_reason_names();
          if (std::none_of(names.begin(), names.end(), [&](const auto& n) { return matches_glob(glob, n.name); }))
            say(fmt::format("no clock event reason is called \"{}\"", glob));
        });
        break;
      case Measure::counter:
      case Measure::state:
        for_each_alternative([this](const std::string& glob) { check_counter(glob); });
        break;
      case Measure::event:
        for_each_alternative([this](const std::string& glob) {
          constexpr std::array<std::string_view, 5> kKinds = {"ecc_uncorrected", "ecc_corrected", "clock", "gpu_lost",
                                                              "unknown"};
          const bool xid = glob.starts_with("xid:") && glob.size() > 4 &&
                           glob.find_first_not_of("0123456789*?", 4) == std::string::npos;
          const bool kind = std::any_of(kKinds.begin(), kKinds.end(), [&](auto k) { return matches_glob(glob, k); });
          if (!xid && !kind) say(fmt::format("no event is called \"{}\" (\"xid:79\", \"ecc_uncorrected\", …)", glob));
        });
        break;
      default:
        if (looks_at_results(rule_.measure) || rule_.measure == Measure::correctness) check_pattern();
    }
  }

  template <class Do>
  void for_each_alternative(Do action) const {
    std::string_view rest = rule_.subject;
    for (std::size_t bar = 0; bar != std::string_view::npos;) {
      bar = rest.find('|');
      action(std::string(rest.substr(0, bar)));
      if (bar != std::string_view::npos) rest.remove_prefix(bar + 1);
    }
  }

  void check_counter(const std::string& glob) const {
    bool any = false;
    for (const auto& [name, unit] : kCounters) {
      if (!matches_glob(glob, name)) continue;
      any = true;
      const bool per_second = rule_.measure == Measure::counter && rule_.unit == std::string(unit) + "/s";
      if (rule_.measure == Measure::counter && rule_.unit != unit && !per_second)
        say(fmt::format(R"(the unit is "{0}", that of {1} is "{2}" or "{2}/s")", rule_.unit, name, unit));
    }
    if (rule_.measure == Measure::state)
      any = any || std::any_of(kFacts.begin(), kFacts.end(), [&glob](auto name) { return matches_glob(glob, name); });
    if (!any)
      say(fmt::format("no {} is called \"{}\"", rule_.measure == Measure::state ? "fact or counter" : "counter", glob));
  }

  /// A benchmark's name stands for all its results.
  [[nodiscard]] bool means(std::string_view glob, const KnownResult& result) const {
    const std::string_view head = glob.substr(0, glob.find('/'));
    return matches_glob(glob, result.name) ||
           (result.name.find('/') == std::string::npos && head != glob && matches_glob(head, result.name));
  }

  void check_pattern() const {
    if (known_.empty()) return;
    for_each_alternative([this](const std::string& glob) {
      if (std::none_of(known_.begin(), known_.end(), [&](const KnownResult& k) { return means(glob, k); }))
        say(fmt::format("no result is called \"{}\"", glob));
    });
  }

  void check_architectures() const {
    if (rule_.architectures.empty()) return;
    const auto boards = known_boards();
    theory::DeviceSpec cpu;
    cpu.kind = theory::DeviceKind::cpu;
    for (const std::string& glob : rule_.architectures) {
      Rule one = rule_;
      one.architectures = {glob};
      const auto fits = [&one](const theory::DeviceSpec& d) { return applies_to(one, d); };
      if (!std::any_of(boards.begin(), boards.end(), fits) && !fits(cpu) &&
          !std::any_of(devices_.begin(), devices_.end(), fits))
        say(fmt::format("no known device is \"{}\": the rule is never reached", glob));
    }
  }

  static std::vector<theory::DeviceSpec> known_boards() {
    std::vector<theory::DeviceSpec> specs;
    for (const theory::Board& board : theory::boards()) specs.push_back(theory::device_spec(board));
    return specs;
  }

  /// What is wrong with the limits of an absolute rate on this device; empty where nothing is, or nothing is known.
  [[nodiscard]] std::string wrong_rates(const theory::DeviceSpec& device, bool& judged) const {
    std::string problem;
    for (const auto& [name, limit] : limits_of(rule_)) {
      bool any = false;
      bool fits = false;
      std::string text;
      for (const KnownResult& result : known_) {
        if (!result.pipe || !matches_any_alternative(result)) continue;
        const auto peak = theory::rated_peak(device, *result.pipe);
        if (!peak || theory::unit(*result.pipe) != rule_.unit) continue;
        any = true;
        const double share = limit / peak->per_second;
        if (share >= kLeast && share <= kMost) {
          fits = true;
        } else {
          text = fmt::format("{} {} is {:.3g} % of the peak of {} on {} ({}): not between 30 and 105 %", name,
                             number_text(limit, rule_.unit), 100 * share, theory::name(*result.pipe), device.name,
                             number_text(peak->per_second, rule_.unit));
        }
      }
      judged = judged || any;
      if (any && !fits && problem.empty()) problem = text;
    }
    return problem;
  }

  [[nodiscard]] bool matches_any_alternative(const KnownResult& result) const {
    bool any = false;
    for_each_alternative([&](const std::string& glob) { any = any || means(glob, result); });
    return any;
  }

  void check_rates() const {
    if (known_.empty()) return;
    const bool all = !devices_.empty();
    const auto boards = all ? std::vector<theory::DeviceSpec>(devices_.begin(), devices_.end()) : known_boards();
    std::string first;
    bool judged = false;
    bool fits = false;
    for (const theory::DeviceSpec& device : boards) {
      if (!applies_to(rule_, device)) continue;
      bool here = false;
      const std::string problem = wrong_rates(device, here);
      judged = judged || here;
      if (here && problem.empty()) fits = true;
      if (!problem.empty() && (all || first.empty())) first = problem;
      if (!problem.empty() && all) say(problem);
    }
    if (!all && judged && !fits) say(first);
    if (!all && !judged)
      say("no peak is known to hold its limit against: name the unit and pattern of one kind of result");
  }

  const Rule& rule_;
  std::span<const theory::DeviceSpec> devices_;
  std::span<const KnownResult> known_;
  std::vector<LintProblem>& problems_;
};

}  // namespace

std::vector<LintProblem> lint(const Policy& policy, std::span<const theory::DeviceSpec> devices,
                              std::span<const KnownResult> known) {
  std::vector<LintProblem> problems;
  for (const Rule& rule : policy.rules) {
    Linter(rule, devices, known, problems).check();
    const auto same = [&rule](const Rule& other) { return other.id == rule.id; };
    if (std::count_if(policy.rules.begin(), policy.rules.end(), same) > 1)
      problems.push_back({.rule = rule.id, .text = "the id stands for several rules"});
  }
  if (std::none_of(policy.rules.begin(), policy.rules.end(), [](const Rule& r) { return r.required; }))
    problems.push_back({.rule = "", .text = "no rule is required: every device would be inconclusive"});
  return problems;
}

}  // namespace peakproof::reports
