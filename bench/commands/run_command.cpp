// peakproof run: several benchmarks, each in a process of its own, one report.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/gpu_lock.hpp"
#include "bench/harness/joined_report.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/progress.hpp"
#include "bench/harness/report_writer.hpp"
#include "bench/harness/runner.hpp"
#include "bench/harness/supervisor.hpp"
#include "reports/format.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  Options options;
  std::vector<std::string> names;
  std::vector<std::string> sweeps;
  bool resume = false;
};

/// Whether the cases are only to be listed, by us or by Google Benchmark.
bool only_lists(const Options& options) {
  return options.list ||
         std::any_of(options.google_arguments.begin(), options.google_arguments.end(), [](const std::string& flag) {
           return flag.starts_with("--benchmark_list_tests") && !flag.ends_with("=false") && !flag.ends_with("=0");
         });
}

/// The report to go on from; nothing where no run has been saved yet.
std::optional<reports::Report> saved_report(const Arguments& arguments) {
  if (!arguments.resume) return std::nullopt;
  const auto json = arguments.options.outputs.find("json");
  if (json == arguments.options.outputs.end() || json->second == "-")
    throw UsageError("--resume goes on from the file of --json=FILE: name it");
  std::error_code unknown;  // then reading it says what is wrong
  if (!std::filesystem::exists(json->second, unknown) && !unknown) {
    warn(fmt::format("{} is not there yet: everything is measured", json->second));
    return std::nullopt;
  }
  try {
    reports::Report report = reports::from_json(read_file(json->second));
    if (const std::string problem = reports::contradiction(report); !problem.empty())
      throw UsageError(fmt::format("--resume: {} contradicts itself: {}", json->second, problem));
    if (report.acceptance)
      throw UsageError(fmt::format("--resume: {} is of an acceptance: go on with peakproof accept", json->second));
    return report;
  } catch (const reports::ReadError& error) {
    throw UsageError(fmt::format("--resume: {}: {}", json->second, error.what()));
  }
}

/// Shows where the run stands, on a terminal.
std::function<void(const Progressed&)> progress_shown(const std::shared_ptr<Progress>& progress) {
  return [progress, last = std::string()](const Progressed& now) mutable {
    if (now.now != last) progress->step(now.cases_done, now.cases, now.now);
    last = now.now;
    progress->tick("");
  };
}

/// plan_jobs; where the device is faulty before anything is planned, the files of the report say so: an older one there
/// would be taken for this run's. A saved report that is gone on from stays as it is.
std::vector<Job> planned_jobs(const Options& options, const DeviceName& device, std::vector<Job> wanted, bool resumed) {
  try {
    return plan_jobs(options, device, std::move(wanted));
  } catch (const DeviceFault& fault) {
    if (!resumed) {
      reports::Report report = begun_report(options, device, {});
      report.device.facts["fault"] = fault.what();
      reports::RunEvents events;
      settle(report, events);
      write_partial_reports(report, options);
    }
    throw;
  }
}

int run(const Arguments& arguments, const std::vector<Benchmark>& benchmarks) {
  const Options& options = arguments.options;
  const SupervisorSignals signals;
  const auto done = saved_report(arguments);
  for (const auto& problem : unwritable_outputs(options)) warn(problem + "; the run goes on, the report will be lost");
  const auto devices = find_devices(options);
  if (devices.size() > 1)
    throw UsageError(fmt::format("--device {} means {} devices: run measures one, peakproof accept measures several",
                                 options.device, devices.size()));
  const DeviceName& device = devices.front();
  std::optional<GpuLock> lock;
  if (!device.uuid.empty()) lock.emplace(device.uuid);

  std::vector<Job> wanted;
  wanted.reserve(benchmarks.size());
  for (const auto& benchmark : benchmarks)
    wanted.push_back({.benchmark = std::string(benchmark.name), .filter = "", .cases = {}});
  const auto jobs = planned_jobs(options, device, std::move(wanted), done.has_value());
  const auto progress = std::make_shared<Progress>();
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  const Supervision supervision{
      .options = options,
      .silence_s = silence_that_hangs(options),
      .epoch_s = std::chrono::duration<double>(since).count(),
      .progress = progress_shown(progress),
      .save = [&options](const reports::Report& report) { write_partial_reports(report, options); }};
  reports::RunEvents events;
  const reports::Report report = supervise(supervision, device, jobs, done, events);
  progress->clear();
  return write_reports(report, report.exit_code, options);
}

}  // namespace

void add_run_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("run", "measure the whole suite, or the benchmarks named");
  command->add_option("names", arguments->names, "benchmarks (see peakproof list); none: all of them");
  command->allow_extras();
  add_measuring_options(*command, arguments->options);
  add_sweep_names(*command, arguments->options, arguments->sweeps);
  command->add_flag("--resume", arguments->resume,
                    "go on from what --json=FILE holds already: the benchmarks that are finished there are taken over");
  command->final_callback([arguments, command, &program] {
    arguments->options.argv = program.argv;
    for (const auto& extra : command->remaining()) arguments->options.google_arguments.push_back(extra);
    program.skip_if_no_gpu = arguments->options.skip_if_no_gpu;
    program.action = [arguments] {
      validate(arguments->options);
      std::vector<std::string> known;
      for (const auto& benchmark : suite()) known.emplace_back(benchmark.name);
      const auto benchmarks = select(benchmarks_meant(arguments->names, arguments->sweeps, known));
      return only_lists(arguments->options) ? run_benchmarks(arguments->options, benchmarks)
                                            : run(*arguments, benchmarks);
    };
  });
}

}  // namespace peakproof::bench
