// SHA-256 of a text, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace peakproof::reports {

/// 64 hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view text);

}  // namespace peakproof::reports
