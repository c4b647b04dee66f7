#include "reports/write_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace peakproof::reports {
namespace {

namespace fs = std::filesystem;

std::string_view advice(int error) {
  switch (error) {
    case ENOENT:
      return "create the folder first or choose another path";
    case ENOTDIR:
      return "a part of the path is a file, not a folder; choose another path";
    case EISDIR:
      return "the path is a folder; add a file name";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a path that you may write to";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "free some space or choose another disk";
    case ENAMETOOLONG:
      return "choose a shorter name";
    default:
      return "choose another path, or mend the disk";
  }
}

[[noreturn]] void fail(const fs::path& path, std::string_view step, int error) {
  throw WriteError(fmt::format("cannot write the report '{}': {}: {}; {}", path.string(), step,
                               std::generic_category().message(error), advice(error)));
}

/// An open file, closed on the way out.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&&) = delete;
  File& operator=(File&&) = delete;

  [[nodiscard]] int get() const { return descriptor_; }
  /// Closes now and gives errno, or 0: some file systems tell of a full disk only here.
  [[nodiscard]] int close() {
    const int result = ::close(descriptor_);
    descriptor_ = -1;
    return result == 0 ? 0 : errno;
  }

 private:
  int descriptor_;
};

/// Removes the temporary file unless it has become the report.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  Temporary(Temporary&&) = delete;
  Temporary& operator=(Temporary&&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

/// Writes all of it; errno, or 0.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// fsync; errno, or 0 also where the file system has no such thing.
int synchronize(int descriptor) {
  if (::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
  return errno;
}

void write_directly(const fs::path& path, std::string_view text) {
  File file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "open", errno);
  if (const int error = write_all(file.get(), text)) fail(path, "write", error);
  if (const int error = file.close()) fail(path, "close", error);
}

/// Where the bytes go: the end of a chain of symbolic links, which need not exist yet.
fs::path target_of(fs::path path) {
  constexpr int kLongestChain = 40;
  for (int i = 0; i < kLongestChain; ++i) {
    std::error_code error;
    if (!fs::is_symlink(path, error)) return path;
    const fs::path next = fs::read_symlink(path, error);
    if (error) fail(path, "follow the link", error.value());
    path = path.parent_path() / next;  // an absolute one replaces the folder
  }
  fail(path, "follow the link", ELOOP);
}

/// A new file beside the target, with the rights that any new file gets.
fs::path open_temporary(const fs::path& folder, const fs::path& target, int& descriptor) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // The name is short, so that a long name of the report itself still fits.
    fs::path path = folder / fmt::format(".peakproof-{}-{}.tmp", ::getpid(), attempt);
    descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return path;
    if (errno != EEXIST) fail(target, "create a temporary file beside it", errno);
  }
  fail(target, "create a temporary file beside it", EEXIST);
}

void replace_whole(const fs::path& target, std::string_view text, bool exists, mode_t mode) {
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  int descriptor = -1;
  Temporary temporary(open_temporary(folder, target, descriptor));
  File file(descriptor);
  if (const int error = write_all(file.get(), text)) fail(target, "write", error);
  if (exists && ::fchmod(file.get(), mode & 07777) != 0) fail(target, "keep the file's mode", errno);
  if (const int error = synchronize(file.get())) fail(target, "flush to disk", error);
  if (const int error = file.close()) fail(target, "close", error);
  if (::rename(temporary.path().c_str(), target.c_str()) != 0) fail(target, "rename the temporary file", errno);
  temporary.keep();
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // The report is in place; a folder that may not be read cannot be flushed, and that is no reason to call it lost.
  if (directory.get() < 0) return;
  if (const int error = synchronize(directory.get())) fail(target, "flush its folder to disk", error);
}

}  // namespace

void write_file(const fs::path& path, std::string_view text) {
  if (path.empty()) throw WriteError("cannot write the report: the path is empty; give a file name");
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail(path, "look at it", errno);
  if (!path.has_filename() || (exists && S_ISDIR(status.st_mode))) fail(path, "open", EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    write_directly(path, text);
  } else {
    replace_whole(target_of(path), text, exists, status.st_mode);
  }
}

}  // namespace peakproof::reports
