// Text packed small (gzip, by zlib) and as letters (base64, by OpenSSL), so that the data of many devices fits into one
// page. Any gunzip reads it: base64 -d | gunzip.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace peakproof::reports {

/// One gzip member without name and time.
[[nodiscard]] std::string gzip(std::string_view text);
/// What gzip() packed. Throws ReadError (reports/format.hpp) where it is cut off, damaged, of another kind, or longer than
/// `most` bytes.
[[nodiscard]] std::string gunzip(std::string_view packed, std::size_t most = std::size_t{1} << 28);

[[nodiscard]] std::string base64(std::string_view bytes);
/// Throws ReadError on anything that is no base64 with padding.
[[nodiscard]] std::string from_base64(std::string_view text);

}  // namespace peakproof::reports
