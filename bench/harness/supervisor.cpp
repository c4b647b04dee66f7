#include "bench/harness/supervisor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "bench/harness/errors.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/joined_report.hpp"
#include "bench/harness/progress.hpp"
#include "bench/harness/runner.hpp"
#include "bench/harness/worker_course.hpp"
#include "reports/render.hpp"

namespace peakproof::bench {
namespace {

using std::chrono::steady_clock;

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

std::size_t cases_of(const std::vector<Job>& jobs) {
  std::size_t count = 0;
  for (const auto& job : jobs) count += job.cases.size();
  return count;
}

/// Runs jobs one after the other, until there are none, the device is given up or a signal ends it all.
class Jobs {
 public:
  using Join = void (*)(reports::Report&, const Job&, Part);
  Jobs(const Supervision& supervision, const DeviceName& device, reports::Report& report, reports::RunEvents& events)
      : supervision_(supervision), device_(device), report_(report), events_(events) {}

  void run(const std::vector<Job>& jobs, Join join, bool exact) {
    const auto begin = steady_clock::now();
    const double before_s = report_.duration_s;
    std::optional<Course> course;
    Progressed progressed{.device = device_, .job = 0, .jobs = jobs.size(), .cases = cases_of(jobs), .now = ""};
    for (const auto& job : jobs) {
      progressed.now = job.benchmark;
      join(report_, job, part_of(job, exact, progressed, course));
      ++progressed.job;
      progressed.cases_done += job.cases.size();
      report_.duration_s = before_s + seconds_since(begin);
      report_.finished = timestamp();
      settle(report_, events_);
      if (supervision_.save && stop_.empty()) supervision_.save(report_);
    }
    settle(report_, events_);
  }

 private:
  Part part_of(const Job& job, bool exact, const Progressed& progressed, std::optional<Course>& course) {
    if (const int signal = signal_that_ends(); signal != 0 && stop_.empty()) {
      events_.signal = signal;
      stop_ = fmt::format("interrupted by {}", signal_name(signal));
    }
    if (!stop_.empty()) return {.report = std::nullopt, .under_way = "", .problem = stop_};
    try {
      if (!course) course.emplace(supervision_, device_);
      Work work = course->work(job, exact ? job.cases : std::vector<std::string>{}, progressed);
      follow(work);
      if (!work.said && work.signal == 0)
        warn(fmt::format("{}{}: {}", supervision_.several ? device_.label + ": " : "", job.benchmark,
                         work.part.problem));
      return std::move(work.part);
    } catch (const std::exception& error) {
      warn(fmt::format("{}: {}", job.benchmark, error.what()));
      return {.report = std::nullopt, .under_way = "", .problem = error.what()};
    }
  }

  void follow(const Work& work) {
    if (work.part.device_fault) events_.device_fault = true;
    in_a_row_ = work.could_not_open ? in_a_row_ + 1 : 0;
    if (work.signal != 0) {
      events_.signal = work.signal;
      stop_ = work.part.problem;
    } else if (work.abandoned) {
      stop_ = "not measured: the device was given up, since a worker on it cannot be ended";
    } else if (in_a_row_ >= 2) {
      stop_ = fmt::format("not measured: the device was given up after two workers in a row: {}", work.part.problem);
    }
  }

  const Supervision& supervision_;
  const DeviceName& device_;
  reports::Report& report_;
  reports::RunEvents& events_;
  std::string stop_;  ///< why nothing more is measured; empty: it goes on
  int in_a_row_ = 0;  ///< workers that could not open the device, or found it faulty
};

}  // namespace

double silence_that_hangs(const Options& options) {
  constexpr double kLongestCase = 120;
  return options.silence_s > 0 ? options.silence_s : std::max(kLongestCase, 2 * options.launch_timeout_s);
}

std::vector<DeviceName> find_devices(const Options& options) {
  if (options.device == "cpu") return devices_meant(options.device);
  std::vector<DeviceName> devices;
  std::vector<std::string> argv = {kThisProgram, "worker", "--list-devices"};
  if (!options.device.empty()) argv.push_back("--device=" + options.device);
  for (const auto& line : ask(options, std::move(argv)))
    if (line.word == Word::device)
      devices.push_back({.selector = line.fields[0],
                         .label = line.fields[1],
                         .uuid = line.fields[2],
                         .pci = line.fields[3],
                         .name = line.fields[4]});
  if (devices.empty()) throw NoDevice("no GPU to measure: the driver names none");
  return devices;
}

std::vector<Job> plan_jobs(const Options& options, const DeviceName& device, std::vector<Job> wanted,
                           reports::Device* described) {
  std::vector<std::string> names;
  names.reserve(wanted.size());
  for (const auto& job : wanted) names.push_back(job.benchmark + (job.filter.empty() ? "" : "=" + job.filter));
  std::vector<std::string> argv = worker_command(options, names);
  argv.emplace_back("--plan");
  argv.push_back("--device=" + device.selector);
  std::optional<PrivateFolder> folder;
  if (described != nullptr) argv.push_back("--json=" + folder.emplace().file("plan.json"));
  for (const auto& line : ask(options, std::move(argv))) {
    if (line.word != Word::plan) continue;
    wanted.at(std::stoul(line.fields[0])).cases.push_back(line.fields[2]);
  }
  if (described != nullptr) {
    auto report = report_left_in(folder->file("plan.json"));
    if (!report) throw MeasurementError("a worker does not say which device it plans for");
    *described = std::move(report->device);
  }
  std::erase_if(wanted, [](const Job& each) { return each.cases.empty(); });
  return wanted;
}

reports::Report supervise(const Supervision& supervision, const DeviceName& device, const std::vector<Job>& jobs,
                          const std::optional<reports::Report>& done, reports::RunEvents& events) {
  reports::Report report = begun_report(supervision.options, device, jobs);
  std::vector<Job> to_do;
  if (done)
    report = resumed_report(*done, report, jobs, to_do);
  else
    to_do = jobs;
  Jobs(supervision, device, report, events).run(to_do, &join, false);
  return report;
}

void measure_again(const Supervision& supervision, const DeviceName& device, const std::vector<Job>& jobs,
                   reports::Report& report, reports::RunEvents& events) {
  Jobs(supervision, device, report, events).run(jobs, &join_again, true);
}

std::vector<Job> jobs_of(const std::vector<Job>& jobs, const reports::Report& report,
                         const std::vector<std::string>& row_names) {
  std::set<std::string> planned;
  for (const auto& result : report.results)
    if (std::find(row_names.begin(), row_names.end(), reports::row_name(result)) != row_names.end())
      planned.insert(planned_name(result));
  std::vector<Job> out = jobs;
  for (auto& job : out) std::erase_if(job.cases, [&](const std::string& name) { return planned.count(name) == 0; });
  std::erase_if(out, [](const Job& job) { return job.cases.empty(); });
  return out;
}

}  // namespace peakproof::bench
