#include "bench/commands/read_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/harness/errors.hpp"

namespace peakproof::bench {

std::string read_file(const std::string& path) {
  constexpr std::uintmax_t kLargest = 256U << 20U;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw UsageError(fmt::format("{} is a folder: name a file", path));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  if (const auto size = std::filesystem::file_size(path, error); !error && size > kLargest)
    throw UsageError(fmt::format("{} is larger than any report or device description: name another file", path));
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) throw UsageError(fmt::format("{} cannot be read to its end: {}", path, std::strerror(errno)));
  return text.str();
}

}  // namespace peakproof::bench
