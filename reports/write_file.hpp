// Writing a report: whole or not at all.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace peakproof::reports {

/// The file was not written; what() says which one, why, and what to do. An older file of that name is as it was.
struct WriteError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes `text` to `path` so that a reader sees the old file or the whole new one, never a part: a temporary file in
/// the same folder, fsync, rename, fsync of the folder. The temporary file is gone afterwards, whatever happens; a
/// symbolic link is followed; the mode of an existing file is kept. What is no regular file (/dev/stdout, a pipe) is
/// written to directly. Throws WriteError.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace peakproof::reports
