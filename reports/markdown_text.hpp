// Text from outside in GitHub Markdown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/render.hpp"

namespace peakproof::reports {

/// The text as it is, on one line: nothing in it is read as Markdown, as HTML or as the end of a table cell.
[[nodiscard]] std::string markdown_escaped(std::string_view raw);
[[nodiscard]] std::string markdown_bullets(const std::vector<Line>& lines);

}  // namespace peakproof::reports
