// The report as GitHub Markdown.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "reports/acceptance_view.hpp"
#include "reports/format.hpp"
#include "reports/ladder.hpp"
#include "reports/markdown_acceptance.hpp"
#include "reports/markdown_text.hpp"
#include "reports/networks_view.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

std::string escaped(std::string_view text) { return markdown_escaped(text); }
std::string bullets(const std::vector<Line>& lines) { return markdown_bullets(lines); }

/// Empty where every result is a point of a sweep, which its map or curve shows.
std::string table(const Report& report) {
  std::string rows;
  for (const Result& result : report.results) {
    if (is_drawn(result.params)) continue;
    for (const std::string& cell : table_row(result)) rows += fmt::format("| {} ", escaped(cell));
    rows += "|\n";
  }
  if (rows.empty() && !report.results.empty()) return {};
  return fmt::format(
      "| benchmark | achieved | of rated (E_spec) % | of measured (E_issue) % | clock MHz | C % | ±CI % | spread % | "
      "verdict |\n"
      "|:--|--:|--:|--:|--:|--:|--:|--:|:--|\n{}\n{}\n",
      rows, escaped(kLegend));
}

std::string plain_table(const std::vector<std::vector<std::string>>& rows) {
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += "|";
    for (const std::string& cell : rows[i]) out += fmt::format(" {} |", escaped(cell));
    out += "\n";
    if (i > 0) continue;
    out += "|:--|";
    for (std::size_t column = 1; column < rows[i].size(); ++column) out += "--:|";
    out += "\n";
  }
  return out;
}

std::string ladder_section(const Report& report) {
  const auto rows = ladder_table(report);
  if (rows.empty()) return {};
  return fmt::format("\n## The ladder to the tensor cores\n\n{}\n{}\n", plain_table(rows), escaped(kLadderLegend));
}

std::string network_table(std::string_view title, const std::vector<std::vector<std::string>>& rows,
                          std::string_view legend) {
  return rows.empty() ? std::string() : fmt::format("\n## {}\n\n{}\n{}\n", title, plain_table(rows), escaped(legend));
}

std::string networks_section(const Report& report) {
  return network_table("Networks", inference_table(report), kInferenceLegend) +
         network_table("What their precision costs", quality_table(report), kQualityLegend) +
         network_table("Training", training_table(report), kTrainingLegend);
}

std::string curve_section(const Report& report, const Curve& curve) {
  std::string out = fmt::format("\n## Curve of {}\n\n{}", escaped(curve_name(curve)), plain_table(curve_table(curve)));
  for (const std::string& sentence : curve_sentences(curve, report.device.spec.sm_count))
    out += fmt::format("\n**{}**\n", escaped(sentence));
  if (const auto doubtful = doubtful_lines(report, curve); !doubtful.empty())
    out += fmt::format("\n{}", bullets(doubtful));
  return out;
}

std::string map_table(const HeatMap& map) {
  std::string head = fmt::format("| {} |", row_label(map.grid));
  std::string rule = "|--:|";
  for (const int value : map.columns) {
    head += fmt::format(" {} {} |", column_label(map.grid), value);
    rule += "--:|";
  }
  std::string out = fmt::format("{}\n{}\n", head, rule);
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    out += fmt::format("| {} |", map.rows[row]);
    for (std::size_t column = 0; column < map.columns.size(); ++column) {
      const HeatCell& cell = map.cell(row, column);
      out += fmt::format(" {} {} |", shade_text(cell), escaped(cell_text(cell)));
    }
    out += "\n";
  }
  return out;
}

std::string map_section(const Report& report, const HeatMap& map) {
  std::string out = fmt::format("\n## Sweep of {}\n\n{}, over {} and {}.\n\n{}\n**{}**\n", escaped(map_name(map)),
                                escaped(basis_text(map)), row_label(map.grid), column_label(map.grid), map_table(map),
                                escaped(saturation_text(map)));
  if (const std::string marks = marks_text(map); !marks.empty()) out += fmt::format("\n{}\n", escaped(marks));
  if (const auto doubtful = doubtful_lines(report, map); !doubtful.empty())
    out += fmt::format("\n{}", bullets(doubtful));
  if (map.best) {
    const Result& best = report.results[map.best->index];
    out += fmt::format("\nWhat stands behind the best point, {}:\n\n{}", escaped(row_name(best)),
                       bullets(result_lines(report, best)));
  }
  return out;
}

/// What stands behind each result, and what was not measured.
std::string details(const Report& report) {
  std::string out;
  for (const Result& result : report.results) {
    if (is_drawn(result.params)) continue;
    out += fmt::format("\n## {}\n\n{}", escaped(row_name(result)), bullets(result_lines(report, result)));
  }
  const auto unmeasured = unmeasured_lines(report);
  if (!unmeasured.empty()) out += fmt::format("\n## Not measured\n\n{}", bullets(unmeasured));
  return out;
}

}  // namespace

std::string to_markdown(const Report& report) {
  const bool by_checks = told_by_checks(report);
  std::string out = fmt::format("# {}\n\n", escaped(headline(report)));
  if (stand_in(report)) out += fmt::format("> **{}**\n\n", escaped(kStandInWarning));
  const std::string results = by_checks ? acceptance_markdown(report) : table(report);
  out += fmt::format("**{}**\n{}{}", escaped(verdict_line(report)), results.empty() ? "" : "\n", results);
  out += ladder_section(report);
  out += networks_section(report);
  for (const Curve& curve : curves(report.results)) out += curve_section(report, curve);
  const auto maps = heat_maps(report.results);
  for (const HeatMap& map : maps) out += map_section(report, map);
  for (const std::string& sentence : best_k_texts(maps)) out += fmt::format("\n**{}**\n", escaped(sentence));
  out += by_checks ? acceptance_details_markdown(report) : details(report);
  return fmt::format("{}\n## Measured on\n\n{}", out, bullets(run_lines(report)));
}

}  // namespace peakproof::reports
