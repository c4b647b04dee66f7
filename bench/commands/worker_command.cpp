// peakproof worker: one benchmark in a process that may crash or hang; started by a supervisor, never by people.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/harness/device.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/runner.hpp"
#include "bench/harness/worker_talk.hpp"
#include "reports/format.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  Options options;
  std::vector<std::string> names;  ///< with --plan also "name=filter"
  std::vector<std::string> cases;
  bool list_devices = false;
  bool plan = false;
};

/// What cannot be told is told to nobody: a supervisor that has gone takes its workers with it.
void tell(Word word, std::vector<std::string> fields) {
  const std::string line = to_text({word, std::move(fields)}) + '\n';
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stdout));
  static_cast<void>(std::fflush(stdout));
}

int list_devices(const Arguments& arguments) {
  for (const auto& device : devices_meant(arguments.options.device))
    tell(Word::device, {device.selector, device.label, device.uuid, device.pci, device.name});
  return reports::exit_pass;
}

int plan(const Arguments& arguments) {
  std::vector<Wanted> wanted;
  for (const auto& name : arguments.names) {
    const auto equals = name.find('=');
    wanted.push_back({.benchmark = select({name.substr(0, equals)}).front(), .filter = std::nullopt});
    if (equals != std::string::npos) wanted.back().filter = name.substr(equals + 1);
  }
  reports::Report described;
  for (const auto& planned : plan_benchmarks(arguments.options, wanted, &described.device))
    tell(Word::plan,
         {std::to_string(planned.wanted), std::string(wanted[planned.wanted].benchmark.name), planned.name});
  if (const auto file = arguments.options.outputs.find("json"); file != arguments.options.outputs.end())
    reports::write_file(file->second, reports::to_json(described));
  return reports::exit_pass;
}

int work(const Arguments& arguments) {
  if (arguments.list_devices) return list_devices(arguments);
  if (arguments.names.empty()) throw UsageError("a worker needs the name of a benchmark");
  if (arguments.plan) return plan(arguments);
  const auto& outputs = arguments.options.outputs;
  if (outputs.size() != 1 || outputs.count("json") == 0 || outputs.at("json") == "-")
    throw UsageError("a worker writes to --json=FILE and nowhere else");
  const WorkerPart part{.cases = arguments.cases,
                        .begins = [](const std::string& name) { tell(Word::begins, {name}); },
                        .ended = [](const std::string& name) { tell(Word::ended, {name}); }};
  return run_benchmarks(arguments.options, select(arguments.names), &part);
}

/// Tells the supervisor what is thrown; the exit code follows from it as ever.
int told(const std::function<int()>& body) {
  const auto fail = [](std::string_view kind, const std::exception& error) {
    tell(Word::failed, {std::string(kind), error.what()});
  };
  try {
    return body();
  } catch (const UsageError& error) {
    fail(kUsageFailure, error);
    throw;
  } catch (const NoDevice& error) {
    fail(kNoDeviceFailure, error);
    throw;
  } catch (const DeviceFault& error) {
    fail(kFaultFailure, error);
    throw;
  } catch (const std::exception& error) {
    fail(kOtherFailure, error);
    throw;
  }
}

}  // namespace

void add_worker_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("worker", "measure one benchmark for a supervisor; not for people");
  command->group("");  // not in --help
  command->add_option("names", arguments->names, "benchmarks");
  command->add_option("--case", arguments->cases, "only the planned case of this name")->allow_extra_args(false);
  command->add_flag("--list-devices", arguments->list_devices, "say which devices --device means");
  command->add_flag("--plan", arguments->plan,
                    "say which cases would be measured (NAME=FILTER for some), and with --json on what");
  command->allow_extras();
  add_measuring_options(*command, arguments->options);
  add_sweep_option(*command, arguments->options);
  command->final_callback([arguments, command, &program] {
    arguments->options.argv = program.argv;
    for (const auto& extra : command->remaining()) arguments->options.google_arguments.push_back(extra);
    program.action = [arguments] {
      return told([&] {
        validate(arguments->options);
        return work(*arguments);
      });
    };
  });
}

}  // namespace peakproof::bench
