// The small parts that every section of the HTML page is made of. Text from outside comes escaped out of all of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/render.hpp"
#include "reports/result.hpp"

namespace peakproof::reports::html {

/// The class that colours a verdict: "good", "bad", "unsure" or "plain". The word always stands beside the colour.
[[nodiscard]] std::string_view tone(Verdict verdict);
[[nodiscard]] std::string_view tone(Status status);
[[nodiscard]] std::string_view tone_of_exit_code(int code);
/// A sign that is told from the others without colour: "✓", "✗", "!", "?", "–".
[[nodiscard]] std::string_view sign(Status status);
[[nodiscard]] std::string_view sign_of_exit_code(int code);
/// "accepted" and "rejected" where the report is an acceptance, else its verdict.
[[nodiscard]] std::string verdict_word(const Report& report);

/// A name with its parameters, which may be broken behind each of them.
[[nodiscard]] std::string breakable(std::string_view name);
[[nodiscard]] std::string coloured(std::string_view tone, std::string_view text);
[[nodiscard]] std::string verdict_cell(Verdict verdict);
[[nodiscard]] std::string cell(std::string_view text);
[[nodiscard]] std::string definitions(const std::vector<Line>& lines, std::string_view style = "");
/// Nothing where there is no content.
[[nodiscard]] std::string section(std::string_view title, const std::string& content);
/// Rows of text, the first of them the header; the first cell of each names it.
[[nodiscard]] std::string plain_table(const std::vector<std::vector<std::string>>& rows);
/// Rows that are HTML already, below these headings; `style` is the table's class. A heading that begins with ">"
/// stands at the right, as figures do.
[[nodiscard]] std::string table(std::string_view style, const std::vector<std::string_view>& headings,
                                const std::string& rows);
/// Content that is shut at first.
[[nodiscard]] std::string folded(std::string_view summary, const std::string& content);

/// Inside an SVG.
[[nodiscard]] std::string svg_text(double x, double y, std::string_view anchor, std::string_view text,
                                   std::string_view style = "");
[[nodiscard]] std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style);
[[nodiscard]] std::string svg_rect(double x, double y, double width, double height, std::string_view style,
                                   std::string_view title = "");
/// Text of at most so many characters (code points), "…" at its end where something is missing.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most);

/// A finite number greater than 0.
[[nodiscard]] bool positive(const std::optional<double>& x);
[[nodiscard]] bool finite(const std::optional<double>& x);
/// A number for people: whole ones in full, others to 6 digits; "-" where unknown.
[[nodiscard]] std::string number_text(const std::optional<double>& x);

/// Names without the parameters that are the same in every result of a benchmark: "dram/pattern:read" where all have
/// the same bytes. Different results keep different names.
class ShortNames {
 public:
  explicit ShortNames(const std::vector<const Report*>& devices);
  [[nodiscard]] std::string operator()(const Result& result) const;

 private:
  std::map<std::string, Texts> common_;  ///< of each benchmark
};
/// A cell that heads its row: the short name, and the whole one where somebody points at it.
[[nodiscard]] std::string name_cell(const ShortNames& names, const Result& result);

/// How many checks have each status, members' included.
struct Tally {
  int pass = 0, warn = 0, fail = 0, error = 0, skip = 0;
  int required_open = 0;  ///< errors and skips of checks that are required: what keeps a verdict from being reached
  [[nodiscard]] int all() const { return pass + warn + fail + error + skip; }
};
[[nodiscard]] Tally tally(const Report& report);
/// "57 pass, 1 warn, 2 fail, 0 error, 3 skip".
[[nodiscard]] std::string tally_text(const Tally& tally);

/// Fails first, then errors, warnings, skips and passes; the report's own order within.
[[nodiscard]] std::vector<const Check*> by_gravity(const std::vector<Check>& checks);

}  // namespace peakproof::reports::html
