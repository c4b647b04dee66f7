// The roofline: memories as slopes, pipes as ceilings, and every result on its own.
//
// What keeps its operands on the SM has no arithmetic intensity: it stands at the right edge, beside its ceiling. What
// only moves bytes does no arithmetic: a bandwidth is a whole slope, and its mark stands on that slope, wherever there
// is room. A matrix product has at most the intensity of reading both operands once: 2mnk / (bytes of A and B).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "reports/heat_map.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"
#include "theory/peak.hpp"
#include "theory/roofline.hpp"
#include "theory/units.hpp"

namespace peakproof::reports::html {
namespace {

constexpr double kWidth = 960, kHeight = 420, kLeft = 90, kTop = 14, kBottom = 42;
constexpr double kEdge = 650;   ///< where the intensities end and the band of the results without one begins
constexpr double kNames = 752;  ///< where the names of the ceilings begin

enum class Kind { memory, pipe, product };

struct Mark {
  const Result* result = nullptr;
  Kind kind = Kind::pipe;
  double intensity = 0;  ///< operations per byte, of a product
  double x = 0, y = 0;
};

/// Operands of a tensor pipe in bytes; nothing where they are not known.
std::optional<double> operand_bytes(theory::Pipe pipe) {
  using theory::Pipe;
  switch (pipe) {
    case Pipe::tensor_fp16:
    case Pipe::tensor_fp16_acc16:
    case Pipe::tensor_bf16:
    case Pipe::mma_fp16:
    case Pipe::mma_bf16:
      return 2;
    case Pipe::tensor_tf32:
    case Pipe::mma_tf32:
      return 4;
    case Pipe::tensor_fp64:
      return 8;
    case Pipe::tensor_int8:
    case Pipe::tensor_fp8:
    case Pipe::tensor_fp8_acc16:
    case Pipe::mma_int8:
    case Pipe::mma_fp8:
      return 1;
    default:
      return std::nullopt;
  }
}

std::optional<double> number(const Texts& params, const std::string& key) {
  const auto found = params.find(key);
  if (found == params.end() || found->second.empty() || found->second.size() > 9 ||
      !std::all_of(found->second.begin(), found->second.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return std::stod(found->second);
}

/// 2mnk operations over the bytes of A (m x k) and B (k x n); nothing of what is no product.
std::optional<double> product_intensity(const Result& result) {
  const auto m = number(result.params, "m");
  const auto n = number(result.params, "n");
  const auto k = number(result.params, "k");
  const auto bytes = operand_bytes(*result.pipe);
  if (result.name.find("gemm") == std::string::npos || !positive(m) || !positive(n) || !positive(k) || !bytes)
    return std::nullopt;
  return 2 * *m * *n * *k / (*bytes * (*m * *k + *k * *n));
}

/// Settled results that can be believed and whose pipe has a rated peak; no burst, no point of a sweep, no latency, no
/// network, whose layers have no intensity in common.
std::vector<Mark> marks_of(const Report& report) {
  constexpr double kLeast = 1e3, kMost = 1e21;  // per second; beyond them nothing real is
  const auto drawable = [](double rate) { return rate >= kLeast && rate <= kMost; };
  std::vector<Mark> marks;
  for (const Result& result : report.results) {
    if (!result.pipe || !result.peak || !drawable(result.peak->per_second) || !drawable(result.achieved_per_s) ||
        !showable(result.verdict) || is_drawn(result.params) || result.params.count("mode") > 0 || result.latency ||
        result.inference || result.training)
      continue;
    if (theory::unit(*result.pipe) != result.unit) continue;
    Mark mark{.result = &result};
    if (result.unit == "B/s") {
      mark.kind = Kind::memory;
    } else if (const auto intensity = product_intensity(result)) {
      mark.kind = Kind::product;
      mark.intensity = *intensity;
    }
    marks.push_back(mark);
  }
  return marks;
}

/// Both axes are logarithmic.
struct Plane {
  double x_low = 0.0625, x_high = 16384;
  double y_low = 1e9, y_high = 1e15;
  [[nodiscard]] double x(double intensity) const {
    return kLeft + (kEdge - kLeft) * std::log(intensity / x_low) / std::log(x_high / x_low);
  }
  [[nodiscard]] double y(double per_second) const {
    return kTop + (kHeight - kTop - kBottom) * (1 - std::log(per_second / y_low) / std::log(y_high / y_low));
  }
};

Plane plane_of(const std::vector<Mark>& marks) {
  Plane plane;
  double top = 0;
  double slope = std::numeric_limits<double>::infinity();
  double most = plane.x_high / 2;
  for (const Mark& mark : marks) {
    const double reach = std::max(mark.result->peak->per_second, mark.result->achieved_per_s);
    if (mark.kind == Kind::memory)
      slope = std::min({slope, mark.result->peak->per_second, mark.result->achieved_per_s});
    else
      top = std::max(top, reach);
    most = std::max(most, mark.intensity);
  }
  plane.x_high = std::exp2(std::ceil(std::log2(most)) + 1);
  plane.y_high = std::pow(10, std::ceil(std::log10(top * 1.2)));
  constexpr double kDecades = 1e3;  // of slope below the ceilings at least, so that its marks have room
  plane.y_low = std::min(std::pow(10, std::floor(std::log10(slope))),  // the lowest memory at 1 operation per byte
                         plane.y_high / kDecades);
  for (const Mark& mark : marks)
    if (mark.kind != Kind::memory)
      plane.y_low = std::min(plane.y_low, std::pow(10, std::floor(std::log10(mark.result->achieved_per_s))));
  return plane;
}

std::string grid(const Plane& plane) {
  std::string out;
  for (double value = plane.y_low; value <= plane.y_high * 1.001; value *= 10) {
    out += svg_line(kLeft, plane.y(value), kNames - 8, plane.y(value), "grid");
    out += svg_text(kLeft - 6, plane.y(value) + 4, "end", theory::si(value, "OP/s"), "aside");
  }
  const double bottom = kHeight - kBottom;
  for (double value = plane.x_low; value < plane.x_high; value *= 4) {
    out += svg_line(plane.x(value), kTop, plane.x(value), bottom, "grid");
    out += svg_text(plane.x(value), bottom + 15, "middle",
                    value < 1 ? fmt::format("1/{:g}", 1 / value) : fmt::format("{:g}", value), "aside");
  }
  out += svg_text((kLeft + kEdge) / 2, kHeight - 8, "middle", "arithmetic intensity: operations per byte", "aside");
  return out + svg_text((kEdge + kNames) / 2, bottom + 15, "middle", "operands on the SM", "aside");
}

/// The peak of each pipe that a result is held against, the highest first.
std::vector<theory::Peak> roofs(const std::vector<Mark>& marks, bool memories) {
  std::map<theory::Pipe, theory::Peak> by_pipe;
  for (const Mark& mark : marks)
    if ((mark.kind == Kind::memory) == memories) by_pipe.emplace(mark.result->peak->pipe, *mark.result->peak);
  std::vector<theory::Peak> out;
  out.reserve(by_pipe.size());
  for (const auto& [pipe, peak] : by_pipe) out.push_back(peak);
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.per_second > b.per_second; });
  return out;
}

/// Peaks that lie within half a percent of each other are one line.
struct Roof {
  double per_second = 0;
  std::string names;
};
std::vector<Roof> grouped(const std::vector<theory::Peak>& peaks) {
  constexpr double kSame = 1.005;
  std::vector<Roof> out;
  for (const theory::Peak& peak : peaks) {
    if (out.empty() || out.back().per_second > kSame * peak.per_second)
      out.push_back({peak.per_second, std::string(theory::name(peak.pipe))});
    else
      out.back().names += fmt::format(", {}", theory::name(peak.pipe));
  }
  return out;
}

/// Ceilings from where the fastest memory meets them, and beside them their names.
std::string ceilings(const Plane& plane, const std::vector<Mark>& marks, double fastest) {
  std::string out;
  double last = -std::numeric_limits<double>::infinity();
  for (const Roof& roof : grouped(roofs(marks, false))) {
    const double from = std::clamp(roof.per_second / fastest, plane.x_low, plane.x_high);
    const double y = plane.y(roof.per_second);
    out += svg_line(plane.x(from), y, kNames - 8, y, "roof");
    last = std::max(y + 4, last + 12);
    const std::string text = fmt::format("{} {}", theory::si(roof.per_second, "OP/s"), roof.names);
    out += svg_text(kNames, last, "start", shortened(text, 38), "number");
  }
  return out;
}

/// Memories and links up to the highest ceiling, their names along them; those of one peak share a line.
std::string slopes(const Plane& plane, const std::vector<Mark>& marks, double ceiling) {
  std::string out;
  for (const Roof& roof : grouped(roofs(marks, true))) {
    const double from = std::max(plane.x_low, plane.y_low / roof.per_second);
    const double to = std::min(ceiling / roof.per_second, plane.x_high);
    if (!(to > from)) continue;
    const double x1 = plane.x(from), y1 = plane.y(from * roof.per_second);
    const double x2 = plane.x(to), y2 = plane.y(to * roof.per_second);
    out += svg_line(x1, y1, x2, y2, "memory");
    constexpr double kDegrees = 57.29577951308232;  // 180 / pi
    const double x = x1 + 0.72 * (x2 - x1), y = y1 + 0.72 * (y2 - y1) - 5;
    out += fmt::format("<g transform=\"rotate({:.1f} {:.1f} {:.1f})\">{}</g>\n",
                       kDegrees * std::atan2(y2 - y1, x2 - x1), x, y,
                       svg_text(x, y, "middle", fmt::format("{} {}", roof.names, rate_text(roof.per_second, "B/s"))));
  }
  return out;
}

/// Gives every mark its place: memories along their slopes, pipes at the right edge, products at their intensity. Those
/// that would hide another stand beside it.
void settle(const Plane& plane, std::vector<Mark>& marks) {
  constexpr double kApart = 18;
  const double rise = (plane.y(plane.y_high) - plane.y(plane.y_low)) / std::log(plane.y_high / plane.y_low) *
                      std::log(plane.x_high / plane.x_low) / (kEdge - kLeft);  // of every slope, per unit of x
  for (std::size_t i = 0; i < marks.size(); ++i) {
    Mark& mark = marks[i];
    const double achieved = mark.result->achieved_per_s;
    double step = kApart;
    if (mark.kind == Kind::memory) {
      const double at = std::max(plane.x_low, plane.y_low / achieved) * 1.5;
      mark.x = plane.x(at);
      mark.y = plane.y(achieved * at);
    } else {
      mark.x = mark.kind == Kind::product ? plane.x(std::clamp(mark.intensity, plane.x_low, plane.x_high)) : kEdge + 14;
      mark.y = plane.y(achieved);
      if (mark.kind == Kind::product) step = -kApart;
    }
    const auto hides = [&](const Mark& other) {
      return std::abs(other.x - mark.x) < kApart && std::abs(other.y - mark.y) < kApart;
    };
    const auto end = marks.begin() + static_cast<std::ptrdiff_t>(i);
    for (int tries = 0; tries < 40 && std::any_of(marks.begin(), end, hides); ++tries) {
      mark.x += step;
      if (mark.kind == Kind::memory) mark.y += step * rise;
      if (mark.kind == Kind::pipe && mark.x > kNames - 20) mark.x = kEdge + 14, mark.y += kApart / 2;
    }
  }
}

std::string dot(const Mark& mark, std::size_t number) {
  constexpr double r = 8;
  const std::string title = fmt::format("<title>{}: {}</title>", html_escaped(row_name(*mark.result)),
                                        html_escaped(achieved_text(*mark.result)));
  std::string shape;
  if (mark.kind == Kind::memory)
    shape = fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{}" height="{}" class="dot mem">{}</rect>)",
                        mark.x - r + 1, mark.y - r + 1, 2 * r - 2, 2 * r - 2, title);
  else
    shape = fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{}" class="dot{}">{}</circle>)", mark.x, mark.y, r,
                        mark.kind == Kind::product ? " edge" : "", title);
  return shape + "\n" + svg_text(mark.x, mark.y + 3.2, "middle", std::to_string(number), "number");
}

