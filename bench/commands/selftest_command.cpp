// peakproof selftest --faults: does an acceptance call each fault of the catalogue by its name? Runs this very executable
// on the stand-in device.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/commands/command.hpp"
#include "bench/commands/fault_catalogue.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/worker_process.hpp"
#include "reports/format.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"

namespace peakproof::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLongest{90'000};  // of a trial; those that hang are given two seconds by their command
constexpr milliseconds kSlice{1'000};
constexpr milliseconds kGrace{1'000};

struct Arguments {
  bool faults = false;
  std::vector<int> only;
  std::string json;  ///< a file, "-" for stdout; empty: the table
  int jobs = 1;
  std::string stand_in;  ///< the folder; empty: beside the executable
};

/// A folder of its own, gone with this object.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string name = (fs::temp_directory_path() / "peakproof-selftest-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw MeasurementError(fmt::format("no folder can be made as {}", name));
    path_ = name;
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

enum class Outcome { ok, failed, not_run };

struct Trial {
  const FaultTrial* of = nullptr;
  Outcome outcome = Outcome::failed;
  std::optional<int> exit_code;
  std::string why;  ///< it is not as expected, or was not run
};

/// In single quotes, as sh takes it.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// What sh is given: the command in its folder and its world.
std::string script(const FaultTrial& trial, const fs::path& folder, const fs::path& stand_in) {
  std::string text = "exec 2>&1\nunset CUDA_VISIBLE_DEVICES CUDA_FORCE_PTX_JIT PEAKPROOF_STAND_IN LD_PRELOAD\n";
  const auto set = [&text](const char* name, const std::string& value) {
    text += fmt::format("export {}={}\n", name, quoted(value));
  };
  text += fmt::format("cd {}\n", quoted(folder.string()));
  text += fmt::format("export PATH={}:\"$PATH\"\n", quoted(folder.string()));
  set("XDG_RUNTIME_DIR", folder.string());  // where the locks of the GPUs are
  if (trial.place == FaultPlace::machine) {
    set("CUDA_VISIBLE_DEVICES", "");
  } else {
    set("LD_PRELOAD", (stand_in / "libpeakproof_stand_in.so").string());
    set("LD_LIBRARY_PATH", (stand_in / "nvml").string());
    set("PEAKPROOF_STAND_IN", std::string(trial.stand_in));
  }
  return text + std::string(trial.command) + "\n";
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

/// With one blank in the place of every gap, so that it does not matter where a line was broken.
std::string flat(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

/// What the report says against the exit code; empty where it agrees, or where there is none and none was promised.
std::string objection_of_report(const FaultTrial& trial, const fs::path& file) {
  const bool promised = trial.command.find("=report.json") != std::string_view::npos &&
                        trial.exit_code != reports::exit_report_not_written;
  if (!promised) return {};
  if (!fs::exists(file)) {
    // Where there is no device there is nothing to report on.
    return trial.exit_code == reports::exit_inconclusive ? "" : "it left no report";
  }
  try {
    const auto report = reports::from_json(read_file(file.string()));
    if (report.exit_code != trial.exit_code) return fmt::format("its report says exit {}", report.exit_code);
    if (report.verdict != expected_verdict(trial.exit_code))
      return fmt::format("its report says \"{}\"", report.verdict);
    return reports::contradiction(report);
  } catch (const std::exception& error) {
    return fmt::format("its report cannot be read: {}", error.what());
  }
}

/// Why the trial did not go as it should have; empty where it did.
std::string objection(const FaultTrial& trial, const Ending& ending, const std::string& said, const fs::path& report) {
  if (ending.forced) return fmt::format("it did not end within {} s", kLongest.count() / 1000);
  if (!ending.exit_code) return fmt::format("it was ended by signal {}", ending.signal);
  const auto what_it_said = [&said] {
    const auto lines = lines_of(said);
    return lines.empty() ? std::string("nothing") : "\"" + lines.back() + "\"";
  };
  if (*ending.exit_code != trial.exit_code)
    return fmt::format("exit {} where {} is right; it said {}", *ending.exit_code, trial.exit_code, what_it_said());
  const std::string all = flat(said);
  for (const std::string& line : lines_of(trial.says)) {
    const bool forbidden = line.starts_with('!');
    const bool found = all.find(flat(forbidden ? line.substr(1) : line)) != std::string::npos;
    if (found == forbidden)
      return fmt::format("\"{}\" is {} in what it said: {}", forbidden ? line.substr(1) : line, forbidden ? "" : "not",
                         what_it_said());
  }
  return objection_of_report(trial, report);
}

Trial run_trial(const FaultTrial& trial, const fs::path& stand_in) {
  if (trial.place == FaultPlace::build)
    return {.of = &trial, .outcome = Outcome::not_run, .why = "the build disassembles every kernel and fails"};
  if (trial.place == FaultPlace::gpu)
    return {.of = &trial, .outcome = Outcome::not_run, .why = "needs a real GPU: ctest -L gpu"};
  const PrivateFolder folder;
  fs::create_symlink(fs::read_symlink("/proc/self/exe"), folder.path() / "peakproof");
  WorkerProcess process({.argv = {"/bin/sh", "-c", script(trial, folder.path(), stand_in)},
                         .environment = {},
                         .capture_stdout = true,
                         .show_stderr = false});
  std::optional<Ending> ending;
  for (const auto begin = steady_clock::now(); !ending && steady_clock::now() - begin < kLongest;)
    ending = process.wait_for(kSlice);
  if (!ending) ending = process.end(kGrace);
  std::string why = objection(trial, *ending, process.captured(), folder.path() / "report.json");
  return {.of = &trial,
          .outcome = why.empty() ? Outcome::ok : Outcome::failed,
          .exit_code = ending->exit_code,
          .why = std::move(why)};
}

/// Runs them, several at a time; `done` is called for each in their order.
std::vector<Trial> run_trials(const std::vector<const FaultTrial*>& plan, const fs::path& stand_in, int jobs,
                              const std::function<void(const Trial&)>& done) {
  std::vector<Trial> trials;
  std::deque<std::future<Trial>> running;
  for (std::size_t next = 0; trials.size() < plan.size();) {
    for (; next < plan.size() && running.size() < static_cast<std::size_t>(jobs); ++next)
      running.push_back(std::async(std::launch::async, run_trial, std::cref(*plan[next]), std::cref(stand_in)));
    trials.push_back(running.front().get());
    running.pop_front();
    done(trials.back());
  }
  return trials;
}

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::failed:
      return "NOT OK";
    default:
      return "not run";
  }
}

void print_row(const Trial& trial) {
  const FaultTrial& of = *trial.of;
  const bool runs = trial.outcome != Outcome::not_run;
  const std::string code = trial.exit_code ? std::to_string(*trial.exit_code) : "-";
  fmt::print("{:>3}  {:<41}  {:<50}  {:<18} {:>4}  {}{}{}\n", of.number, of.fault, of.injected,
             runs ? expected_verdict(trial.exit_code.value_or(reports::exit_inconclusive)) : "-", code,
             word(trial.outcome), trial.why.empty() ? "" : ": ", trial.why);
  static_cast<void>(std::fflush(stdout));
}

/// As a string of JSON (RFC 8259).
std::string json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string to_json(const std::vector<Trial>& trials) {
  std::string out = "{\"faults\": [\n";
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const Trial& trial = trials[i];
    const FaultTrial& of = *trial.of;
    out += fmt::format(
        "  {{\"number\": {}, \"fault\": {}, \"injected\": {}, \"stand_in\": {}, \"command\": {},\n"
        "   \"expected\": {{\"verdict\": {}, \"exit_code\": {}}}, \"exit_code\": {}, \"status\": {}, \"why\": {}}}{}\n",
        of.number, json(of.fault), json(of.injected), json(of.stand_in), json(of.command),
        json(expected_verdict(of.exit_code)), of.exit_code, trial.exit_code ? std::to_string(*trial.exit_code) : "null",
        json(word(trial.outcome)), json(trial.why), i + 1 < trials.size() ? "," : "");
  }
  return out + "]}\n";
}

/// Where the stand-in lies. Throws NoDevice where it does not.
fs::path find_stand_in(const Arguments& arguments) {
  fs::path folder = arguments.stand_in.empty() ? fs::read_symlink("/proc/self/exe").parent_path() / "tests" / "stand_in"
                                               : fs::absolute(arguments.stand_in);
  for (const char* file : {"libpeakproof_stand_in.so", "nvml/libnvidia-ml.so.1"})
    if (!fs::exists(folder / file))
      throw NoDevice(
          fmt::format("the stand-in device is missing: no {} (build the target peakproof_stand_in and "
                      "peakproof_stand_in_nvml, or name its folder with --stand-in)",
                      (folder / file).string()));
  return folder;
}

int selftest(const Arguments& arguments) {
  const auto wanted = [&arguments](const FaultTrial& trial) {
    return arguments.only.empty() ||
           std::find(arguments.only.begin(), arguments.only.end(), trial.number) != arguments.only.end();
  };
  for (const int number : arguments.only)
    if (std::none_of(fault_catalogue().begin(), fault_catalogue().end(),
                     [number](const FaultTrial& trial) { return trial.number == number; }))
      throw UsageError(
          fmt::format("--only {}: there is no such fault (1 to {})", number, fault_catalogue().back().number));
  const fs::path stand_in = find_stand_in(arguments);
  std::vector<const FaultTrial*> plan;
  for (const FaultTrial& trial : fault_catalogue())
    if (wanted(trial)) plan.push_back(&trial);
  if (arguments.json.empty())
    fmt::print("{:>3}  {:<41}  {:<50}  {:<18} {:>4}\n", "#", "fault", "injected how", "verdict", "exit");
  const std::vector<Trial> trials = run_trials(plan, stand_in, arguments.jobs, [&arguments](const Trial& trial) {
    if (arguments.json.empty()) print_row(trial);
  });
  const auto count = [&trials](Outcome outcome) {
    return std::count_if(trials.begin(), trials.end(), [outcome](const Trial& t) { return t.outcome == outcome; });
  };
  if (arguments.json == "-")
    fmt::print("{}", to_json(trials));
  else if (!arguments.json.empty())
    reports::write_file(arguments.json, to_json(trials));
  else
    fmt::print("{} as expected, {} not, {} not run here\n", count(Outcome::ok), count(Outcome::failed),
               count(Outcome::not_run));
  if (count(Outcome::failed) > 0) return reports::exit_rejected;
  return count(Outcome::ok) > 0 ? reports::exit_pass : reports::exit_inconclusive;
}

}  // namespace

void add_selftest_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "selftest", "run the catalogue of faults on the stand-in device and show what becomes of each");
  const auto arguments = std::make_shared<Arguments>();
  command->add_flag("--faults", arguments->faults, "the catalogue of faults (all there is so far)");
  command->add_option("--only", arguments->only, "these faults only, by their numbers")
      ->delimiter(',')
      ->type_name("N,...");
  command->add_option("--json", arguments->json, "as JSON; to FILE, or to stdout without =FILE")->type_name("[=FILE]");
  constexpr int kMostJobs = 64;
  command->add_option("--jobs", arguments->jobs, "so many at a time (1)")
      ->type_name("N")
      ->check(CLI::Range(1, kMostJobs));
  command->add_option("--stand-in", arguments->stand_in, "the folder of the stand-in device")->type_name("DIR");
  command->footer(
      "Exit codes: 0 every fault that was run has the right verdict and exit code, 1 one has not, 2 usage, 3 there is "
      "no\n"
      "stand-in device, or nothing was run.");
  command->final_callback([arguments, &program] { program.action = [arguments] { return selftest(*arguments); }; });
}

}  // namespace peakproof::bench
