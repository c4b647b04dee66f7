// Codes 1xxx to 3xxx and 7xxx: performance, clock and power, correctness, validity.
#include <array>

#include "reports/codes_rows.hpp"

namespace peakproof::reports {
namespace {

constexpr std::array kPerformance = {
    Code{"PP-1101", "performance.issue", "performance", "isolate",
         "E_issue of a result is below the limit, as a rule the benchmark's own floor.",
         "At its own clock the pipe, memory or link does less work than it can: a defect, another user of the device, "
         "or a "
         "kernel that does not suit it. Clock and power cap do not explain it.",
         "E_issue = achieved / peak(measured clock) >= floor; two of three measurements decide",
         "the floor's source is printed with each result; retest rule: SuperBench #626, azurehpc #628", "retest",
         "Look at the named losses of the result, then at other processes on the device; measure again on an idle "
         "node. If "
         "it stays low on one device only, drain it and have it serviced."},
    Code{"PP-1102", "performance.spec", "performance", "isolate", "E_spec of a result is below the policy's limit.",
         "The device reaches less of what was sold, whatever the reason.",
         "E_spec = achieved / peak(rated clock) >= limit; two of three measurements decide", "the policy's own",
         "retest",
         "Read E_issue and C beside it: C low is clock, power or heat; E_issue low is the device or its use."},
    Code{"PP-1103", "performance.absolute", "performance", "isolate",
         "A rate is below the policy's limit in units per second.", "A contract or data sheet asks for this figure.",
         "achieved per second >= limit; two of three measurements decide", "the policy's own", "retest",
         "As PP-1102. If every device fails, check the limit: peakproof policy lint --board NAME."},
    Code{
        "PP-1301", "performance.peer.slow", "performance", "isolate",
        "A device is slower at its own clock than the others of its node.",
        "Equal devices on equal work differ by little once the clock is taken out; one that stays behind is the one to "
        "look at. Blind when all are equally slow, and with fewer than three.",
        "x / median of all devices, x = E_issue (achieved where there is no theory); z = (x - median) / (1.4826 MAD)",
        "median and MAD: Iglewicz and Hoaglin, How to Detect and Handle Outliers; the limits are this project's "
        "proposal, sized by simulation (docs/acceptance.md)",
        "retest",
        "Compare the slow device's losses, SM map and power with a peer's; swap slots if it is a link. Drain it if it "
        "stays."},
    Code{"PP-1302", "performance.peer.fast", "performance", "monitor",
         "A device is faster at its own clock than the others of its node.",
         "Either it is the only healthy one, or a clock or count is wrong on it.", "as PP-1301, upper side",
         "as PP-1301", "retest", "Compare the others with a baseline: the fast one may be the healthy one."},
    Code{"PP-1303", "performance.peer.again", "performance", "none",
         "A result is to be measured again since it is in doubt on another device of the node.",
         "The second figure of the doubtful device is held against a median of its own, which does not share the error "
         "of "
         "the first.",
         "a check PP-1301 on any device that is not decided yet", "docs/acceptance.md", "retest",
         "None: the run does it by itself. It stays in the report only where measuring again was not allowed."},
    Code{"PP-1401", "performance.baseline.slow", "performance", "isolate",
         "A result is slower at its own clock than the baseline of this kind of device.",
         "What the same board, driver and power limit reached before is the tightest limit there is; it also sees what "
         "has slowed all devices of a node.",
         "x / baseline median < limit, and the upper end of the result's 95 % interval below the baseline's interval",
         "SuperBench and ReFrame compare with references in this way; the limit is this project's proposal, sized by "
         "simulation (docs/acceptance.md)",
         "retest", "peakproof compare with a report of the baseline; look at driver, BIOS and cooling changes."},
    Code{"PP-1402", "performance.baseline.fast", "performance", "monitor",
         "A result is faster at its own clock than the baseline.",
         "The baseline may have been made on slow devices or with other software.", "as PP-1401, upper side",
         "as PP-1401", "none", "Make the baseline again if this holds for many devices."},
    Code{"PP-1403", "performance.baseline.missing", "performance", "triage",
         "A benchmark of the baseline was planned and has no figure in this report, or none that is usable.",
         "What drops out of a comparison would pass unseen.",
         "names of the baseline's entries less those of the results",
         "the opposite fault is known of Google Benchmark's compare.py, which drops them", "retest",
         "Run the missing benchmark; the check of its validity says what stopped it."},
    Code{"PP-1404", "performance.baseline.extra", "performance", "none", "A result has no entry in the baseline.",
         "It is measured, and held against everything but a baseline.",
         "names of the results less those of the entries", "-", "none", "Make the baseline again to include it."},
};

constexpr std::array kClocks = {
    Code{"PP-2101", "clock.budget", "clock", "monitor", "The SM clock stayed far below the rated one.",
         "Rated peak is out of reach at this clock. Power capping by the default limit is how boards are made; heat, a "
         "lowered limit or locked clocks are not.",
         "C = measured clock / rated clock >= limit",
         "nvbench throws measurements below 75 % of the default clock away (--throttle-threshold)", "fix_config",
         "Read the clock losses of the result: power cap, thermal, locked, hardware slowdown."},
    Code{"PP-2201", "clock.hw_slowdown", "clock", "isolate", "Hardware slowed the clock while a result was timed.",
         "The board protects itself: power supply, temperature or an external signal.",
         "share of the timed region x its length; the larger of samples and driver counters > limit",
         "NVML API reference, NvmlClocksEventReasons: HW Slowdown", "service",
         "Check cooling, power cables and the power supply of the node; then measure again."},
    Code{"PP-2202", "clock.hw_thermal", "clock", "isolate",
         "The hardware's thermal slowdown was active while a result was timed.",
         "The clock is cut by a factor of two or more since the temperature is too high.", "as PP-2201",
         "NVML API reference, NvmlClocksEventReasons: HW Thermal Slowdown", "service",
         "Check air flow, fans, heat sink and inlet temperature."},
    Code{"PP-2203", "clock.hw_power_brake", "clock", "isolate",
         "The external power brake was asserted while a result was timed.",
         "The system's power supply asks the board to slow down.", "as PP-2201",
         "NVML API reference, NvmlClocksEventReasons: HW Power Brake Slowdown", "service",
         "Check the power supplies and the rack's power budget."},
    Code{"PP-2204", "clock.sw_thermal", "clock", "monitor", "The driver lowered the clock to keep the temperature.",
         "The device works as made, but cooling costs speed.", "as PP-2201",
         "NVML API reference, NvmlClocksEventReasons: SW Thermal Slowdown", "fix_config",
         "Check inlet temperature and fan curves; compare with the other devices of the node."},
    Code{"PP-2205", "clock.power_cap", "clock", "monitor",
         "The power cap lowered the clock, and the limit is below the board's default.",
         "At the default limit this is how the board is made; below it somebody takes speed away.", "as PP-2201",
         "NVML API reference, NvmlClocksEventReasons: SW Power Cap", "fix_config",
         "nvidia-smi -pl with the default limit, if the lower one is not wanted."},
    Code{"PP-2206", "clock.locked", "clock", "config", "Application clocks held the clock while a result was timed.",
         "Somebody's setting was left behind; the device cannot show what it can.", "as PP-2201",
         "NVML API reference, NvmlClocksEventReasons: Applications Clocks Setting", "fix_config",
         "nvidia-smi -rac and -rgc reset application and locked clocks."},
    Code{"PP-2301", "power.limit_lowered", "clock", "config", "The power limit is below the board's default.",
         "Less power is less clock under load.", "enforced limit / default limit >= limit of the rule",
         "NVML API reference: nvmlDeviceGetEnforcedPowerLimit, nvmlDeviceGetPowerManagementDefaultLimit; DCGM error 72 "
         "ENFORCED_POWER_LIMIT",
         "fix_config", "nvidia-smi -pl with the default limit, if the lower one is not wanted."},
};

constexpr std::array kCorrectness = {
    Code{
        "PP-3101", "correctness.answer", "correctness", "isolate", "The device computed a wrong answer.",
        "Silent data corruption: no error is raised, and whatever else was computed on this device is in doubt. It is "
        "never measured again, since a fault that comes and goes is a fault.",
        "items that differ from the independently computed answer, not-a-number counted apart; relative error within "
        "tolerance where arithmetic is not exact",
        "Meta: 6 silent corruptions in 54 days on 16 000 GPUs; the method of each result is printed with it", "drain",
        "Isolate the device. The result names the SMs, how many items and which bits; keep the report for the vendor."},
    Code{"PP-3102", "correctness.unchecked", "correctness", "triage", "A result's answer was not checked.",
         "A rate of unknown work proves nothing.", "no method, or no item compared", "-", "retest",
         "Measure again with this version; a result that stays unchecked is a fault of the program."},
    Code{"PP-3103", "correctness.not_numbers", "correctness", "triage",
         "Every wrong item of an answer is NaN or infinite.",
         "A result without meaning passes any comparison that is written carelessly. Silent corruption hardly ever "
         "looks "
         "like this (about 1 % of its outcomes): suspect driver and build first.",
         "items whose bits are those of NaN or infinity = items that differ",
         "arXiv 2605.04213; gpu-burn lets NaN pass", "retest",
         "Run on another device of the same kind: if it is wrong there too, report it; else isolate this one."},
};

constexpr std::array kValidity = {
    Code{"PP-7101", "validity.complete", "validity", "triage", "A planned result is missing.",
         "What was not measured is not proven. The planned set is fixed before the run.", "planned less measured",
         "DCGM #55, #139: skips that passed", "retest", "Run again; --resume measures only what is missing."},
    Code{"PP-7102", "validity.measured", "validity", "triage", "A measurement ended in an error.",
         "There is no figure to judge.", "verdict error", "-", "retest",
         "Read the note of the result, mend, run again."},
    Code{"PP-7103", "validity.quiet", "validity", "triage", "A result is too noisy, or was disturbed by others.",
         "A spread as wide as this hides a slow device as well as a healthy one.",
         "spread (p90 - p10) / median of the samples, their count, the share that was contaminated", "README, verdicts",
         "retest", "Stop other work on the machine, detach profilers, and measure again."},
    Code{"PP-7104", "validity.audit_failed", "validity", "triage",
         "The machine code does not hold the work that is counted.",
         "The rate would be of other work. The fault is the program's, not the device's.",
         "instructions of the hot loop, counted in the machine code that ran", "README, the audit", "none",
         "Report it with the compiler's version; do not use the figure."},
    Code{"PP-7105", "validity.unaudited", "validity", "monitor", "The machine code that ran was not audited.",
         "It was compiled by the driver, or is of another build than the audit.", "SHA-256 of the cubin",
         "README, the audit", "none", "Use a build with machine code for this architecture."},
    Code{"PP-7106", "validity.plausible", "validity", "triage", "A result is above its theoretical peak.",
         "A count, a timer, a clock or a table is wrong; nothing that rests on it can be believed.", "E_issue > 1.005",
         "README, verdicts", "none", "Report it; do not use the figure."},
    Code{"PP-7107", "validity.known", "validity", "none", "Results have no peak or no floor with a source.",
         "They are measured and reported, and prove nothing against a limit.", "verdict no_theory", "README, verdicts",
         "none", "A baseline or the node's peers can judge them; a policy may require theory."},
    Code{"PP-7108", "validity.judged", "validity", "triage", "No result could be held against a floor.",
         "An acceptance in which nothing can fail is none.", "results with verdict pass or below >= 1", "-", "none",
         "Choose benchmarks that have a floor on this device, or a policy with limits or a baseline."},
    Code{"PP-7109", "validity.watched", "validity", "triage",
         "The device's health was not known during all of the run.",
         "A reading that is old, blocked or absent is not a healthy one.",
         "every timed region has telemetry that is no more than two periods old", "DCGM #136, #247; NVSentinel #1748",
         "retest", "Read why NVML did not answer; install the driver's libnvidia-ml, reset the device, or reboot."},
    Code{"PP-7110", "validity.rule", "validity", "none", "A rule of the policy found nothing to look at.",
         "A rule that is never applied must not look like one that was passed.",
         "no result matches its subject, or none of those that do could be judged", "-", "none",
         "Give what the rule needs (--baseline, the benchmark), or take the rule out of the policy."},
};

template <std::size_t... sizes>
constexpr auto joined(const std::array<Code, sizes>&... parts) {
  std::array<Code, (sizes + ...)> all{};
  auto to = all.begin();
  const auto append = [&to](const auto& part) {
    for (const Code& code : part) *to++ = code;
  };
  (append(parts), ...);
  return all;
}
constexpr auto kRows = joined(kPerformance, kClocks, kCorrectness, kValidity);

}  // namespace

std::span<const Code> codes_of_measurements() { return kRows; }

}  // namespace peakproof::reports
