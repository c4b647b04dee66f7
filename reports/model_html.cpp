// A model report as one HTML page: the tables, a bar for each layer, the layers under the roofline, the curve over the
// batch size.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"
#include "reports/model_report.hpp"
#include "reports/model_view.hpp"
#include "theory/roofline.hpp"
#include "theory/units.hpp"

namespace peakproof::reports {
namespace {

using theory::Bound;

constexpr std::size_t kMostBars = 400;  // a page of thousands of bars helps nobody; every layer is in the table

/// The class that colours a bar or a dot; the word stands in the legend and in each bar's title.
std::string_view style(const ModelLayer& layer) {
  if (layer.time == nullptr) return "kept";
  switch (layer.time->bound) {
    case Bound::memory:
      return "clock";
    case Bound::launch:
      return "issue";
    case Bound::compute:
    case Bound::none:
      return "kept";
  }
  return "kept";
}

/// What the colours of these layers mean; empty without times.
std::string legend(const std::vector<const ModelLayer*>& layers) {
  struct Key {
    Bound bound;
    std::string_view look;
    std::string_view words;
  };
  std::string keys;
  for (const Key& key :
       {Key{Bound::compute, "kept", "bound by compute"}, Key{Bound::memory, "clock", "bound by memory"},
        Key{Bound::launch, "issue", "bound by the launch"}}) {
    const bool there = std::any_of(layers.begin(), layers.end(),
                                   [&](const auto* l) { return l->time != nullptr && l->time->bound == key.bound; });
    if (!there) continue;
    keys +=
        fmt::format(R"(<span><svg class="draw layers swatch" viewBox="0 0 16 12" aria-hidden="true">{}</svg>{}</span>)",
                    html::svg_rect(0, 0, 16, 12, key.look), key.words);
  }
  return keys.empty() ? keys : fmt::format("<div class=\"legend\">{}</div>\n", keys);
}

std::string bars(const ModelReport& report) {
  constexpr double kWidth = 900, kLabel = 330, kFigure = 90, kRow = 17;
  constexpr double kTrack = kWidth - kLabel - kFigure;
  const auto layers = model_layers(report);
  const bool timed = std::any_of(layers.begin(), layers.end(), [](const auto& l) { return l.time != nullptr; });
  const auto value = [timed](const ModelLayer& l) { return timed ? (l.time ? l.time->seconds : 0) : l.cost->flops; };
  std::vector<const ModelLayer*> shown;
  double longest = 0;
  for (const auto& layer : layers) {
    if (!(value(layer) > 0) || !std::isfinite(value(layer))) continue;
    longest = std::max(longest, value(layer));
    shown.push_back(&layer);
  }
  if (shown.empty()) return {};
  const std::size_t all = shown.size();
  if (all > kMostBars) {
    auto by_value = shown;
    std::nth_element(by_value.begin(), by_value.begin() + kMostBars, by_value.end(),
                     [&](const auto* a, const auto* b) { return value(*a) > value(*b); });
    const double least = value(*by_value.at(kMostBars));
    std::erase_if(shown, [&](const auto* layer) { return value(*layer) <= least; });
  }
  std::string rows;
  double y = 0;
  for (const auto* layer : shown) {
    const std::string figure = timed ? time_text(value(*layer)) : theory::si(value(*layer), "FLOP", 4);
    rows += html::svg_text(0, y + 12, "start",
                           html::shortened(layer->cost->name + " (" + layer->cost->operation + ")", 46));
    rows += html::svg_rect(kLabel, y + 3, std::max(0.6, kTrack * value(*layer) / longest), kRow - 5, style(*layer),
                           fmt::format("{}: {}{}", layer->cost->name, figure,
                                       timed ? fmt::format(", bound by {}", theory::name(layer->time->bound)) : ""));
    rows += html::svg_text(kWidth, y + 12, "end", figure);
    y += kRow;
  }
  std::string out = fmt::format("<p>{}, in the order of computation{}.</p>\n",
                                timed ? "Least time of each layer" : "FLOPs of each layer",
                                shown.size() < all ? fmt::format("; the {} largest of {}", shown.size(), all) : "");
  return out + legend(shown) +
         fmt::format(
             "<div class=\"scroll\"><svg class=\"draw layers\" viewBox=\"0 0 {} {}\" role=\"img\" "
             "aria-label=\"a bar for each layer\">\n{}</svg></div>\n",
             kWidth, y, rows);
}

/// A logarithmic axis over whole decades.
struct Decades {
  int low = 0, high = 1;
  double begin = 0, end = 1;
  Decades(double least, double most, double from, double to)
      : low(static_cast<int>(std::floor(std::log10(least)))),
        high(std::max(low + 1, static_cast<int>(std::ceil(std::log10(most))))),
        begin(from),
        end(to) {}
  [[nodiscard]] double operator()(double value) const {
    return begin + (end - begin) * (std::log10(value) - low) / (high - low);
  }
};

std::string dot(double x, double y, const ModelLayer& layer, double rate) {
  return fmt::format(
      "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"><title>{}: {}, bound by {}</title></circle>\n",
      style(layer), x, y, html_escaped(layer.cost->name), theory::si(rate, "FLOP/s"), theory::name(layer.time->bound));
}

std::string whole_network(const ModelReport& report) {
  const auto intensity = flop_per_byte(*report.times.front().time);
  return intensity ? fmt::format("; the whole network has {:.1f}", *intensity) : std::string();
}

/// Every layer at its intensity, where its own least time puts it: on the roof, or below it where its operations are
/// not those of the matrix pipe, or a launch takes longest.
std::string roofline(const ModelReport& report) {
  constexpr double kWidth = 900, kHeight = 360, kLeft = 96, kRight = 24, kTop = 14, kBottom = 44;
  if (report.times.empty() || !report.times.front().time || !report.times.front().ceilings) return {};
  const auto& ceilings = *report.times.front().ceilings;
  const auto ridge = theory::ridge_point(ceilings.matrix_per_second, ceilings.bytes_per_second);
  if (!ridge) return {};
  std::vector<ModelLayer> layers = model_layers(report);
  std::erase_if(layers, [](const auto& l) {
    return l.time == nullptr || !(l.time->flops > 0) || !(l.time->bytes > 0) || !(l.time->seconds > 0);
  });
  if (layers.empty()) return {};
  std::vector<const ModelLayer*> dots;
  dots.reserve(layers.size());
  for (const auto& layer : layers) dots.push_back(&layer);
  double least_x = *ridge, most_x = *ridge, least_y = ceilings.matrix_per_second;
  for (const auto& l : layers) {
    least_x = std::min(least_x, l.time->flops / l.time->bytes);
    most_x = std::max(most_x, l.time->flops / l.time->bytes);
    least_y = std::min(least_y, l.time->flops / l.time->seconds);
  }
  const Decades x(least_x / 2, most_x * 2, kLeft, kWidth - kRight);
  const Decades y(least_y / 2, ceilings.matrix_per_second * 2, kHeight - kBottom, kTop);
  std::string rows;
  for (int decade = x.low; decade <= x.high; ++decade) {
    const double at = x(std::pow(10, decade));
    rows += html::svg_line(at, kTop, at, kHeight - kBottom, "grid");
    rows += html::svg_text(at, kHeight - kBottom + 16, "middle", theory::plain(std::pow(10, decade)));
  }
  for (int decade = y.low; decade <= y.high; ++decade) {
    const double at = y(std::pow(10, decade));
    rows += html::svg_line(kLeft, at, kWidth - kRight, at, "grid");
    rows += html::svg_text(kLeft - 6, at + 4, "end", theory::si(std::pow(10, decade), "FLOP/s"));
  }
  rows += html::svg_text((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", "FLOP per byte that is moved", "aside");
  // The slope begins where the plot does, at its left or at its foot.
  const double foot = std::max(std::pow(10, x.low), std::pow(10, y.low) / ceilings.bytes_per_second);
  rows +=
      html::svg_line(x(foot), y(foot * ceilings.bytes_per_second), x(*ridge), y(ceilings.matrix_per_second), "roof");
  rows +=
      html::svg_line(x(*ridge), y(ceilings.matrix_per_second), kWidth - kRight, y(ceilings.matrix_per_second), "roof");
  for (const auto& l : layers)
    rows +=
        dot(x(l.time->flops / l.time->bytes), y(l.time->flops / l.time->seconds), l, l.time->flops / l.time->seconds);
  return fmt::format("<p>From {:.1f} FLOP per byte on, the matrix pipe is the limit{}.</p>\n", *ridge,
                     whole_network(report)) +
         legend(dots) +
         fmt::format(
             "<div class=\"scroll\"><svg class=\"draw layers\" viewBox=\"0 0 {} {}\" role=\"img\" "
             "aria-label=\"the layers under the roofline\">\n{}</svg></div>\n",
             kWidth, kHeight, rows);
}

/// Items a second over the batch size.
std::string batch_curve(const ModelReport& report) {
  constexpr double kWidth = 900, kHeight = 280, kLeft = 96, kRight = 24, kTop = 14, kBottom = 44;
  std::vector<BatchPoint> points = report.batches;
  std::erase_if(points, [](const auto& p) { return !(p.seconds > 0) || p.batch < 1; });
  if (points.size() < 2) return {};
  const auto rate = [](const BatchPoint& p) { return static_cast<double>(p.batch) / p.seconds; };
  const auto fits = [](const BatchPoint& p) { return p.fits != std::optional(false); };
  double most = 0;
  std::int64_t last = 1;
  for (const auto& p : points) {
    most = std::max(most, rate(p));
    last = std::max(last, p.batch);
  }
  const double width = std::max(1.0, std::log2(static_cast<double>(last)));
  const auto x = [&](const BatchPoint& p) {
    return kLeft + (kWidth - kLeft - kRight) * std::log2(static_cast<double>(p.batch)) / width;
  };
  const auto y = [&](double value) { return kTop + (kHeight - kTop - kBottom) * (1 - value / (1.1 * most)); };
  std::string rows;
  for (int quarter = 0; quarter <= 4; ++quarter) {
    const double value = most * quarter / 4;
    rows += html::svg_line(kLeft, y(value), kWidth - kRight, y(value), "grid");
    rows += html::svg_text(kLeft - 6, y(value) + 4, "end", theory::si(value, "/s"));
  }
  std::string path;
  for (const auto& p : points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", x(p), y(rate(p)));
    rows += html::svg_text(x(p), kHeight - kBottom + 16, "middle", fmt::format("{}", p.batch));
    rows +=
        fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"><title>batch {}: {}{}</title></circle>\n",
                    fits(p) ? "kept" : "dot", x(p), y(rate(p)), p.batch, theory::si(rate(p), "/s", 4),
                    fits(p) ? "" : ", does not fit");
  }
  rows += html::svg_text((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", "batch size", "aside");
  return fmt::format(
      "<div class=\"scroll\"><svg class=\"draw layers\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"items a second over the batch size\">\n<path class=\"s0\" d=\"{}\"/>\n{}</svg></div>\n",
      kWidth, kHeight, path, rows);
}

/// Rows of figures that are no wider than they need to be.
std::string figures(const TextTable& rows) {
  if (rows.size() < 2) return {};
  std::string body;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    body += fmt::format("<tr><th scope=\"row\">{}</th>", html_escaped(rows[i].front()));
    for (std::size_t column = 1; column < rows[i].size(); ++column) body += html::cell(rows[i][column]);
    body += "</tr>\n";
  }
  return html::table("matrix", {rows.front().begin(), rows.front().end()}, body);
}

std::string told(const std::vector<Line>& lines) { return lines.empty() ? std::string() : html::definitions(lines); }

}  // namespace

std::string model_html(const ModelReport& report) {
  std::string out = html::page_head(html_escaped(model_headline(report)), false);
  out += fmt::format("<h1>{}</h1>\n", html_escaped(model_headline(report)));
  if (report.stand_in) out += fmt::format("<p class=\"stand-in\">{}</p>\n", html_escaped(kStandInWarning));
  if (const auto unknown = unknown_text(report); !unknown.empty())
    out += fmt::format("<p class=\"stand-in\">Unknown: {}</p>\n", html_escaped(unknown));
  auto lines = model_lines(report);
  for (const auto& note : report.notes) lines.push_back({"note", note});
  out += html::section("What it costs", told(lines) + figures(storage_table(report)));
  if (!report.times.empty())
    out += html::section("Predicted for " + html_escaped(report.machine),
                         figures(times_table(report)) + told(ceiling_lines(report)));
  const std::string at = at_precision(report);
  out += html::section("Over the batch size" + at,
                       batch_curve(report) + figures(batches_table(report)) + told(batch_lines(report)));
  out += html::section("Layers" + (report.times.empty() ? "" : at), bars(report));
  out += html::section("Under the roofline" + at, roofline(report));
  out += html::section("Every layer" + at, html::folded(fmt::format("{} layers", report.cost.layers.size()),
                                                        figures(layers_table(model_layers(report)))));
  out += fmt::format("<p class=\"dim\">{}</p>\n<p class=\"dim\">{}</p>\n", html_escaped(kFlopsLegend),
                     html_escaped(report.tool));
  return out + "</body>\n</html>\n";
}

}  // namespace peakproof::reports
