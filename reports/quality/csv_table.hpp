// A table with a header from CSV text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::reports::quality {

struct CsvRow {
  int line = 0;  ///< where it begins, from 1
  std::vector<std::string> fields;
};
struct CsvTable {
  std::vector<std::string> header;  ///< blanks around the names left out
  std::vector<CsvRow> rows;         ///< each as long as the header

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
};

/// As RFC 4180 says: commas, fields in quotes where they hold commas, line ends or doubled quotes; lines end in CRLF or
/// LF. A byte order mark at the start and empty lines at the end are left out. Throws InputError (input.hpp) with the
/// line: a row that is longer or shorter than the header, quotes out of place, a column named twice or not at all, no
/// rows.
[[nodiscard]] CsvTable read_csv_table(std::string_view text);

}  // namespace peakproof::reports::quality
