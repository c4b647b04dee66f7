#include "bench/harness/acceptance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "bench/harness/acceptance_plan.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/gpu_lock.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/joined_report.hpp"
#include "bench/harness/progress.hpp"
#include "bench/harness/report_writer.hpp"
#include "bench/harness/run_id.hpp"
#include "bench/harness/runner.hpp"
#include "bench/harness/soak.hpp"
#include "reports/evaluate.hpp"
#include "reports/fleet.hpp"
#include "reports/render.hpp"

namespace peakproof::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Calls `body` with every number below `count`, each in a thread of its own, and waits for all. The first thing that
/// one of them threw is thrown on.
void side_by_side(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::exception_ptr> thrown(count);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] {
        try {
          body(i);
        } catch (...) {
          thrown[i] = std::current_exception();
        }
      });
  }
  for (const auto& each : thrown)
    if (each) std::rethrow_exception(each);
}

/// Of a saved report the one that is of this device.
std::optional<reports::Report> done_of(const std::optional<reports::Report>& done, const DeviceName& device) {
  if (!done) return std::nullopt;
  for (const reports::Report* report : reports::devices_of(*done)) {
    const auto uuid = report->device.facts.find("uuid");
    const bool same = device.selector == "cpu" ? report->device.spec.kind == theory::DeviceKind::cpu
                                               : uuid != report->device.facts.end() && uuid->second == device.uuid;
    if (same) return *report;
  }
  return std::nullopt;
}

/// Throws UsageError where what was saved cannot be gone on from on any of these devices, or is of none of them.
void require_resumable(const AcceptOptions& options, const std::vector<PlannedDevice>& devices) {
  if (!options.done) return;
  bool any = false;
  for (const auto& planned : devices) {
    const auto done = done_of(options.done, planned.device);
    if (!done || !planned.unusable.empty()) continue;
    any = true;
    std::vector<Job> ignored;
    static_cast<void>(resumed_report(*done, planned.described, planned.plan.jobs, ignored));
  }
  if (!any)
    throw UsageError(
        "--resume: the saved report is of none of these devices: measure anew without --resume, or into "
        "another file");
}

/// One device of the run.
struct DeviceRun {
  PlannedDevice planned;
  std::string run_id;
  reports::Report report;  ///< of the run, in a soak of the present round; what is not measured yet is missing
  bool fault = false;      ///< of the device, also where no result shows it
  SoakRecord soak;         ///< the rounds that have ended
  bool in_round = false;   ///< of a soak: `report` is of a round that is not in `soak` yet
};

/// The state of an acceptance between its steps. Its reports are guarded, since devices may be measured side by side.
class Course {
 public:
  Course(const AcceptOptions& options, std::vector<PlannedDevice> devices, Clock::time_point begin);

  /// Every job of every device, then again what failed on performance.
  void measure();
  /// The same in rounds until the time is up. A round that has begun is ended; none begins that would take the run more
  /// than half a round beyond its time.
  void soak();
  /// The verdict, and the reports.
  [[nodiscard]] int finish();

 private:
  [[nodiscard]] bool measurable(const DeviceRun& run) const {
    return run.planned.unusable.empty() && !run.fault && ended_by() == 0;
  }
  [[nodiscard]] std::vector<Job> jobs_of(const DeviceRun& run, bool alone) const;
  [[nodiscard]] Supervision supervision(DeviceRun& run);
  void measure_jobs(DeviceRun& run, const std::vector<Job>& jobs);
  void measure_failures_again();
  void rest() const;
  void note(DeviceRun& run, const reports::RunEvents& events);
  [[nodiscard]] reports::RunEvents events() const;
  /// The signal that ends the run: one that we got, or that a worker got from elsewhere; 0: none.
  [[nodiscard]] int ended_by() const { return signal_that_ends() != 0 ? signal_that_ends() : signal_.load(); }
  /// What a report is of: the present round (the only one, unless it is a soak), all rounds with it, all that have
  /// ended.
  enum class Span { round, so_far, whole };
  [[nodiscard]] reports::Report device_report(const DeviceRun& run, Span span) const;
  /// All devices as one report, without a verdict.
  [[nodiscard]] reports::Report assembled(Span span) const;
  [[nodiscard]] reports::Report concluded(Span span) const;
  void save();

  const AcceptOptions& options_;
  Clock::time_point begin_;
  std::string started_ = timestamp();
  double planned_s_;
  int rounds_ = 0;
  std::vector<DeviceRun> runs_;
  std::atomic<int> signal_{0};
  std::mutex mutex_;  ///< of runs_[].report and of the files
  std::optional<RunProgress> progress_;
};

