#include "bench/harness/gpu_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "bench/harness/errors.hpp"
#include "bench/harness/progress.hpp"

namespace peakproof::bench {
namespace {

std::string folder() {
  for (const char* variable : {"XDG_RUNTIME_DIR", "TMPDIR"})
    if (const char* path = std::getenv(variable); path != nullptr && *path != '\0') return path;
  return "/tmp";
}

/// The file, made where it is not there yet. Another user's cannot be opened for writing and is locked all the same; in
/// /tmp the kernel refuses O_CREAT for such a file (fs.protected_regular).
int open_file(const std::string& path) {
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;  // closed in workers: the lock is the supervisor's alone
  if (const int file = open(path.c_str(), O_RDWR | kFlags); file >= 0) return file;
  if (errno == ENOENT) return open(path.c_str(), O_RDWR | O_CREAT | kFlags, 0644);
  return open(path.c_str(), O_RDONLY | kFlags);
}

/// Who the file says holds it.
std::string holder(int file) {
  std::array<char, 32> text{};
  const ssize_t got = pread(file, text.data(), text.size() - 1, 0);
  const long pid = got > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
  return pid > 0 ? fmt::format("process {}", pid) : "another process";
}

}  // namespace

GpuLock::GpuLock(const std::string& uuid) : path_(fmt::format("{}/peakproof-{}.lock", folder(), uuid)) {
  file_ = open_file(path_);
  if (file_ < 0) {
    warn(fmt::format("{} cannot be opened ({}): nothing keeps a second run off this GPU", path_, std::strerror(errno)));
    return;
  }
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    const std::string who = holder(file_);
    static_cast<void>(close(file_));
    file_ = -1;
    if (why == EWOULDBLOCK)
      throw NoDevice(
          fmt::format("{} is measuring the GPU {} already: wait until it has ended, or name another GPU", who, uuid));
    warn(fmt::format("{} cannot be locked ({}): nothing keeps a second run off this GPU", path_, std::strerror(why)));
    return;
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(file_, 0) == 0) static_cast<void>(!pwrite(file_, pid.data(), pid.size(), 0));
}

// The file stays, empty: taking it away would let two others lock two different ones.
GpuLock::~GpuLock() {
  if (file_ < 0) return;
  static_cast<void>(!ftruncate(file_, 0));
  static_cast<void>(close(file_));
}

}  // namespace peakproof::bench
