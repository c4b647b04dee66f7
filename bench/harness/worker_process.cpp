#include "bench/harness/worker_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include "bench/harness/errors.hpp"
#include "bench/harness/progress.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace peakproof::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kLastWords = 4096;
constexpr std::size_t kMostCaptured = std::size_t{64} << 20U;
constexpr int kMostLines = 200;  // of one worker: a flood must not fill the log
constexpr milliseconds kSliceWithoutPidfd{20};

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw MeasurementError(fmt::format("a worker cannot be started: no pipe ({})", std::strerror(errno)));
  static_cast<void>(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  return {ends[0], ends[1]};
}

void close_end(int& file) {
  if (file >= 0) static_cast<void>(close(file));
  file = -1;
}

/// argv or the environment as execve takes it; points into `texts`.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (added.count(text.substr(0, text.find('='))) == 0) out.push_back(text);
  }
  for (const auto& [key, value] : added) out.push_back(fmt::format("{}={}", key, value));
  return out;
}

/// The child, between fork and exec: only what is safe after a fork of a process with threads (signal-safety(7)).
[[noreturn]] void become(const std::vector<char*>& argv, const std::vector<char*>& environment, int out, int err,
                         pid_t parent) {
  static_cast<void>(setpgid(0, 0));
  // Sent when the thread that forked ends; it lives as long as the worker is watched.
  static_cast<void>(prctl(PR_SET_PDEATHSIG, SIGKILL));
  if (getppid() != parent) _exit(127);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) static_cast<void>(std::signal(signal, SIG_DFL));
  sigset_t none;
  static_cast<void>(sigemptyset(&none));
  static_cast<void>(sigprocmask(SIG_SETMASK, &none, nullptr));
  const int nothing = open("/dev/null", O_RDWR);
  static_cast<void>(dup2(nothing, STDIN_FILENO));
  static_cast<void>(dup2(out >= 0 ? out : nothing, STDOUT_FILENO));
  static_cast<void>(dup2(err, STDERR_FILENO));
  if (nothing > STDERR_FILENO) static_cast<void>(close(nothing));
  static_cast<void>(execve(argv[0], argv.data(), environment.data()));
  constexpr std::string_view kWhy = "cannot be executed\n";
  static_cast<void>(!write(STDERR_FILENO, kWhy.data(), kWhy.size()));
  _exit(127);
}

/// What a pipe holds now; empty where that is nothing.
std::string read_now(int& file) {
  std::string text;
  std::array<char, 16384> part{};
  // A flood ends neither this loop nor the wait around it: at most so much at a time.
  constexpr std::size_t kAtATime = std::size_t{1} << 20U;
  while (file >= 0 && text.size() < kAtATime) {
    const ssize_t got = read(file, part.data(), part.size());
    if (got > 0) {
      text.append(part.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else {
      if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) close_end(file);
      break;
    }
  }
  return text;
}

/// The first lines of a file in /proc, joined; empty where it cannot be read.
std::string proc_text(pid_t pid, const char* name) {
  std::ifstream file(fmt::format("/proc/{}/{}", pid, name));
  std::string text;
  for (std::string line; std::getline(file, line) && text.size() < kLastWords;)
    text += (text.empty() ? "" : " < ") + line;
  return text;
}

}  // namespace

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string describe(const Ending& ending) {
  if (ending.abandoned)
    return fmt::format("did not end on SIGKILL: it waits in the kernel{}",
                       ending.where.empty() ? "" : " in " + ending.where);
  if (ending.signal != 0) return fmt::format("ended with signal {} ({})", ending.signal, signal_name(ending.signal));
  if (ending.exit_code) return fmt::format("ended with exit code {}", *ending.exit_code);
  return "ended in a way that the system does not tell";
}

