// What a terminal is told of a run that goes on, and the heartbeat where stderr is no terminal.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace peakproof::bench {

/// The line is for terminals only; there is no colour anywhere, so that NO_COLOR has nothing to switch off.
[[nodiscard]] bool stderr_is_terminal();

class Progress {
 public:
  /// Names the step that begins; the line appears once a step has lasted two seconds, and then stays up to date.
  void step(std::size_t index, std::size_t count, const std::string& name);
  /// To be called often while a step goes on.
  void tick(const std::string& detail);
  /// Takes the line away.
  void clear();

 private:
  bool terminal_ = stderr_is_terminal();
  bool shown_ = false;
  std::string label_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_ = begin_;
};

/// Where one device of a run stands.
struct DeviceProgress {
  std::string label;  ///< "cuda:0"
  std::size_t done = 0;
  std::size_t cases = 0;  ///< 0: as many as the time allows
  std::string now;        ///< the benchmark that is being measured; empty: none
};

/// How long a run will still take: by the plan as long as nothing is done or the end is open (no number of cases), then
/// by what the done part has taken. Never negative; seconds.
[[nodiscard]] double seconds_left(double elapsed_s, double planned_s, std::size_t done, std::size_t cases);

/// "[#####-----] 8/17  cuda:0 wgmma  0:21, about 0:20 left", cut to `width` columns. Devices that measure nothing at
/// the moment are counted and not named.
[[nodiscard]] std::string progress_line(const std::vector<DeviceProgress>& devices, double elapsed_s, double planned_s,
                                        std::size_t width);
/// "still running: 8 of 17 cases, cuda:0 wgmma; 60 s, about 58 s left".
[[nodiscard]] std::string heartbeat_line(const std::vector<DeviceProgress>& devices, double elapsed_s,
                                         double planned_s);

/// Tells on stderr how a run on one or several devices goes on, from a thread of its own: on a terminal one line that
/// is kept up to date, elsewhere a line a minute. Says nothing where it is quiet. May be updated by several threads.
class RunProgress {
 public:
  struct Setup {
    double planned_s = 0;
    bool quiet = false;
    bool terminal = stderr_is_terminal();
    std::chrono::milliseconds heartbeat{60'000};
  };
  explicit RunProgress(Setup setup);
  RunProgress(const RunProgress&) = delete;
  RunProgress& operator=(const RunProgress&) = delete;
  /// Takes the line away.
  ~RunProgress();
  /// The device of this label stands here now; a new label joins at the end.
  void update(const DeviceProgress& device);

 private:
  void run();

  Setup setup_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::vector<DeviceProgress> devices_;
  std::thread thread_;
};

/// One line on stderr, whole, after the progress line was taken away. May be called by several threads.
void say(const std::string& line);

/// "warning: …" on stderr.
void warn(const std::string& text);

}  // namespace peakproof::bench
