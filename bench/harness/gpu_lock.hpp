// One run at a time on a GPU: an advisory lock by UUID, held by the supervisor, gone with the process.
#pragma once

#include <memory>
#include <string>

namespace peakproof::bench {

class GpuLock {
 public:
  /// Throws NoDevice (exit 3) naming the process that holds it. Where no lock file can be made, warns and goes on. The
  /// file lies in $XDG_RUNTIME_DIR, else $TMPDIR, else /tmp.
  explicit GpuLock(const std::string& uuid);
  GpuLock(const GpuLock&) = delete;
  GpuLock& operator=(const GpuLock&) = delete;
  ~GpuLock();

 private:
  int file_ = -1;
  std::string path_;
};

}  // namespace peakproof::bench
