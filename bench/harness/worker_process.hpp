// A child process with a deadline: started, watched, ended by force where it does not end by itself.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::bench {

/// How a process ended.
struct Ending {
  std::optional<int> exit_code;  ///< it ended by itself
  int signal = 0;                ///< it was ended by this signal
  bool forced = false;           ///< by us, after its deadline or because the run was to end
  bool abandoned = false;        ///< not even SIGKILL ended it (it waits in the kernel); it is left behind
  std::string where;             ///< of an abandoned one: /proc/<pid>/wchan and stack, as far as they are readable
  std::string last_words;        ///< the end of what it wrote to stderr
};
/// "ended with exit code 4", "ended with signal 11 (SIGSEGV)", "did not end on SIGKILL (it waits in the kernel in …)".
[[nodiscard]] std::string describe(const Ending& ending);
/// "SIGSEGV"; "signal 42" for one without a name.
[[nodiscard]] std::string signal_name(int signal);

/// Runs `argv` (argv[0] is the program) in a process group of its own, which dies with the thread that started it. stdout
/// goes to /dev/null unless it is captured; stderr is kept (its end) and passed on line by line where `show_stderr`.
class WorkerProcess {
 public:
  struct Setup {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;  ///< added to ours
    bool capture_stdout = false;
    bool show_stderr = true;
    std::string prefix;  ///< of the lines that are passed on: "cuda:1: "
  };
  /// Throws MeasurementError where no process can be started. A program that cannot be executed ends with exit code 127.
  explicit WorkerProcess(Setup setup);
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Ends it by force if it still runs.
  ~WorkerProcess();

  /// Waits up to `time`, or until it says something or a signal arrives; the ending, or nothing while it still runs.
  [[nodiscard]] std::optional<Ending> wait_for(std::chrono::milliseconds time);
  /// SIGTERM, after `grace` SIGKILL, and after `patience` more it is abandoned.
  [[nodiscard]] Ending end(std::chrono::milliseconds grace,
                           std::chrono::milliseconds patience = std::chrono::milliseconds(2000));
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// What it has written to stdout so far, its first 64 MiB.
  [[nodiscard]] const std::string& captured() const { return captured_; }

 private:
  void drain();
  void pass_on(std::string_view text);
  void say_line(const std::string& line);
  void conclude(int status);
  /// Waits until it has ended, at most so long.
  [[nodiscard]] bool ended_within(std::chrono::milliseconds time);
  void close_pipes();

  pid_t pid_ = -1;
  int process_ = -1;  ///< a pidfd: readable when the process has ended; -1: an old kernel has none
  int stdout_ = -1;
  int stderr_ = -1;
  bool show_stderr_ = true;
  std::string prefix_;
  std::string captured_;
  std::string line_;  ///< of stderr, not yet ended
  int lines_said_ = 0;
  std::string last_words_;
  bool forced_ = false;
  std::optional<Ending> ending_;
};

}  // namespace peakproof::bench
