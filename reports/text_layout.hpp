// What the reports for a terminal share: texts broken and padded to columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/render.hpp"

namespace peakproof::reports {

inline constexpr std::size_t kWidth = 120;

/// Columns that a UTF-8 text takes: its code points.
[[nodiscard]] std::size_t columns(std::string_view text);
/// The first `count` code points.
[[nodiscard]] std::string_view leading(std::string_view text, std::size_t count);
[[nodiscard]] std::string padded(std::string_view text, std::size_t width, bool right);
/// `first` and then the text, broken at spaces (or anywhere in a word that is too long) and indented.
[[nodiscard]] std::string wrapped(std::string_view first, std::size_t indent, std::string_view text);
[[nodiscard]] std::string labelled(const Line& line);
/// Rows of text in columns as wide as they need, the first to the left.
[[nodiscard]] std::string plain_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace peakproof::reports