WorkerProcess::WorkerProcess(Setup setup) : show_stderr_(setup.show_stderr), prefix_(std::move(setup.prefix)) {
  if (setup.argv.empty()) throw MeasurementError("a worker cannot be started: no program is named");
  // Everything that needs memory is made before the fork.
  std::vector<std::string> environment = merged_environment(setup.environment);
  const std::vector<char*> arguments = pointers(setup.argv);
  const std::vector<char*> variables = pointers(environment);
  Pipe out;
  if (setup.capture_stdout) out = make_pipe();
  Pipe err;
  try {
    err = make_pipe();
  } catch (...) {
    close_end(out.read);
    close_end(out.write);
    throw;
  }
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(arguments, variables, out.write, err.write, parent);
  const int why = errno;
  close_end(out.write);
  close_end(err.write);
  stdout_ = out.read;
  stderr_ = err.read;
  if (pid_ < 0) {
    close_pipes();
    throw MeasurementError(fmt::format("a worker cannot be started: {}", std::strerror(why)));
  }
  static_cast<void>(setpgid(pid_, pid_));  // in both, so that it holds whoever runs first
  process_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

WorkerProcess::~WorkerProcess() {
  try {
    if (!ending_) static_cast<void>(end(milliseconds(0)));
  } catch (...) {  // NOLINT(bugprone-empty-catch): nothing is left to be told
  }
  close_pipes();
}

void WorkerProcess::close_pipes() {
  for (int* file : {&process_, &stdout_, &stderr_}) close_end(*file);
}

void WorkerProcess::say_line(const std::string& line) {
  ++lines_said_;
  if (!show_stderr_ || lines_said_ > kMostLines + 1) return;
  say(prefix_ + (lines_said_ <= kMostLines ? line : "(what else this worker says is left out)"));
}

void WorkerProcess::pass_on(std::string_view text) {
  last_words_ += text;
  if (last_words_.size() > kLastWords) last_words_.erase(0, last_words_.size() - kLastWords);
  for (const char c : text) {
    if (c != '\n') line_ += c;
    if (c == '\n' || line_.size() >= kLastWords) {
      say_line(line_);
      line_.clear();
    }
  }
}

void WorkerProcess::drain() {
  const std::string out = read_now(stdout_);
  captured_.append(out, 0, std::min(out.size(), kMostCaptured - captured_.size()));
  pass_on(read_now(stderr_));
}

void WorkerProcess::conclude(int status) {
  drain();
  if (!line_.empty()) say_line(line_);
  line_.clear();
  Ending ending;
  ending.forced = forced_;
  ending.last_words = last_words_;
  if (WIFEXITED(status))
    ending.exit_code = WEXITSTATUS(status);
  else if (WIFSIGNALED(status))
    ending.signal = WTERMSIG(status);
  ending_ = ending;
  close_pipes();
}

std::optional<Ending> WorkerProcess::wait_for(milliseconds time) {
  if (ending_) return ending_;
  const auto look = [this] {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0)
      return ending_;  // it runs
    // What it has started itself goes with it; as long as it has not been waited for, its number is its own.
    if (info.si_pid == pid_) static_cast<void>(kill(-pid_, SIGKILL));
    int status = 0;
    const pid_t got = waitpid(pid_, &status, WNOHANG);
    constexpr int kUnknown = 0x7f;  // neither exited nor ended by a signal: somebody else has waited for it
    conclude(got == pid_ ? status : kUnknown);
    return ending_;
  };
  if (look()) return ending_;
  std::array<pollfd, 3> files{};
  nfds_t count = 0;
  for (const int file : {process_, stdout_, stderr_})
    if (file >= 0) files.at(count++) = {.fd = file, .events = POLLIN, .revents = 0};
  const milliseconds slice = process_ >= 0 ? time : std::min(time, kSliceWithoutPidfd);
  const int timeout = static_cast<int>(std::clamp<milliseconds::rep>(slice.count(), 0, 60000));
  static_cast<void>(poll(files.data(), count, timeout));
  drain();
  return look();
}

bool WorkerProcess::ended_within(milliseconds time) {
  const auto deadline = steady_clock::now() + time;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (wait_for(std::max(left, milliseconds(0)))) return true;
    if (left.count() <= 0) return false;
  }
}

Ending WorkerProcess::end(milliseconds grace, milliseconds patience) {
  if (wait_for(milliseconds(0))) return *ending_;
  forced_ = true;
  static_cast<void>(kill(pid_, SIGTERM));
  if (grace.count() > 0 && ended_within(grace)) return *ending_;
  static_cast<void>(kill(-pid_, SIGKILL));
  if (ended_within(patience)) return *ending_;
  const std::string wchan = proc_text(pid_, "wchan");
  const std::string stack = proc_text(pid_, "stack");
  ending_ = Ending{.exit_code = std::nullopt,
                   .signal = 0,
                   .forced = true,
                   .abandoned = true,
                   .where = wchan + (wchan.empty() || stack.empty() ? "" : ": ") + stack,
                   .last_words = last_words_};
  close_pipes();
  return *ending_;
}

}  // namespace peakproof::bench