/// What a mark is held against: of a product, what memory and pipe allow at its intensity.
std::string key(const Report& report, const std::vector<Mark>& marks) {
  std::string rows;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const Mark& mark = marks[i];
    double roof = mark.result->peak->per_second;
    std::string limit = fmt::format("{} {}", theory::name(mark.result->peak->pipe), rate_text(roof, mark.result->unit));
    if (mark.kind == Kind::product) {
      const auto memory = theory::rated_peak(report.device.spec, theory::Pipe::dram);
      if (const auto most = memory ? theory::attainable(roof, memory->per_second, mark.intensity) : std::nullopt)
        roof = *most;
      limit += fmt::format(", at most {} OP/B", number_text(std::round(mark.intensity)));
    }
    rows += fmt::format("<tr><td>{}</td><th scope=\"row\">{}</th>{}{}<td>{}</td></tr>\n", i + 1,
                        breakable(row_name(*mark.result)), cell(achieved_text(*mark.result)), cell(limit),
                        html_escaped(percent_text(mark.result->achieved_per_s / roof)));
  }
  return folded("the numbers in the picture",
                table("checks", {"no.", "result", "achieved", "roof, rated clock", "% of it"}, rows));
}

}  // namespace

std::string roofline_section(const Report& report) {
  std::vector<Mark> marks = marks_of(report);
  const std::vector<theory::Peak> pipes = roofs(marks, false);
  const std::vector<theory::Peak> memories = roofs(marks, true);
  if (pipes.empty() || memories.empty()) return {};
  const Plane plane = plane_of(marks);
  settle(plane, marks);
  std::string body = grid(plane) + slopes(plane, marks, pipes.front().per_second) +
                     ceilings(plane, marks, memories.front().per_second);
  for (std::size_t i = 0; i < marks.size(); ++i) body += dot(marks[i], i + 1);
  return fmt::format(
             "<div class=\"scroll\"><svg class=\"draw\" viewBox=\"0 0 {} {}\" role=\"img\" "
             "aria-label=\"roofline\">\n{}</svg></div>\n"
             "<p class=\"dim\">Ceilings: peaks of the pipes at the rated clock. Slopes: peaks of memories and links. A "
             "square moves bytes and "
             "does no arithmetic: it stands on the slope of its bandwidth, wherever there is room. A circle in the "
             "band at the right "
             "keeps its operands on the SM. A circle further left is a matrix product at 2mnk / (bytes of A and B), "
             "the most that its "
             "intensity can be. Marks that would hide each other stand side by side.</p>\n",
             kWidth, kHeight, body) +
         key(report, marks);
}

}  // namespace peakproof::reports::html
