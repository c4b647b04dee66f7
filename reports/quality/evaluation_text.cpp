#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "reports/markdown_text.hpp"
#include "reports/quality/evaluation.hpp"
#include "reports/render.hpp"
#include "reports/text_layout.hpp"

namespace peakproof::reports::quality {
namespace {

constexpr std::size_t kMostFigures = 60;  // on a terminal; files hold all

std::string value_text(const Measure& measure) {
  return measure.value ? fmt::format("{:.6g}", *measure.value) : "undefined: " + measure.undefined;
}

std::string about(const Evaluation& evaluation) {
  if (evaluation.task == "detect")
    return fmt::format("{} true boxes and {} detections in {} categories", evaluation.items, evaluation.detections,
                       evaluation.labels.size());
  std::string text = fmt::format("{} items", evaluation.items);
  if (evaluation.task == "classify") text += fmt::format(" in {} classes", evaluation.labels.size());
  if (!evaluation.positive.empty()) text += fmt::format(", positive: {}", evaluation.positive);
  return text;
}

/// The figures without detail, as many as go, and a note on the others.
std::vector<Figure> shown(const Evaluation& evaluation, std::vector<std::string>& notes) {
  std::vector<Figure> figures;
  std::copy_if(evaluation.figures.begin(), evaluation.figures.end(), std::back_inserter(figures),
               [](const Figure& figure) { return !figure.detail; });
  figures.resize(std::min(figures.size(), kMostFigures));
  if (const std::size_t left = evaluation.figures.size() - figures.size(); left > 0)
    notes.push_back(fmt::format("{} more figures are in --json and --csv", left));
  if (!evaluation.roc.empty())
    notes.push_back(fmt::format("the {} points of the ROC curve are in --json", evaluation.roc.size()));
  return figures;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

/// What a figure is called, cut to leave room for its value.
std::string label(const Figure& figure) {
  constexpr std::size_t kLongest = 80;
  const std::string name = one_line(figure.scope.empty() ? figure.name : figure.name + " " + figure.scope);
  return columns(name) <= kLongest ? name : fmt::format("{}…", leading(name, kLongest - 1));
}

}  // namespace

std::string to_text(const Evaluation& evaluation) {
  std::vector<std::string> notes = evaluation.notes;
  std::vector<std::vector<std::string>> rows;
  std::string undefined_lines;
  for (const Figure& figure : shown(evaluation, notes)) {
    if (figure.measure.value)
      rows.push_back({label(figure), value_text(figure.measure)});
    else
      undefined_lines += wrapped(fmt::format("  {}  ", label(figure)), 4, one_line(value_text(figure.measure)));
  }
  std::string out = wrapped("", 0, one_line(fmt::format("{}: {}", evaluation.file, about(evaluation))));
  if (!rows.empty()) out += plain_table(rows);
  out += undefined_lines;
  for (const std::string& note : notes) out += wrapped("note: ", 6, one_line(note));
  return out;
}

std::string to_markdown(const Evaluation& evaluation) {
  std::vector<std::string> notes = evaluation.notes;
  std::string out = fmt::format("{}: {}\n\n| measure | of | value |\n| --- | --- | --- |\n",
                                markdown_escaped(evaluation.file), markdown_escaped(about(evaluation)));
  for (const Figure& figure : shown(evaluation, notes))
    out += fmt::format("| {} | {} | {} |\n", figure.name, markdown_escaped(figure.scope),
                       markdown_escaped(value_text(figure.measure)));
  if (!notes.empty()) out += '\n';
  for (const std::string& note : notes) out += fmt::format("* {}\n", markdown_escaped(note));
  return out;
}

std::string to_csv(const Evaluation& evaluation) {
  std::string out = "name,scope,value,undefined\n";
  for (const Figure& figure : evaluation.figures)
    out += fmt::format("{},{},{},{}\n", figure.name, quoted(figure.scope),
                       figure.measure.value ? fmt::format("{}", *figure.measure.value) : "",
                       quoted(figure.measure.undefined));
  return out;
}

}  // namespace peakproof::reports::quality
