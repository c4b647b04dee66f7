#include "bench/harness/runner.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "bench/harness/device.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/google_benchmark.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/measure.hpp"
#include "bench/harness/progress.hpp"
#include "bench/harness/report_writer.hpp"
#include "bench/harness/run_id.hpp"
#include "reports/heat_map.hpp"
#include "reports/write_file.hpp"

namespace peakproof::bench {
namespace {

std::atomic<int> caught_signal{0};

/// While it lives, SIGINT, SIGTERM and SIGHUP ask the run to end: what was measured is still written. The same signal
/// again ends the process at once.
class SignalWatch {
 public:
  SignalWatch() {
    for (const int signal : kSignals) static_cast<void>(std::signal(signal, &SignalWatch::remember));
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch() {
    for (const int signal : kSignals) static_cast<void>(std::signal(signal, SIG_DFL));
  }

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
  static void remember(int signal) {
    caught_signal = signal;
    static_cast<void>(std::signal(signal, SIG_DFL));
  }
};

/// One planned measurement: a case in one mode.
struct Planned {
  const Case* benchmark_case = nullptr;
  Mode mode = Mode::settled;
};

std::string full_name(const Planned& planned) {
  std::string name = planned.benchmark_case->name;
  for (const auto& [key, value] : planned.benchmark_case->params) name += fmt::format("/{}:{}", key, value);
  return planned.mode == Mode::settled ? name : fmt::format("{}/mode:{}", name, mode_name(planned.mode));
}

/// Each case in its modes, from the coldest to the hottest. A point of a sweep is settled only.
std::vector<Planned> all_cases(const Registry& registry) {
  const Options& options = registry.options();
  std::vector<Planned> planned;
  for (const auto& benchmark_case : registry.cases()) {
    const bool other_modes = !benchmark_case.skip && !options.sweep;
    if (other_modes && benchmark_case.burst) planned.push_back({&benchmark_case, Mode::burst});
    planned.push_back({&benchmark_case, Mode::settled});
    if (other_modes && options.plateau) planned.push_back({&benchmark_case, Mode::plateau});
  }
  return planned;
}

/// Names of what was planned and has no result. Google Benchmark may shuffle the turns, so names count, not places.
std::vector<std::string> missing(std::vector<std::string> planned, const std::vector<std::string>& measured) {
  for (const auto& name : measured)
    if (const auto found = std::find(planned.begin(), planned.end(), name); found != planned.end())
      planned.erase(found);
  return planned;
}

/// The state of one run.
struct Run {
  const Options& options;
  Backend& backend;
  std::vector<Planned> cases;
  std::vector<std::string> names;
  std::vector<std::string> measured;  ///< of the turns that have a result
  reports::Report report;
  reports::RunEvents events;
  Progress progress;
  const WorkerPart* worker = nullptr;
};

std::string turn_name(const std::vector<std::string>& names, const Turn& turn) {
  const std::string& name = names[turn.index];
  return turn.repetition > 0 ? fmt::format("{}/repetition:{}", name, turn.repetition) : name;
}

bool is_wanted(const WorkerPart* worker, const std::string& planned) {
  return worker == nullptr || worker->cases.empty() ||
         std::find(worker->cases.begin(), worker->cases.end(), planned) != worker->cases.end();
}

void finish(Run& run) {
  run.report.finished = timestamp();
  run.report.completeness.missing = missing(run.report.completeness.planned, run.measured);
  run.events.missing = static_cast<int>(run.report.completeness.missing.size());
  run.events.signal = caught_signal;
}

int exit_code(const Run& run) {
  std::vector<reports::Verdict> verdicts;
  for (const auto& result : run.report.results) verdicts.push_back(result.verdict);
  return reports::exit_code(verdicts, run.events);
}

/// Leaves what is known by now where a crash of this process does not reach it.
void write_partial(Run& run) {
  finish(run);
  reports::Report partial = run.report;
  partial.health = run.backend.health();
  partial.exit_code = exit_code(run);
  partial.verdict = reports::verdict_of_exit_code(partial.exit_code);
  write_partial_reports(partial, run.options);
}

/// Measures one turn of the plan and keeps its result.
double measure_turn(Run& run, const Turn& turn) {
  if (caught_signal != 0 || run.events.device_fault) return 0;
  const std::string planned_as = turn_name(run.names, turn);
  if (!is_wanted(run.worker, planned_as)) return 0;
  if (run.worker) run.worker->begins(planned_as);
  const Planned& planned = run.cases[turn.index];
  MeasurePolicy policy = policy_for(run.options, [&run] {
    run.progress.tick("");
    return caught_signal != 0;
  });
  policy = in_mode(std::move(policy), planned.mode);
  if (run.report.device.stand_in) {
    // Its time is virtual: nothing on it cools down, and no wall clock tells how busy it is.
    policy.rest = {};
    policy.burst.least_busy = 0;
  }
  run.progress.step(run.report.results.size(), run.report.completeness.planned.size(), run.names[turn.index]);

  reports::Result result;
  try {
    result = measure(*planned.benchmark_case, run.backend, policy);
  } catch (const DeviceFault& fault) {
    result = unmeasured(*planned.benchmark_case, planned.mode, reports::Verdict::error, fault.what());
    run.events.device_fault = true;
  }
  run.progress.clear();
  if (turn.repetition > 0) result.params["repetition"] = std::to_string(turn.repetition);
  if (result.verdict == reports::Verdict::error) warn(fmt::format("{}: {}", run.names[turn.index], result.note));
  const double seconds = result.summary.count > 0 ? result.summary.median_s : 0;
  run.report.results.push_back(std::move(result));
  run.measured.push_back(planned_as);
  write_partial(run);
  if (run.worker) run.worker->ended(planned_as);
  return seconds;
}

void declare(OpenDevice& device, const Benchmark& benchmark, Registry& registry) {
  const std::size_t before = registry.cases().size();
  device.declare(benchmark, registry);
  if (registry.options().sweep)
    require_sweep(benchmark, registry.device().kind, std::span(registry.cases()).subspan(before),
                  registry.options().sweep_over);
}

std::vector<std::string> full_names(const std::vector<Planned>& cases) {
  std::vector<std::string> names;
  names.reserve(cases.size());
  for (const auto& planned : cases) names.push_back(full_name(planned));
  return names;
}

/// Throws UsageError where the options do not fit a case that would be measured.
void require_proper_use(const std::vector<Planned>& cases, const std::vector<Turn>& turns) {
  for (const auto& turn : turns)
    if (const auto& misuse = cases[turn.index].benchmark_case->misuse) throw UsageError(*misuse);
}

int list_cases(const std::vector<std::string>& names) {
  for (const auto& name : names) fmt::print("{}\n", name);
  return reports::exit_pass;
}

/// Takes the numbers of standard files that whoever started us has closed: a lock, a report or a worker's pipe would get
/// them, and what we say with them. Opened the wrong way round, so that using one still fails.
void hold_standard_files() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(file, F_GETFD) < 0) static_cast<void>(open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

}  // namespace

void require_sweep(const Benchmark& benchmark, theory::DeviceKind kind, std::span<const Case> declared,
                   const std::string& over) {
  const bool served =
      kind == theory::DeviceKind::cpu ? benchmark.declare_cpu != nullptr : benchmark.declare_cuda != nullptr;
  const auto all = [&](const auto& holds) {
    return std::all_of(declared.begin(), declared.end(),
                       [&](const Case& each) { return each.skip.has_value() || holds(each.params); });
  };
  if (!served || declared.empty() || !all(reports::is_sweep))
    throw UsageError(fmt::format(
        "{} has no sweep{} on this device: a GPU's chains of one instruction, such as fp32_fma, have one "
        "(--sweep alone), its matrix products, such as wmma_gemm, one over shapes, dram over size, in_flight, "
        "mix and stride, latency_memory and pcie over size, inference over batch; a CPU's dram and latency_memory over "
        "size, its inference over batch",
        benchmark.name, over.empty() ? "" : " over " + over));
  const auto is_over = [&](const reports::Texts& params) {
    const auto found = params.find("sweep");
    return found != params.end() && found->second == over;
  };
  if (!over.empty() && !all(is_over))
    throw UsageError(fmt::format("{} has no sweep over {}: give --sweep alone", benchmark.name, over));
}

std::vector<PlannedCase> plan_benchmarks(const Options& options, std::span<const Wanted> wanted,
                                         reports::Device* description) {
  parse_google_flags(options.google_arguments);
  const auto device = open_device(options);
  if (description != nullptr) *description = device->backend().description();
  std::vector<PlannedCase> out;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& [benchmark, filter] = wanted[i];
    Registry registry(options, device->backend().description().spec);
    declare(*device, benchmark, registry);
    const std::vector<Planned> cases = all_cases(registry);
    const std::vector<std::string> names = full_names(cases);
    const std::vector<Turn> turns = matching(names, filter);
    require_proper_use(cases, turns);
    for (const auto& turn : turns) out.push_back({.wanted = i, .name = turn_name(names, turn)});
  }
  if (out.empty()) throw UsageError("--benchmark_filter matches none of the cases: --list shows them");
  return out;
}

std::string planned_name(const reports::Result& result) {
  std::string name = result.name;
  for (const auto& [key, value] : result.params)
    if (key != "mode" && key != "repetition") name += fmt::format("/{}:{}", key, value);
  for (const char* key : {"mode", "repetition"})
    if (const auto found = result.params.find(key); found != result.params.end())
      name += fmt::format("/{}:{}", key, found->second);
  return name;
}

int run_benchmarks(const Options& options, std::span<const Benchmark> benchmarks, const WorkerPart* worker) {
  parse_google_flags(options.google_arguments);
  for (const auto& problem : unwritable_outputs(options)) warn(problem + "; the run goes on, the report will be lost");
  const auto begin = std::chrono::steady_clock::now();
  caught_signal = 0;
  const SignalWatch watch;

  const auto device = open_device(options);
  Registry registry(options, device->backend().description().spec);
  for (const auto& benchmark : benchmarks) declare(*device, benchmark, registry);

  Run run{.options = options, .backend = device->backend(), .cases = all_cases(registry), .worker = worker};
  run.names = full_names(run.cases);
  if (options.list) return list_cases(run.names);
  auto turns = plan(run.names);
  if (turns.empty()) return reports::exit_pass;  // --benchmark_list_tests has listed
  std::erase_if(turns, [&](const Turn& turn) { return !is_wanted(worker, turn_name(run.names, turn)); });
  require_proper_use(run.cases, turns);

  auto& report = run.report;
  report.run_id = new_run_id();
  report.started = timestamp();
  report.argv = options.argv;
  report.tool = tool_info();
  report.host = host_info();
  report.device = run.backend.description();
  report.anonymous = options.anonymous;
  for (const auto& turn : turns) report.completeness.planned.push_back(turn_name(run.names, turn));
  if (worker) write_partial(run);

  run_plan(run.names, [&run](const Turn& turn) { return measure_turn(run, turn); });

  if (!run.events.device_fault) {
    const std::string fault = run.backend.note_end_of_run(report.device);
    run.events.device_fault = !fault.empty();
    if (!fault.empty()) {
      report.device.facts["fault"] = fault;
      warn(fault);
    }
  }
  report.health = run.backend.health();
  report.duration_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  finish(run);
  const int code = write_reports(report, exit_code(run), options, worker == nullptr);
  // Freeing memory on a device that hangs would hang as well, and everything is written.
  if (run.events.device_fault) std::_Exit(code);
  return code;
}

std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments) {
  hold_standard_files();
  // A reader that has gone shows as a failed write, never as a signal that would end the run and lose its files.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  try {
    std::vector<std::string> reversed = with_explicit_outputs(std::move(arguments));
    std::reverse(reversed.begin(), reversed.end());  // CLI11 takes them from the back
    app.parse(std::move(reversed));
    return std::nullopt;
  } catch (const CLI::Success& success) {
    static_cast<void>(app.exit(success));
    return reports::exit_pass;
  } catch (const CLI::ParseError& error) {
    std::string what = error.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    say(fmt::format("error: {}: see {} --help", what, app.get_name()));
    return reports::exit_usage;
  }
}

