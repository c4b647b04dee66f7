// Reads a file that the user named.
#pragma once

#include <string>

namespace peakproof::bench {

/// The whole text. Throws UsageError that says why it cannot be read; files above 256 MiB are not ours.
[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace peakproof::bench
