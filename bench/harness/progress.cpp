#include "bench/harness/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace peakproof::bench {
namespace {

constexpr std::chrono::seconds kQuietTime{2};
constexpr std::chrono::milliseconds kRefresh{200};
constexpr std::size_t kBarWidth = 20;

/// The one line of the terminal that is written over and over: who shows it, and who has to take it away first.
class TerminalLine {
 public:
  void show(const std::string& text) {
    const std::lock_guard lock(mutex_);
    shown_ = true;
    print("\r\033[K" + text);
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    take_away();
  }
  void say(const std::string& line) {
    const std::lock_guard lock(mutex_);
    take_away();
    print(line + "\n");
  }

 private:
  void take_away() {
    if (shown_) print("\r\033[K");
    shown_ = false;
  }
  /// A stderr that is gone must not end a run.
  static void print(const std::string& text) {
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
    static_cast<void>(std::fflush(stderr));
  }
  std::mutex mutex_;
  bool shown_ = false;
};

TerminalLine& terminal_line() {
  static TerminalLine line;
  return line;
}

std::size_t terminal_width() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

/// "0:21", "1:02:03".
std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::lround(std::clamp(seconds, 0.0, 1e9)));
  const long long hours = whole / 3600;
  const long long minutes = whole / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

struct Sum {
  std::size_t done = 0;
  std::size_t cases = 0;
  std::string now;  ///< "cuda:0 wgmma, cuda:1 dram"
};

Sum sum_of(const std::vector<DeviceProgress>& devices) {
  Sum sum;
  for (const auto& device : devices) {
    sum.done += device.done;
    sum.cases += device.cases;
    if (device.now.empty()) continue;
    if (!sum.now.empty()) sum.now += ", ";
    sum.now += fmt::format("{} {}", device.label, device.now);
  }
  return sum;
}

/// "8/17"; of an open end "8".
std::string count_text(const Sum& sum, const char* between) {
  return sum.cases > 0 ? fmt::format("{}{}{}", sum.done, between, sum.cases) : std::to_string(sum.done);
}

}  // namespace

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

void Progress::step(std::size_t index, std::size_t count, const std::string& name) {
  label_ = fmt::format("[{}/{}] {}", index + 1, count, name);
  begin_ = last_ = std::chrono::steady_clock::now();
  if (shown_) tick("");
}

void Progress::tick(const std::string& detail) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (!shown_ && now - begin_ < kQuietTime) || (shown_ && now - last_ < kRefresh)) return;
  last_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  terminal_line().show(fmt::format("{}  {:.0f} s  {}", label_, seconds, detail));
}

void Progress::clear() {
  if (shown_) terminal_line().clear();
  shown_ = false;
}

double seconds_left(double elapsed_s, double planned_s, std::size_t done, std::size_t cases) {
  if (done == 0 || cases == 0) return std::max(0.0, planned_s - elapsed_s);
  if (done >= cases) return 0;
  return std::max(0.0, elapsed_s) * static_cast<double>(cases - done) / static_cast<double>(done);
}

std::string progress_line(const std::vector<DeviceProgress>& devices, double elapsed_s, double planned_s,
                          std::size_t width) {
  const Sum sum = sum_of(devices);
  const double share = sum.cases > 0   ? static_cast<double>(sum.done) / static_cast<double>(sum.cases)
                       : planned_s > 0 ? elapsed_s / planned_s
                                       : 0;
  const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kBarWidth);
  const std::string head =
      fmt::format("[{:#<{}}{:-<{}}] {}  ", "", filled, "", kBarWidth - filled, count_text(sum, "/"));
  const std::string tail = fmt::format("  {}, about {} left", clock_text(elapsed_s),
                                       clock_text(seconds_left(elapsed_s, planned_s, sum.done, sum.cases)));
  const std::size_t rest = head.size() + tail.size();
  std::string now = sum.now;
  if (rest + now.size() > width) {
    constexpr std::string_view kCut = "...";
    const std::size_t room = width > rest + kCut.size() ? width - rest - kCut.size() : 0;
    now = room > 0 ? now.substr(0, room) + std::string(kCut) : std::string();
  }
  return (head + now + tail).substr(0, width);
}

std::string heartbeat_line(const std::vector<DeviceProgress>& devices, double elapsed_s, double planned_s) {
  const Sum sum = sum_of(devices);
  return fmt::format("still running: {} cases{}{}; {:.0f} s, about {:.0f} s left", count_text(sum, " of "),
                     sum.now.empty() ? "" : ", ", sum.now, elapsed_s,
                     seconds_left(elapsed_s, planned_s, sum.done, sum.cases));
}

RunProgress::RunProgress(Setup setup) : setup_(setup) {
  if (!setup_.quiet) thread_ = std::thread([this] { run(); });
}

RunProgress::~RunProgress() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (setup_.terminal && !setup_.quiet) terminal_line().clear();
}

void RunProgress::update(const DeviceProgress& device) {
  const std::lock_guard lock(mutex_);
  for (auto& known : devices_)
    if (known.label == device.label) {
      known = device;
      return;
    }
  devices_.push_back(device);
}

void RunProgress::run() {
  const auto period = setup_.terminal ? kRefresh : setup_.heartbeat;
  std::unique_lock lock(mutex_);
  auto next = begin_ + period;
  while (!wake_.wait_until(lock, next, [this] { return ended_; })) {
    const std::vector<DeviceProgress> devices = devices_;
    lock.unlock();  // a terminal that takes nothing must not hold up who updates
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    if (setup_.terminal)
      terminal_line().show(progress_line(devices, elapsed, setup_.planned_s, terminal_width() - 1));
    else
      say(heartbeat_line(devices, elapsed, setup_.planned_s));
    next = std::chrono::steady_clock::now() + period;
    lock.lock();
  }
}

void say(const std::string& line) { terminal_line().say(line); }

void warn(const std::string& text) { say("warning: " + text); }

}  // namespace peakproof::bench
