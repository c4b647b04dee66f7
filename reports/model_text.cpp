// A model report for a terminal, as Markdown, and as CSV.
#include <fmt/format.h>

#include <array>

#include "reports/csv_text.hpp"
#include "reports/markdown_text.hpp"
#include "reports/model_report.hpp"
#include "reports/model_view.hpp"
#include "reports/text_layout.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kNames = 34;  // columns of a terminal that a layer's name and the layer it is part of may take

std::string said(const std::vector<Line>& lines) {
  std::string out;
  for (const Line& line : lines) out += labelled(line);
  return out;
}

/// A long name keeps its end, which is what tells it from its neighbours.
std::string ending(const std::string& text, std::size_t most) {
  const std::size_t length = columns(text);
  if (length <= most) return text;
  return fmt::format("…{}", text.substr(leading(text, length - most + 1).size()));
}

TextTable narrowed(TextTable table) {
  for (auto& row : table) {
    row.front() = ending(row.front(), kNames);
    row.back() = ending(row.back(), kNames / 2);
    row.erase(row.begin() + 6, row.begin() + 8);  // bytes are in the files
  }
  return table;
}

std::string markdown_table(const TextTable& table) {
  std::string out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    out += "|";
    for (const auto& text : table[i]) out += fmt::format(" {} |", markdown_escaped(text));
    out += "\n";
    if (i > 0) continue;
    out += "|";
    for (std::size_t column = 0; column < table[i].size(); ++column) out += column == 0 ? " --- |" : " ---: |";
    out += "\n";
  }
  return out;
}

}  // namespace

std::string model_text(const ModelReport& report, std::size_t most) {
  std::string out = wrapped("", 0, model_headline(report));
  if (report.stand_in) out += wrapped("", 0, kStandInWarning);
  if (const auto unknown = unknown_text(report); !unknown.empty()) out += wrapped("unknown: ", 2, unknown);
  out += fmt::format("\n{}", said(model_lines(report)));
  for (const auto& note : report.notes) out += labelled({"note", note});
  out += fmt::format("\n{}", plain_table(storage_table(report)));
  if (!report.times.empty()) {
    out += fmt::format("\nPredicted for {}\n{}", one_line(report.machine), plain_table(times_table(report)));
    out += said(ceiling_lines(report));
  }
  if (!report.batches.empty())
    out += fmt::format("\nOver the batch size{}\n{}{}", at_precision(report), plain_table(batches_table(report)),
                       said(batch_lines(report)));
  const auto layers = model_layers(report);
  const auto shown = most < layers.size() ? heaviest(layers, most) : layers;
  const std::string at =
      report.times.empty() ? "" : at_precision(report);  // without times nothing of the text is at any
  out += shown.size() < layers.size() ? fmt::format("\nThe {} heaviest of {} layers{} (--layers all for every one)\n",
                                                    shown.size(), layers.size(), at)
                                      : fmt::format("\nLayers{}\n", at);
  out += plain_table(narrowed(layers_table(shown)));
  return fmt::format("{}\n{}", out, wrapped("", 0, kFlopsLegend));
}

std::string model_markdown(const ModelReport& report) {
  std::string out = fmt::format("# {}\n\n", markdown_escaped(model_headline(report)));
  if (report.stand_in) out += fmt::format("> {}\n\n", markdown_escaped(kStandInWarning));
  if (const auto unknown = unknown_text(report); !unknown.empty())
    out += fmt::format("**Unknown:** {}\n\n", markdown_escaped(unknown));
  out += markdown_bullets(model_lines(report));
  for (const auto& note : report.notes) out += fmt::format("- note: {}\n", markdown_escaped(note));
  out += fmt::format("\n## Storage\n\n{}", markdown_table(storage_table(report)));
  if (!report.times.empty()) {
    out += fmt::format("\n## Predicted for {}\n\n{}\n", markdown_escaped(report.machine),
                       markdown_table(times_table(report)));
    out += markdown_bullets(ceiling_lines(report));
  }
  if (!report.batches.empty())
    out += fmt::format("\n## Over the batch size{}\n\n{}\n{}", at_precision(report),
                       markdown_table(batches_table(report)), markdown_bullets(batch_lines(report)));
  out += fmt::format("\n## Layers{}\n\n{}", at_precision(report), markdown_table(layers_table(model_layers(report))));
  return fmt::format("{}\n{}\n", out, markdown_escaped(kFlopsLegend));
}

std::string model_csv(const ModelReport& report) {
  std::string out =
      "layer,operator,kind,output,parameters,macs,flops,weight_bytes,activation_bytes,moved_bytes,flop_per_byte,"
      "compute_s,memory_s,"
      "least_s,bound,part_of\n";
  for (const ModelLayer& layer : model_layers(report)) {
    const auto& cost = *layer.cost;
    const bool known = cost.kind != theory::LayerKind::unknown;
    const auto* time = layer.time;
    out += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv::quoted(one_line(cost.name)),
        csv::quoted(one_line(cost.operation)), theory::name(cost.kind), dimensions_text(cost.output_shape),
        cost.parameters, known ? csv::number(cost.macs) : "", known ? csv::number(cost.flops) : "",
        csv::number(layer.weight_bytes), csv::number(layer.activation_bytes), time ? csv::number(time->bytes) : "",
        time ? csv::number(flop_per_byte(*time)) : "", time ? csv::number(time->compute_s) : "",
        time ? csv::number(time->memory_s) : "", time ? csv::number(time->seconds) : "",
        time ? theory::name(time->bound) : "", layer.part_of ? csv::quoted(one_line(layer.part_of->name)) : "");
  }
  return out;
}

std::span<const ModelFormat> model_formats() {
  static constexpr std::array kFormats = {
      ModelFormat{"json", "everything, for machines", model_json},
      ModelFormat{"md", "GitHub Markdown, every layer", model_markdown},
      ModelFormat{"csv", "one row for each layer, for a spreadsheet", model_csv},
      ModelFormat{"html", "a page that needs nothing but itself, with a bar for each layer", model_html},
  };
  return kFormats;
}

}  // namespace peakproof::reports