int guarded(bool skip_if_no_gpu, const std::function<int()>& body) try {
  return body();
} catch (const UsageError& error) {
  say(fmt::format("error: {}", error.what()));
  return reports::exit_usage;
} catch (const NoDevice& error) {
  say(fmt::format("{}: {}", skip_if_no_gpu ? "skipped" : "error", error.what()));
  return skip_if_no_gpu ? reports::exit_nothing_to_test : reports::exit_inconclusive;
} catch (const reports::WriteError& error) {
  say(fmt::format("error: {}", error.what()));
  return reports::exit_report_not_written;
} catch (const Interrupted& end) {
  say(fmt::format("error: {}", end.what()));
  return reports::exit_signal_base + end.signal;
} catch (const DeviceFault& error) {
  say(fmt::format("error: device fault: {}", error.what()));
  std::_Exit(reports::exit_device_fault);
} catch (const std::exception& error) {
  say(fmt::format("error: {}", error.what()));
  return reports::exit_inconclusive;
}

int bench_main(int argc, char** argv, const Benchmark& benchmark) {
  Options options;
  options.argv.assign(argv, argv + argc);
  CLI::App app(fmt::format("PeakProof: measures {} and holds it against the theoretical peak", benchmark.name),
               fmt::format("bench_{}", benchmark.name));
  app.set_version_flag("--version", version_line());
  app.allow_extras();
  app.footer(
      "Google Benchmark's flags are taken too (--benchmark_filter, --benchmark_repetitions …).\n"
      "Exit codes: 0 passed, 1 rejected, 2 wrong usage, 3 inconclusive, 4 device fault, 5 report not written.");
  add_measuring_options(app, options);
  add_sweep_option(app, options);
  if (const auto code = parse(app, {argv + 1, argv + argc})) return *code;
  options.google_arguments = app.remaining();
  return guarded(options.skip_if_no_gpu, [&] {
    validate(options);
    return run_benchmarks(options, {&benchmark, 1});
  });
}

}  // namespace peakproof::bench
