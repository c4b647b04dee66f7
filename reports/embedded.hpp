// The report's JSON inside its HTML page, so that the page can be judged again: put there, and read out of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "reports/result.hpp"

namespace peakproof::reports {

/// A block of data in a page; nothing runs it.
struct EmbeddedJson {
  std::string html;       ///< empty: nothing is embedded
  std::string sha256;     ///< of the JSON
  std::size_t bytes = 0;  ///< of the JSON
  bool packed = false;    ///< as gzip in base64
  bool samples_withheld = false;
};
/// The JSON on one line, where that fits into `max_bytes` ("<" in it is written \u003c, so that no text ends the
/// block); else packed. Samples, maps and timelines are withheld as far as they must be. What does not fit even then is
/// not embedded: SHA-256 and size are those of to_json(), which is the JSON file of the same run.
[[nodiscard]] EmbeddedJson embed_json(const Report& report, std::size_t max_bytes);

/// The JSON of a page. Throws ReadError (reports/format.hpp) where the page has none, has more than one, or has another
/// than the one whose SHA-256 stands beside it.
[[nodiscard]] std::string embedded_json(std::string_view html);
/// The text, or where it is an HTML page, the JSON in it.
[[nodiscard]] std::string json_of(std::string text);

}  // namespace peakproof::reports
