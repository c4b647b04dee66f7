// The table of report formats. A format is a pure function from a Report to text.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "reports/result.hpp"

namespace peakproof::reports {

struct Format {
  std::string_view name;       ///< the option without dashes: "json"
  std::string_view extension;  ///< ".json"
  std::string_view help;
  std::string (*render)(const Report&);
};
/// All formats, in the order of --help.
[[nodiscard]] std::span<const Format> formats();

[[nodiscard]] std::string to_json(const Report& report);
[[nodiscard]] std::string to_text(const Report& report);
[[nodiscard]] std::string to_markdown(const Report& report);
[[nodiscard]] std::string to_csv(const Report& report);

/// The saved file cannot be read: says what is wrong and where.
struct ReadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The Report of a JSON text that to_json wrote. Throws ReadError on anything else, an unknown major schema version
/// included.
[[nodiscard]] Report from_json(std::string_view text);

/// The report without host name, user, paths, serials and UUIDs.
[[nodiscard]] Report anonymous(Report report);

}  // namespace peakproof::reports