Course::Course(const AcceptOptions& options, std::vector<PlannedDevice> devices, Clock::time_point begin)
    : options_(options), begin_(begin), planned_s_(planned_wall_seconds(options, devices)) {
  for (auto& device : devices) {
    DeviceRun run{.planned = std::move(device)};
    run.report = run.planned.described;
    run.fault = run.planned.fault;
    const auto done = done_of(options_.done, run.planned.device);
    run.run_id = done && !done->run_id.empty() ? done->run_id : run.planned.described.run_id;
    runs_.push_back(std::move(run));
  }
  progress_.emplace(RunProgress::Setup{.planned_s = planned_s_, .quiet = options.quiet});
}

std::vector<Job> Course::jobs_of(const DeviceRun& run, bool alone) const {
  std::vector<Job> jobs;
  for (const auto& job : run.planned.plan.jobs)
    if (measured_alone(*options_.level, job.benchmark) == alone) jobs.push_back(job);
  return jobs;
}

/// Of a saved report what belongs to these jobs.
reports::Report part_of(reports::Report report, const std::vector<Job>& jobs) {
  std::set<std::string> cases;
  for (const auto& job : jobs) cases.insert(job.cases.begin(), job.cases.end());
  for (auto* names : {&report.completeness.planned, &report.completeness.missing})
    std::erase_if(*names, [&](const std::string& name) { return cases.count(name) == 0; });
  std::erase_if(report.results, [&](const reports::Result& result) { return cases.count(planned_name(result)) == 0; });
  return report;
}

reports::Report with_measured(reports::Report report, reports::Report measured) {
  add_measured(report, std::move(measured));
  return report;
}

Supervision Course::supervision(DeviceRun& run) {
  Supervision supervision{.options = worker_options(options_)};
  supervision.silence_s = silence_that_hangs(supervision.options);
  supervision.several = runs_.size() > 1;
  supervision.quiet = options_.quiet;
  supervision.epoch_s = std::chrono::duration<double>(begin_.time_since_epoch()).count();
  supervision.progress = [this](const Progressed& now) {
    progress_->update({.label = now.device.label,
                       .done = now.cases_done,
                       .cases = options_.hours > 0 ? 0 : now.cases,
                       .now = now.now});
  };
  supervision.save = [this, &run, before = run.report](const reports::Report& measured) {
    const std::lock_guard lock(mutex_);
    run.report = with_measured(before, measured);
    save();
  };
  return supervision;
}

void Course::measure_jobs(DeviceRun& run, const std::vector<Job>& jobs) {
  if (jobs.empty() || !measurable(run)) return;
  const reports::Report before = run.report;
  reports::RunEvents events;
  std::optional<reports::Report> done = done_of(options_.done, run.planned.device);
  if (done) done = part_of(std::move(*done), jobs);
  reports::Report measured = supervise(supervision(run), run.planned.device, jobs, done, events);
  const std::lock_guard lock(mutex_);
  run.report = with_measured(before, std::move(measured));
  note(run, events);
}

void Course::measure() {
  if (options_.parallel) {
    side_by_side(runs_.size(), [this](std::size_t i) { measure_jobs(runs_[i], jobs_of(runs_[i], false)); });
    for (auto& run : runs_) measure_jobs(run, jobs_of(run, true));
  } else {
    for (auto& run : runs_) measure_jobs(run, run.planned.plan.jobs);
  }
  measure_failures_again();
}

void Course::measure_failures_again() {
  for (int again = 0; options_.measure_again && again < options_.terms.policy->retests; ++again) {
    const reports::Report judged = concluded(Span::round);
    bool any = false;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      DeviceRun& run = runs_[i];
      if (!measurable(run)) continue;
      const auto names = reports::to_measure_again(judged.members.empty() ? judged : judged.members[i]);
      const std::vector<Job> jobs = bench::jobs_of(run.planned.plan.jobs, run.report, names);
      if (jobs.empty()) continue;
      if (!any) rest();
      any = true;
      if (!options_.quiet)
        say(fmt::format("{}: measured again, {} of {}: {}", run.planned.device.label, again + 1,
                        options_.terms.policy->retests, fmt::join(names, ", ")));
      reports::Report report = run.report;
      reports::RunEvents events;
      auto how = supervision(run);
      how.save = {};
      bench::measure_again(how, run.planned.device, jobs, report, events);
      const std::lock_guard lock(mutex_);
      run.report = std::move(report);
      note(run, events);
      save();
    }
    if (!any) return;
  }
}

void Course::rest() const {
  constexpr std::chrono::milliseconds kSlice{50};
  // Time on a stand-in is virtual, nothing on it cools down.
  if (runs_.front().planned.described.device.stand_in) return;
  const auto begin = Clock::now();
  while (ended_by() == 0 && seconds_since(begin) < options_.terms.policy->cool_down_s)
    std::this_thread::sleep_for(kSlice);
}

