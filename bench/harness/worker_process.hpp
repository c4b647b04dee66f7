// A child process with a deadline: started, watched, ended by force where it does not end by itself.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
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

/// Runs `argv` (argv[0] is the program) in a process group of its own, which dies with this process. stdout goes to
/// /dev/null unless `captured` is wanted; stderr is kept (its end) and passed on line by line where `show_stderr`.
class WorkerProcess {
 public:
  struct Setup {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;  ///< added to ours
    bool capture_stdout = false;
    bool show_stderr = true;
  };
  explicit WorkerProcess(Setup setup);
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Ends it by force if it still runs.
  ~WorkerProcess();

  /// Waits up to `time`; the ending, or nothing while it still runs.
  [[nodiscard]] std::optional<Ending> wait_for(std::chrono::milliseconds time);
  /// SIGTERM, after `grace` SIGKILL, and after two seconds more it is abandoned.
  [[nodiscard]] Ending end(std::chrono::milliseconds grace);
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& captured() const { return captured_; }

 private:
  pid_t pid_ = -1;
  int stdout_ = -1;
  int stderr_ = -1;
  bool show_stderr_ = true;
  std::string captured_;
  std::string last_words_;
  std::optional<Ending> ending_;
};

}  // namespace peakproof::bench
