#include "bench/harness/worker_course.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "bench/harness/errors.hpp"
#include "bench/harness/progress.hpp"
#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{200};  // at the signal and the clock
/// Of a worker that hangs: until it has to obey SIGTERM.
constexpr milliseconds kGrace{2000};
/// The same when the run is to end: worker and report together have two seconds.
constexpr milliseconds kGraceAtTheEnd{1000};
constexpr milliseconds kPatienceAtTheEnd{300};

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

void remove_whole(const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

/// Whether a few megabytes can be written: as much as a worker's report at most.
bool has_room(const fs::path& folder) {
  constexpr std::size_t kProbe = std::size_t{4} << 20U;
  const fs::path probe = folder / "probe";
  std::ofstream out(probe, std::ios::binary);
  out << std::string(kProbe, ' ') << std::flush;
  const bool written = out.good();
  std::error_code ignored;
  fs::remove(probe, ignored);
  return written;
}

[[noreturn]] void throw_failure(const Line& failed) {
  const std::string& kind = failed.fields[0];
  const std::string& what = failed.fields[1];
  if (kind == kUsageFailure) throw UsageError(what);
  if (kind == kNoDeviceFailure) throw NoDevice(what);
  if (kind == kFaultFailure) throw DeviceFault(what);
  throw MeasurementError(what);
}

/// The last of what it said, as one line.
std::string last_words(const Ending& ending) {
  constexpr std::size_t kMost = 300;
  const std::string text = reports::one_line(ending.last_words);
  const std::size_t end = text.find_last_not_of(' ');
  if (end == std::string::npos) return {};
  const std::size_t begin = end + 1 > kMost ? end + 1 - kMost : 0;
  return fmt::format("; last words: {}", text.substr(begin, end + 1 - begin));
}

/// What a worker with exit code 4 says happened.
std::string fault_of(const Part& part, const std::optional<Line>& failed, const Ending& ending) {
  if (failed) return failed->fields[1];
  if (part.report) {
    if (const auto found = part.report->device.facts.find("fault"); found != part.report->device.facts.end())
      return found->second;
    if (!part.report->results.empty() && part.report->results.back().verdict == reports::Verdict::error)
      return part.report->results.back().note;
  }
  return fmt::format("the worker {}{}", describe(ending), last_words(ending));
}

}  // namespace

PrivateFolder::PrivateFolder() {
  for (const char* parent : {static_cast<const char*>(std::getenv("TMPDIR")), "/tmp", "/dev/shm"}) {
    if (parent == nullptr || *parent == '\0') continue;
    std::string pattern = fmt::format("{}/peakproof-XXXXXX", parent);
    if (mkdtemp(pattern.data()) == nullptr) continue;
    path_ = pattern;
    if (has_room(path_)) return;
    remove_whole(path_);
  }
  throw MeasurementError("there is no room for the workers' reports: make some in /tmp, or name a folder in TMPDIR");
}

PrivateFolder::~PrivateFolder() { remove_whole(path_); }

std::vector<std::string> worker_command(const Options& options, const std::vector<std::string>& names) {
  std::vector<std::string> argv = {kThisProgram, "worker"};
  argv.insert(argv.end(), names.begin(), names.end());
  const auto measuring = measuring_arguments(options);
  argv.insert(argv.end(), measuring.begin(), measuring.end());
  return argv;
}

std::vector<Line> ask(const Options& options, std::vector<std::string> argv) {
  const auto begin = steady_clock::now();
  WorkerProcess process({.argv = std::move(argv), .capture_stdout = true, .show_stderr = false});
  std::optional<Ending> ending;
  while (!(ending = process.wait_for(kLook))) {
    if (const int signal = signal_that_ends(); signal != 0) {
      static_cast<void>(process.end(kGraceAtTheEnd, kPatienceAtTheEnd));
      throw Interrupted(signal);
    }
    const double patience_s = silence_that_hangs(options);
    if (seconds_since(begin) < patience_s) continue;
    const Ending forced = process.end(kGrace);
    throw DeviceFault(fmt::format("the driver does not answer within {} s{}: see whether nvidia-smi hangs as well{}",
                                  patience_s, forced.abandoned ? " (" + describe(forced) + ")" : "",
                                  last_words(forced)));
  }
  std::vector<Line> lines = Lines().next(process.captured());
  if (!lines.empty() && lines.back().word == Word::failed) throw_failure(lines.back());
  if (ending->exit_code != reports::exit_pass)
    throw MeasurementError(
        fmt::format("the process that asks for the devices {}{}", describe(*ending), last_words(*ending)));
  std::istringstream warnings(ending->last_words);
  for (std::string line; std::getline(warnings, line);) say(line);
  return lines;
}