void Course::soak() {
  constexpr double kHour = 3600;
  const auto any_measurable = [&] {
    return std::any_of(runs_.begin(), runs_.end(), [&](const DeviceRun& run) { return measurable(run); });
  };
  double round_s = 0;
  do {
    const auto round_begin = Clock::now();
    for (auto& run : runs_) {
      run.in_round = measurable(run) || rounds_ == 0;
      if (measurable(run)) run.report = run.planned.described;
    }
    measure();
    ++rounds_;
    const reports::Report judged = concluded(Span::round);
    for (std::size_t i = 0; i < runs_.size(); ++i)
      if (std::exchange(runs_[i].in_round, false))
        runs_[i].soak.add(judged.members.empty() ? judged : judged.members[i]);
    round_s = seconds_since(round_begin);
  } while (any_measurable() && seconds_since(begin_) + round_s / 2 < options_.hours * kHour);
}

void Course::note(DeviceRun& run, const reports::RunEvents& events) {
  run.fault = run.fault || events.device_fault;
  if (events.signal != 0) signal_ = events.signal;
}

reports::RunEvents Course::events() const {
  return {.device_fault = std::any_of(runs_.begin(), runs_.end(), [](const DeviceRun& run) { return run.fault; }),
          .signal = ended_by()};
}

reports::Report Course::device_report(const DeviceRun& run, Span span) const {
  reports::Report report = run.report;
  if (span == Span::whole && run.soak.rounds() > 0) report = run.soak.report();
  if (span == Span::so_far && run.soak.rounds() > 0) {
    SoakRecord soak = run.soak;
    if (run.in_round) soak.add(run.report);
    report = soak.report();
  }
  report.run_id = run.run_id;
  report.started = started_;
  report.argv = options_.options.argv;
  report.acceptance = reports::Acceptance{
      .level = std::string(options_.level->name),
      .planned_s = options_.hours > 0 ? planned_s_ : planned_seconds(*options_.level, run.planned.plan)};
  return report;
}

reports::Report Course::assembled(Span span) const {
  std::vector<reports::Report> devices;
  for (const auto& run : runs_) devices.push_back(device_report(run, span));
  std::vector<DeviceName> names;
  for (const auto& run : runs_) names.push_back(run.planned.device);
  reports::Report report = devices.size() == 1 ? std::move(devices.front()) : reports::node_of(std::move(devices));
  if (report.run_id.empty()) report.run_id = runs_.front().run_id;
  report.started = started_;
  report.finished = timestamp();
  report.duration_s = seconds_since(begin_);
  report.argv = options_.options.argv;
  report.anonymous = options_.options.anonymous;
  if (!report.acceptance) report.acceptance.emplace();
  report.acceptance->level = options_.level->name;
  report.acceptance->planned_s = planned_s_;
  if (const auto check = missing_gpus(names, options_.expect_gpus)) report.checks.push_back(*check);
  return report;
}

reports::Report Course::concluded(Span span) const {
  reports::Report report = assembled(span);
  reports::conclude(report, options_.terms, events());
  if (options_.strict) reject_warnings(report);
  return report;
}

void Course::save() {
  reports::Report partial = assembled(Span::so_far);
  partial.exit_code = reports::exit_inconclusive;
  partial.verdict = reports::verdict_of_exit_code(partial.exit_code);
  write_partial_reports(partial, options_.options);
}

int Course::finish() {
  progress_.reset();
  reports::Report report = concluded(Span::whole);
  if (options_.hours > 0) {
    constexpr double kHour = 3600;
    const bool cpu = report.device.spec.kind == theory::DeviceKind::cpu && report.members.empty();
    const auto claim = [&](reports::Report& of, double seconds) {
      of.acceptance->claim =
          soak_claim(seconds / kHour, rounds_, of.exit_code != reports::exit_pass, cpu ? "CPU" : "GPU");
    };
    // What counts is the time that a device was under test itself, not that of the devices before it.
    double sum = 0;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const double own = runs_[i].soak.report().duration_s;
      if (i < report.members.size()) claim(report.members[i], own);
      sum += own;
    }
    claim(report, sum);
  }
  const int code = report.exit_code;
  return write_reports(std::move(report), code, options_.options, !(options_.quiet && code == reports::exit_pass));
}

