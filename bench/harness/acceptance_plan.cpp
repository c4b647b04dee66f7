#include "bench/harness/acceptance_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/harness/errors.hpp"
#include "bench/harness/joined_report.hpp"
#include "bench/harness/progress.hpp"
#include "reports/policy.hpp"

namespace peakproof::bench {
namespace {

PlannedDevice plan_device(const AcceptOptions& options, const DeviceName& device) {
  PlannedDevice planned{.device = device};
  const std::vector<Job> wanted = wanted_jobs(*options.level, device, options.names);
  try {
    reports::Device described;
    std::vector<Job> jobs = plan_jobs(worker_options(options), device, wanted, &described);
    planned.plan = level_plan(*options.level, wanted, std::move(jobs), !options.names.empty());
    planned.described = begun_report(worker_options(options), device, planned.plan.jobs);
    planned.described.device = std::move(described);
  } catch (const DeviceFault& fault) {
    planned.unusable = fault.what();
    planned.fault = true;
  } catch (const NoDevice& error) {
    planned.unusable = error.what();
  } catch (const MeasurementError& error) {
    planned.unusable = error.what();
  }
  if (!planned.unusable.empty()) planned.described = unusable_device(device, planned.unusable, planned.fault);
  return planned;
}

/// Seconds of the jobs that may run beside those of other devices, and of those that may not.
struct Shares {
  double beside = 0;
  double alone = 0;
};

Shares shares_of(const Level& level, const LevelPlan& plan) {
  Shares shares;
  for (const auto& job : plan.jobs)
    (measured_alone(level, job.benchmark) ? shares.alone : shares.beside) += job_seconds(level, job);
  return shares;
}

std::string device_line(const AcceptOptions& options, const PlannedDevice& planned) {
  const std::string who = fmt::format("{}  {}", planned.device.label, planned.device.name);
  if (!planned.unusable.empty()) return fmt::format("{}: cannot be measured: {}\n", who, planned.unusable);
  const auto counted = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  return fmt::format("{}: {}, {}, about {:.0f} s{} (a prediction)\n", who,
                     counted(planned.plan.jobs.size(), "benchmark"), counted(planned.plan.cases(), "case"),
                     planned_seconds(*options.level, planned.plan), options.hours > 0 ? " a round" : "");
}

}  // namespace

Options worker_options(const AcceptOptions& options) {
  Options told = options.options;
  told.quick = options.level->quick;
  return told;
}

std::vector<PlannedDevice> plan_devices(const AcceptOptions& options, const std::vector<DeviceName>& devices) {
  std::vector<PlannedDevice> all;
  all.reserve(devices.size());
  for (const auto& device : devices) all.push_back(plan_device(options, device));
  const bool nothing = std::all_of(all.begin(), all.end(), [](const PlannedDevice& planned) {
    return planned.unusable.empty() && planned.plan.jobs.empty();
  });
  if (nothing) throw UsageError("none of these benchmarks has a case on this device: peakproof list shows them");
  return all;
}

void require_terms(const AcceptOptions& options, const std::vector<PlannedDevice>& devices) {
  std::vector<theory::DeviceSpec> specs;
  for (const auto& planned : devices)
    if (planned.unusable.empty()) specs.push_back(planned.described.device.spec);
  const auto problems = reports::lint(*options.terms.policy, specs, options.known);
  if (!problems.empty()) {
    const std::string more =
        problems.size() > 1 ? fmt::format(" (and {} more: peakproof policy lint shows them)", problems.size() - 1) : "";
    throw UsageError(fmt::format("policy '{}', rule {}: {}{}", options.terms.policy->name, problems.front().rule,
                                 problems.front().text, more));
  }
  if (options.terms.baseline == nullptr) return;
  for (const auto& planned : devices) {
    if (!planned.unusable.empty()) continue;
    if (const auto found = reports::mismatches(*options.terms.baseline, planned.described); !found.empty())
      throw UsageError(fmt::format("the baseline is not of {} ({}): {}", planned.device.label, planned.device.name,
                                   fmt::join(found, "; ")));
    if (options.quiet) continue;
    for (const auto& remark : reports::remarks(*options.terms.baseline, planned.described))
      warn(fmt::format("baseline, {}: {}", planned.device.label, remark));
  }
}

double planned_wall_seconds(const AcceptOptions& options, const std::vector<PlannedDevice>& devices) {
  constexpr double kHour = 3600;
  if (options.hours > 0) return options.hours * kHour;
  double longest = 0;
  double sum = 0;
  double alone = kWorkerStartSeconds * static_cast<double>(devices.size());  // each is planned first, in turn
  for (const auto& planned : devices) {
    const Shares shares = shares_of(*options.level, planned.plan);
    longest = std::max(longest, shares.beside);
    sum += shares.beside;
    alone += shares.alone;
  }
  return (options.parallel ? longest : sum) + alone;
}

std::string plan_text(const AcceptOptions& options, const std::vector<PlannedDevice>& devices, bool cases) {
  const Level& level = *options.level;
  const bool several = devices.size() > 1;
  std::string text =
      fmt::format("plan: level {} on {}{}, policy {}: about {:.0f} s in all (a prediction)\n", level.name,
                  several ? fmt::format("{} devices", devices.size()) : devices.front().device.label,
                  !several           ? ""
                  : options.parallel ? ", all at once but for what they share"
                                     : ", one after the other",
                  options.terms.policy->name, planned_wall_seconds(options, devices));
  for (const auto& planned : devices) {
    text += device_line(options, planned);
    if (!cases) continue;
    for (const auto& job : planned.plan.jobs)
      for (const auto& name : job.cases) text += fmt::format("  {}\n", name);
    for (const auto& why : planned.plan.left_out) text += fmt::format("  left out: {}\n", why);
  }
  return text;
}

}  // namespace peakproof::bench
