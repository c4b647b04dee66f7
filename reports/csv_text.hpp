// Fields of CSV.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

namespace peakproof::reports::csv {

/// As RFC 4180 says: in quotes where it holds a comma, a quote or a line break.
[[nodiscard]] inline std::string quoted(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

/// With as many digits as it takes to read the same number back; empty where it is none.
[[nodiscard]] inline std::string number(std::optional<double> value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : std::string();
}

}  // namespace peakproof::reports::csv