/// What ends an acceptance before anything is measured is in the files too, in the place of an earlier run's. Returns the
/// exit code of that report.
int write_unmeasured(const AcceptOptions& options, const std::string& why, const reports::RunEvents& events) {
  reports::Report report = unusable_device({}, why, events.device_fault);
  report.started = report.finished = timestamp();
  report.argv = options.options.argv;
  report.anonymous = options.options.anonymous;
  report.acceptance = reports::Acceptance{.level = std::string(options.level->name)};
  if (const auto check = missing_gpus({}, options.expect_gpus)) report.checks.push_back(*check);
  reports::conclude(report, options.terms, events);
  // Of a run that goes on from a saved report that report stays.
  if (!options.done && !options.dry_run) write_partial_reports(report, options.options);
  return report.exit_code;
}

/// find_devices, with a report of what goes wrong. No devices, and the exit code, where fewer are there than were expected.
std::vector<DeviceName> find_or_tell(const AcceptOptions& options, int& exit_code) try {
  return find_devices(options.options);
} catch (const NoDevice& error) {
  if (options.options.skip_if_no_gpu) throw;
  const int code = write_unmeasured(options, error.what(), {});
  if (code != reports::exit_rejected) throw;
  fmt::print(stderr, "error: 0 of {} expected GPUs: {}\n", options.expect_gpus, error.what());
  exit_code = code;
  return {};
} catch (const DeviceFault& fault) {
  write_unmeasured(options, fault.what(), {.device_fault = true});
  throw;
} catch (const Interrupted& interrupted) {
  write_unmeasured(options, interrupted.what(), {.signal = interrupted.signal});
  throw;
}

}  // namespace

int accept(const AcceptOptions& options) {
  const auto begin = Clock::now();
  for (const auto& problem : unwritable_outputs(options.options))
    warn(problem + "; the run goes on, the verdict will be on stdout alone");
  require_terms(options, {});
  const SupervisorSignals signals;
  int unmeasured = reports::exit_inconclusive;
  const std::vector<DeviceName> devices = find_or_tell(options, unmeasured);
  if (devices.empty()) return unmeasured;
  std::vector<std::unique_ptr<GpuLock>> locks;
  if (!options.dry_run)
    for (const auto& device : devices)
      if (!device.uuid.empty()) locks.push_back(std::make_unique<GpuLock>(device.uuid));
  std::vector<PlannedDevice> planned = plan_devices(options, devices);
  require_terms(options, planned);
  require_resumable(options, planned);
  if (options.dry_run) {
    fmt::print("{}", plan_text(options, planned, true));
    return reports::exit_pass;
  }
  if (!options.quiet) fmt::print(stderr, "{}", plan_text(options, planned, false));
  Course course(options, std::move(planned), begin);
  if (options.hours > 0)
    course.soak();
  else
    course.measure();
  return course.finish();
}

void reject_warnings(reports::Report& report) {
  bool any = false;
  for (auto& member : report.members) {
    const int before = member.exit_code;
    reject_warnings(member);
    any = any || member.exit_code != before;
  }
  for (auto& check : report.checks) {
    if (check.status != reports::Status::warn) continue;
    check.status = reports::Status::fail;
    check.required = true;
    if (!check.id.starts_with("run.")) check.id = "run.strict." + check.id;  // kept when the report is judged again
    check.message += " (--strict: a warning rejects)";
    any = true;
  }
  const bool weaker = report.exit_code == reports::exit_pass || report.exit_code == reports::exit_inconclusive ||
                      report.exit_code == reports::exit_report_not_written;
  if (any && weaker) report.exit_code = reports::exit_rejected;
  report.verdict = reports::verdict_of_exit_code(report.exit_code);
}

reports::Report unusable_device(const DeviceName& device, const std::string& why, bool fault) {
  reports::Report report{.run_id = new_run_id(), .tool = tool_info(), .host = host_info()};
  report.device.spec.name = device.name;
  report.device.facts = {{"uuid", device.uuid}, {"pci", device.pci}, {"unusable", why}};
  report.checks.push_back({.code = "PP-8102",
                           .id = "run.device",
                           .subject = device.label,
                           .status = fault ? reports::Status::fail : reports::Status::error,
                           .device_fault = fault,
                           .message = why,
                           .source = "the program's own rule: nothing was measured, so nothing can pass"});
  return report;
}

std::optional<reports::Check> missing_gpus(std::span<const DeviceName> devices, int expected) {
  const int found = static_cast<int>(devices.size());
  if (expected <= 0 || found >= expected) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& device : devices) names.push_back(fmt::format("{} {} {}", device.label, device.pci, device.uuid));
  return reports::Check{
      .code = "PP-6101",
      .id = "run.expected_gpus",
      .status = reports::Status::fail,
      .message = fmt::format("{} of {} expected GPUs are visible: {}", found, expected, fmt::join(names, ", ")),
      .measured = found,
      .limit = expected,
      .unit = "GPUs",
      .source = "--expect-gpus"};
}

}  // namespace peakproof::bench
