// The report for a terminal: at most 120 columns, no colour; of our own nothing beyond ASCII but ±, …, ° and
// shades.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "reports/acceptance_view.hpp"
#include "reports/format.hpp"
#include "reports/ladder.hpp"
#include "reports/networks_view.hpp"
#include "reports/render.hpp"
#include "reports/text_acceptance.hpp"
#include "reports/text_layout.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kLongestName = 30;

const Cells kHeader = {"benchmark", "achieved", "E_spec %", "E_issue %", "clock MHz",
                       "C %",       "+-CI %",   "spread %", "verdict"};
constexpr std::array<std::size_t, kColumns> kWidths = {0, 14, 8, 9, 9, 6, 7, 8, 12};  // the name's is computed

/// A latency takes the room of the rate and of the efficiencies, which it has none of; what it leaves is the name's. A
/// name that is too long for that stands on a line above, as in `table_line`.
std::string latency_line(const Cells& cells, std::size_t name_width) {
  constexpr std::size_t kFigures = kWidths[1] + kWidths[2] + kWidths[3] + 4;
  const std::string_view figure = leading(cells[1], kFigures);
  const std::size_t room = name_width + kFigures - columns(figure);
  const bool fits = columns(cells[0]) <= room;
  std::string line = fits ? std::string() : wrapped("", 2, cells[0]);
  line += fmt::format("{}  {}", padded(fits ? cells[0] : std::string(), room, false), figure);
  for (std::size_t i = 4; i + 1 < kColumns; ++i)
    line += fmt::format("  {}", padded(leading(cells[i], kWidths[i]), kWidths[i], true));
  return fmt::format("{}  {}\n", line, cells[kColumns - 1]);
}

/// A name that is too long stands on a line above its figures: what tells it from others may be at its end.
std::string table_line(const Cells& cells, std::size_t name_width) {
  const bool fits = columns(cells[0]) <= kLongestName;
  std::string line = fits ? std::string() : wrapped("", 2, cells[0]);
  line += padded(fits ? cells[0] : std::string(), name_width, false);
  for (std::size_t i = 1; i + 1 < kColumns; ++i)
    line += fmt::format("  {}", padded(leading(cells[i], kWidths[i]), kWidths[i], true));
  return fmt::format("{}  {}\n", line, cells[kColumns - 1]);
}

/// Empty where every result is a point of a sweep, which its map or curve shows.
std::string table(const Report& report) {
  struct Row {
    Cells cells;
    bool latency = false;
  };
  std::vector<Row> rows = {{kHeader}};
  for (const Result& result : report.results)
    if (!is_drawn(result.params)) rows.push_back({table_row(result), result.latency.has_value()});
  if (rows.size() == 1 && !report.results.empty()) return {};
  std::size_t name_width = 0;
  for (const auto& [cells, latency] : rows)
    name_width = std::max(name_width, std::min(columns(cells[0]), kLongestName));
  std::string out = "\n";
  for (const auto& [cells, latency] : rows)
    out += latency ? latency_line(cells, name_width) : table_line(cells, name_width);
  return fmt::format("{}\n{}", out, wrapped("", 0, kLegend));
}

std::string ladder_section(const Report& report) {
  const auto rows = ladder_table(report);
  if (rows.empty()) return {};
  return "\nthe ladder to the tensor cores\n" + plain_table(rows) + wrapped("", 0, kLadderLegend);
}

/// Names from outside are cut, so that the figures stand in their columns.
std::string network_table(std::string_view title, std::vector<std::vector<std::string>> rows, std::string_view legend) {
  constexpr std::size_t kLongestNetwork = 11;  // "transformer"
  constexpr std::size_t kLongestType = 6;      // of a batch size in training
  if (rows.empty()) return {};
  for (auto& row : rows) {
    row[0] = leading(row[0], kLongestNetwork);
    row[1] = leading(row[1], kLongestType);
  }
  return fmt::format("\n{}\n{}{}", title, plain_table(rows), wrapped("", 0, legend));
}

std::string networks_section(const Report& report) {
  return network_table("networks", inference_table(report), kInferenceLegend) +
         network_table("what their precision costs", quality_table(report), kQualityLegend) +
         network_table("training", training_table(report), kTrainingLegend);
}

