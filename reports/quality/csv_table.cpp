#include "reports/quality/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/quality/input.hpp"

namespace peakproof::reports::quality {
namespace {

/// Reads one row after another and knows its line.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.find_first_not_of("\r\n", place_) == std::string_view::npos; }

  CsvRow next() {
    CsvRow row{.line = line_, .fields = {}};
    while (true) {
      row.fields.push_back(at('"') ? quoted() : plain());
      if (!at(',')) break;
      ++place_;
    }
    end_of_line();
    return row;
  }

 private:
  [[nodiscard]] bool at(char c) const { return place_ < text_.size() && text_[place_] == c; }

  void end_of_line() {
    if (at('\r')) ++place_;
    if (at('\n')) {
      ++place_;
      ++line_;
    } else if (place_ < text_.size()) {
      fail("text after a field in quotes: put the whole field in quotes, and double those inside");
    }
  }

  std::string plain() {
    std::size_t end = std::min(text_.find_first_of(",\n\"", place_), text_.size());
    if (end < text_.size() && text_[end] == '"') fail("a quote inside a field: put the field in quotes and double it");
    std::string_view field = text_.substr(place_, end - place_);
    if (!field.empty() && field.back() == '\r' && !(end < text_.size() && text_[end] == ',')) {
      field.remove_suffix(1);
      --end;
    }
    if (field.find('\r') != std::string_view::npos) fail("a carriage return inside a line: end lines in LF or CRLF");
    place_ = end;
    return std::string(field);
  }

  std::string quoted() {
    const int first_line = line_;
    std::string field;
    for (++place_; place_ < text_.size(); ++place_) {
      const char c = text_[place_];
      if (c == '"') {
        ++place_;
        if (!at('"')) return field;
      }
      line_ += c == '\n' ? 1 : 0;
      field += c;
    }
    line_ = first_line;
    fail("a quote that is never closed");
  }

  [[noreturn]] void fail(const char* what) const { throw InputError(fmt::format("line {}: {}", line_, what)); }

  std::string_view text_;
  std::size_t place_ = 0;
  int line_ = 1;
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - header.begin()));
}

CsvTable read_csv_table(std::string_view text) {
  if (constexpr std::string_view kMark = "\xEF\xBB\xBF"; text.substr(0, kMark.size()) == kMark)
    text.remove_prefix(kMark.size());
  Reader reader(text);
  if (reader.at_end()) throw InputError("it is empty: the first line must name the columns");
  CsvTable table;
  for (const std::string& name : reader.next().fields) {
    table.header.push_back(trimmed(name));
    if (table.header.back().empty())
      throw InputError(fmt::format("line 1: column {} has no name", table.header.size()));
    if (table.column(table.header.back()) != table.header.size() - 1)
      throw InputError(fmt::format("line 1: two columns are named {}", table.header.back()));
  }
  while (!reader.at_end()) {
    CsvRow row = reader.next();
    if (row.fields.size() != table.header.size())
      throw InputError(fmt::format("line {}: {} fields, but the header names {} columns", row.line, row.fields.size(),
                                   table.header.size()));
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) throw InputError("it has a header, but no rows");
  return table;
}

}  // namespace peakproof::reports::quality
