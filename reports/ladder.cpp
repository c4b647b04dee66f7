#include "reports/ladder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/heat_map.hpp"
#include "theory/peak.hpp"

namespace peakproof::reports {
namespace {

std::string text_of(const Texts& params, const std::string& key) {
  const auto found = params.find(key);
  return found == params.end() ? std::string() : found->second;
}

bool is_rung(const Result& result) {
  const bool believed =
      result.verdict == Verdict::pass || result.verdict == Verdict::below || result.verdict == Verdict::no_theory;
  const bool ordinary =
      result.params.count("mode") == 0 && result.params.count("sweep") == 0 && !sweep_point(result.params);
  return believed && ordinary && std::isfinite(result.achieved_per_s) && !text_of(result.params, "type").empty();
}

/// The type as all ways call it, and the tensor pipe that it runs on where that can be told: the pipe of any result, but for
/// that of mma.sync's ceiling the one whose ceiling it is.
std::string type_of(const Result& result) {
  std::string type = text_of(result.params, "type");
  if (type == "b1_and") type = "b1";
  const std::string sparsity = text_of(result.params, "sparsity");
  return sparsity.empty() || sparsity == "dense" ? type : type + " " + sparsity;
}

std::optional<theory::Pipe> tensor_pipe(const Result& result) {
  if (!result.pipe) return std::nullopt;
  const std::string_view name = theory::name(*result.pipe);
  constexpr std::string_view kCeiling = "mma_";
  if (!name.starts_with(kCeiling)) return name.starts_with("tensor_") ? result.pipe : std::nullopt;
  return theory::pipe_from_name(fmt::format("tensor_{}", name.substr(kCeiling.size())));
}

std::optional<double> fraction_of_peak(const Report& report, const Result& result, const LadderRow& row) {
  if (!row.peak) return std::nullopt;
  const double clock = result.summary.median_sm_clock_hz.value_or(row.peak->clock_hz);
  const auto peak = theory::peak(report.device.spec, row.peak->pipe, clock);
  if (!peak || !(peak->per_second > 0)) return std::nullopt;
  return result.achieved_per_s / peak->per_second;
}

std::string cell_text(const Report& report, const std::optional<Rung>& rung) {
  if (!rung) return "-";
  const double tera = report.results[rung->result].achieved_per_s * 1e-12;
  const std::string rate = fmt::format("{:.{}f}", tera, tera >= 1000 ? 0 : tera >= 10 ? 1 : 2);
  return rung->fraction ? fmt::format("{} {:.1f}%", rate, 100 * *rung->fraction) : rate;
}

}  // namespace

std::vector<LadderRow> ladder(const Report& report) {
  std::vector<LadderRow> rows;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const Result& result = report.results[i];
    const auto* way = std::find(kWays.begin(), kWays.end(), result.name);
    if (way == kWays.end() || !is_rung(result)) continue;
    const std::string type = type_of(result);
    auto row = std::find_if(rows.begin(), rows.end(), [&](const LadderRow& r) { return r.type == type; });
    if (row == rows.end()) row = rows.insert(rows.end(), LadderRow{.type = type, .unit = result.unit});
    if (const auto pipe = tensor_pipe(result); pipe && !row->peak)
      row->peak = theory::rated_peak(report.device.spec, *pipe);
    auto& rung = row->rungs.at(static_cast<std::size_t>(way - kWays.begin()));
    if (!rung || result.achieved_per_s > report.results[rung->result].achieved_per_s) rung = Rung{.result = i};
  }
  std::erase_if(rows, [](const LadderRow& row) {
    return std::count_if(row.rungs.begin(), row.rungs.end(), [](const auto& rung) { return rung.has_value(); }) < 2;
  });
  for (auto& row : rows)
    for (auto& rung : row.rungs)
      if (rung) rung->fraction = fraction_of_peak(report, report.results[rung->result], row);
  return rows;
}

std::vector<std::vector<std::string>> ladder_table(const Report& report) {
  const auto rows = ladder(report);
  if (rows.empty()) return {};
  std::array<bool, kWays.size()> used{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < kWays.size(); ++i) used.at(i) = used.at(i) || row.rungs.at(i).has_value();

  std::vector<std::vector<std::string>> table = {{"type", "rated peak"}};
  for (std::size_t i = 0; i < kWays.size(); ++i)
    if (used.at(i)) table.front().emplace_back(kWays.at(i));
  for (const auto& row : rows) {
    std::vector<std::string> cells = {row.type, row.peak ? fmt::format("{:.1f}", row.peak->per_second * 1e-12) : "-"};
    for (std::size_t i = 0; i < kWays.size(); ++i)
      if (used.at(i)) cells.push_back(cell_text(report, row.rungs.at(i)));
    table.push_back(std::move(cells));
  }
  return table;
}

}  // namespace peakproof::reports
