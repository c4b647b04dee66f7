// One worker's life as the supervisor sees it: started, listened to, ended where it hangs, and what it left behind.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/joined_report.hpp"
#include "bench/harness/supervisor.hpp"
#include "bench/harness/worker_process.hpp"
#include "bench/harness/worker_talk.hpp"

namespace peakproof::bench {

/// A folder of our own for what workers write; gone with this object.
class PrivateFolder {
 public:
  /// In $TMPDIR, /tmp or /dev/shm, where there is room. Throws MeasurementError where there is none.
  PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Even where its file has been replaced meanwhile: what runs now.
inline constexpr const char* kThisProgram = "/proc/self/exe";
/// This program as a worker for these benchmarks, told how to measure.
[[nodiscard]] std::vector<std::string> worker_command(const Options& options, const std::vector<std::string>& names);

/// Runs a worker that only answers a question; its lines. Throws as find_devices does.
[[nodiscard]] std::vector<Line> ask(const Options& options, std::vector<std::string> argv);

/// Reads what a worker has written; nothing where that is no report.
[[nodiscard]] std::optional<reports::Report> report_left_in(const std::string& file);

/// What a worker left, and what that means for the workers after it.
struct Work {
  Part part;
  bool could_not_open = false;  ///< it found no device, or it was faulty at once or later
  bool abandoned = false;
  int signal = 0;     ///< it was asked to end, by us or by somebody else
  bool said = false;  ///< the worker has told its problem on stderr itself
};

/// The workers of one device, one after the other.
class Course {
 public:
  Course(const Supervision& supervision, const DeviceName& device) : supervision_(supervision), device_(device) {}
  /// Runs a worker for the job, or for `only` these of its cases, until it has ended. Throws MeasurementError where none
  /// can be started.
  [[nodiscard]] Work work(const Job& job, const std::vector<std::string>& only, const Progressed& progressed);

 private:
  struct Heard;
  [[nodiscard]] Ending watch(WorkerProcess& process, Heard& heard, Progressed progressed) const;
  void judge(Work& out, const Ending& ending, const Heard& heard) const;

  const Supervision& supervision_;
  const DeviceName& device_;
  PrivateFolder folder_;
  int count_ = 0;
};

}  // namespace peakproof::bench