/// As many lines of a curve at once as the width holds.
std::string curve_section(const Report& report, const Curve& curve) {
  std::string out = fmt::format("\n{}", wrapped("", 2, "curve of " + one_line(curve_name(curve))));
  const auto rows = curve_table(curve);
  std::size_t first = 1;
  while (first < rows.front().size()) {
    std::vector<std::vector<std::string>> part;
    std::size_t end = first;
    const auto width_of = [&](std::size_t column) {
      std::size_t width = 0;
      for (const auto& row : rows) width = std::max(width, columns(row[column]));
      return width + 2;
    };
    std::size_t width = width_of(0);
    do width += width_of(end++);
    while (end < rows.front().size() && width + width_of(end) <= kWidth);
    for (const auto& row : rows) {
      part.push_back({row.front()});
      part.back().insert(part.back().end(), row.begin() + static_cast<std::ptrdiff_t>(first),
                         row.begin() + static_cast<std::ptrdiff_t>(end));
    }
    out += plain_table(part);
    first = end;
  }
  for (const std::string& sentence : curve_sentences(curve, report.device.spec.sm_count))
    out += wrapped("  ", 2, one_line(sentence));
  for (const Line& line : doubtful_lines(report, curve)) out += labelled(line);
  return out;
}

/// The grid, in blocks of as many columns as the width holds.
std::string map_table(const HeatMap& map) {
  constexpr std::size_t kRowLabel = 14;
  constexpr std::size_t kCell = 10;
  constexpr std::size_t kAtOnce = (kWidth - kRowLabel) / kCell;
  std::string out;
  for (std::size_t first = 0; first < map.columns.size(); first += kAtOnce) {
    const std::size_t end = std::min(first + kAtOnce, map.columns.size());
    out += padded(row_label(map.grid), kRowLabel, true);
    for (std::size_t i = first; i < end; ++i)
      out += padded(fmt::format("{} {}", column_label(map.grid), map.columns[i]), kCell, true);
    out += "\n";
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
      out += padded(fmt::format("{}", map.rows[row]), kRowLabel, true);
      for (std::size_t i = first; i < end; ++i) {
        const HeatCell& cell = map.cell(row, i);
        out += fmt::format("  {} {}", shade_text(cell), padded(cell_text(cell), kCell - 5, true));
      }
      out += "\n";
    }
  }
  return out;
}

std::string map_section(const Report& report, const HeatMap& map) {
  std::string out = fmt::format("\n{}{}\n{}", wrapped("", 2, "sweep of " + map_name(map)),
                                wrapped("  ", 2, basis_text(map)), map_table(map));
  out += wrapped("  ", 2, saturation_text(map));
  if (const std::string marks = marks_text(map); !marks.empty()) out += wrapped("  ", 2, marks);
  for (const Line& line : doubtful_lines(report, map)) out += labelled(line);
  if (!map.best) return out;
  const Result& best = report.results[map.best->index];
  out += wrapped("  ", 2, fmt::format("behind the best point, {}:", one_line(row_name(best))));
  for (const Line& line : result_lines(report, best)) out += labelled(line);
  return out;
}

/// What stands behind each result, and what was not measured.
std::string details(const Report& report) {
  std::string out;
  for (const Result& result : report.results) {
    if (is_drawn(result.params)) continue;
    out += fmt::format("\n{}", wrapped("", 2, one_line(row_name(result))));
    for (const Line& line : result_lines(report, result)) out += labelled(line);
  }
  const auto unmeasured = unmeasured_lines(report);
  if (!unmeasured.empty()) out += "\nnot measured\n";
  for (const Line& line : unmeasured) out += labelled(line);
  return out;
}

}  // namespace

std::string to_text(const Report& report) {
  const bool by_checks = told_by_checks(report);
  std::string out = wrapped("", 0, headline(report));
  if (stand_in(report)) {
    const std::string frame(kWidth, '*');
    out += fmt::format("{0}\n{1}{0}\n", frame, wrapped("*** ", 4, kStandInWarning));
  }
  out += by_checks ? acceptance_text(report) : table(report);
  out += ladder_section(report);
  out += networks_section(report);
  for (const Curve& curve : curves(report.results)) out += curve_section(report, curve);
  const auto maps = heat_maps(report.results);
  for (const HeatMap& map : maps) out += map_section(report, map);
  for (const std::string& sentence : best_k_texts(maps)) out += fmt::format("\n{}", wrapped("", 2, one_line(sentence)));
  out += by_checks ? acceptance_details_text(report) : details(report);
  out += "\nmeasured on\n";
  for (const Line& line : run_lines(report)) out += labelled(line);
  return fmt::format("{}\n{}\n", out, verdict_line(report));
}

}  // namespace peakproof::reports
