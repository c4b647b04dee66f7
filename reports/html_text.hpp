// Text from outside in an HTML page.
#pragma once

#include <string>
#include <string_view>

#include "reports/render.hpp"

namespace peakproof::reports {

/// The text on one line, and nothing in it is read as HTML, in an attribute neither.
[[nodiscard]] inline std::string html_escaped(std::string_view raw) {
  std::string out;
  for (const char c : one_line(raw)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace peakproof::reports