std::optional<reports::Report> report_left_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  try {
    return reports::from_json(text.str());
  } catch (const reports::ReadError&) {
    return std::nullopt;
  }
}

/// What a worker has told so far.
struct Course::Heard {
  Lines lines;
  std::string now;
  std::size_t ended = 0;
  std::optional<Line> failed;
  bool silent = false;  ///< for too long: it was ended
  int signal = 0;       ///< ours, upon which it was ended
  bool take(const std::string& text) {
    const auto told = lines.next(text);
    for (const auto& line : told) {
      if (line.word == Word::begins) now = line.fields[0];
      if (line.word == Word::ended) {
        now.clear();
        ++ended;
      }
      if (line.word == Word::failed) failed = line;
    }
    return !told.empty();
  }
};

Work Course::work(const Job& job, const std::vector<std::string>& only, const Progressed& progressed) {
  const std::string file = folder_.file(fmt::format("{}.json", ++count_));
  std::vector<std::string> argv = worker_command(supervision_.options, {job.benchmark});
  if (!job.filter.empty()) argv.push_back("--benchmark_filter=" + job.filter);
  for (const auto& name : only) argv.push_back("--case=" + name);
  argv.push_back("--device=" + device_.selector);
  argv.push_back(fmt::format("--epoch={:.17g}", supervision_.epoch_s));
  argv.push_back("--json=" + file);
  WorkerProcess process({.argv = std::move(argv),
                         .capture_stdout = true,
                         .show_stderr = !supervision_.quiet,
                         .prefix = supervision_.several ? device_.label + ": " : std::string()});
  Heard heard;
  const Ending ending = watch(process, heard, progressed);
  heard.take(process.captured());
  Work out{.part = {.report = report_left_in(file), .under_way = heard.now}, .abandoned = ending.abandoned};
  std::error_code ignored;
  fs::remove(file, ignored);
  judge(out, ending, heard);
  out.said = ending.last_words.find(out.part.problem) != std::string::npos;
  return out;
}

Ending Course::watch(WorkerProcess& process, Heard& heard, Progressed progressed) const {
  const std::size_t done_before = progressed.cases_done;
  auto last = steady_clock::now();
  while (true) {
    if (const auto ending = process.wait_for(kLook)) return *ending;
    if (heard.take(process.captured())) last = steady_clock::now();
    progressed.cases_done = done_before + heard.ended;
    if (!heard.now.empty()) progressed.now = heard.now;
    if (supervision_.progress) supervision_.progress(progressed);
    if (const int signal = signal_that_ends(); signal != 0) {
      heard.signal = signal;
      return process.end(kGraceAtTheEnd, kPatienceAtTheEnd);
    }
    if (seconds_since(last) > supervision_.silence_s) {
      heard.silent = true;
      return process.end(kGrace);
    }
  }
}

/// Says in `out` what went wrong, if anything did.
void Course::judge(Work& out, const Ending& ending, const Heard& heard) const {
  Part& part = out.part;
  const auto fault = [&](std::string problem) {
    part.problem = std::move(problem);
    part.device_fault = true;
    out.could_not_open = true;
  };
  const int code = ending.exit_code.value_or(-1);
  constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP};
  const auto* const asked = std::find(kEnding.begin(), kEnding.end(), code - reports::exit_signal_base);
  if (heard.signal != 0 || asked != kEnding.end()) {
    out.signal = heard.signal != 0 ? heard.signal : *asked;
    part.problem = fmt::format("interrupted by {}", signal_name(out.signal));
  } else if (heard.silent) {
    fault(fmt::format("the worker hung: it said nothing for {:g} s and {}{}", supervision_.silence_s,
                      ending.abandoned ? describe(ending) : "was ended by force", last_words(ending)));
  } else if (code == reports::exit_device_fault) {
    fault(fault_of(part, heard.failed, ending));
  } else if (heard.failed && !part.report) {
    const std::string& kind = heard.failed->fields[0];
    const std::string what = fmt::format("the device cannot be opened any more: {}", heard.failed->fields[1]);
    // It was there when the run began: a device that is gone now is faulty.
    if (kind == kNoDeviceFailure || kind == kUsageFailure) return fault(what);
    part.problem = what;
    out.could_not_open = true;
  } else if (code != reports::exit_pass && code != reports::exit_rejected && code != reports::exit_inconclusive) {
    part.problem = fmt::format("the worker {}{}", describe(ending), last_words(ending));
  } else if (heard.failed) {
    part.problem = heard.failed->fields[1];
  } else if (!part.report) {
    part.problem = fmt::format("the worker has left no report{}", last_words(ending));
  }
}

}  // namespace peakproof::bench
