#include "reports/html_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/curve.hpp"
#include "reports/html_text.hpp"

namespace peakproof::reports::html {

std::string_view tone(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "good";
    case Verdict::below:
    case Verdict::incorrect:
      return "bad";
    case Verdict::above_theory:
    case Verdict::noisy:
    case Verdict::error:
      return "unsure";
    case Verdict::no_theory:
    case Verdict::skipped:
      return "plain";
  }
  return "unsure";
}

std::string_view tone(Status status) {
  switch (status) {
    case Status::pass:
      return "good";
    case Status::fail:
      return "bad";
    case Status::warn:
    case Status::error:
      return "unsure";
    case Status::skip:
      return "plain";
  }
  return "unsure";
}

std::string_view tone_of_exit_code(int code) {
  if (code == exit_pass) return "good";
  return code == exit_rejected || code == exit_device_fault ? "bad" : "unsure";
}

std::string_view sign(Status status) {
  switch (status) {
    case Status::pass:
      return "✓";
    case Status::fail:
      return "✗";
    case Status::warn:
      return "!";
    case Status::error:
      return "?";
    case Status::skip:
      return "–";
  }
  return "?";
}

std::string_view sign_of_exit_code(int code) {
  if (code == exit_pass) return "✓";
  return code == exit_rejected || code == exit_device_fault ? "✗" : "?";
}

std::string verdict_word(const Report& report) {
  if (report.acceptance && report.exit_code == exit_pass && report.verdict == verdict_of_exit_code(exit_pass))
    return "accepted";
  std::string word = report.verdict;
  std::replace(word.begin(), word.end(), '_', ' ');
  return word.empty() ? "no verdict" : word;
}

std::string breakable(std::string_view name) {
  std::string out;
  for (const char c : html_escaped(name)) {
    out += c;
    if (c == '/') out += "<wbr>";
  }
  return out;
}

std::string coloured(std::string_view tone, std::string_view text) {
  return fmt::format("<span class=\"word {}\">{}</span>", tone, html_escaped(text));
}

std::string verdict_cell(Verdict verdict) {
  return fmt::format("<td class=\"told\">{}</td>", coloured(tone(verdict), name(verdict)));
}

std::string cell(std::string_view text) { return fmt::format("<td>{}</td>", html_escaped(text)); }

std::string definitions(const std::vector<Line>& lines, std::string_view style) {
  std::string out = style.empty() ? "<dl>" : fmt::format("<dl class=\"{}\">", style);
  for (const Line& line : lines)
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_escaped(line.label), html_escaped(line.text));
  return out + "</dl>\n";
}

std::string section(std::string_view title, const std::string& content) {
  return content.empty() ? std::string() : fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, content);
}

std::string plain_table(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return {};
  std::string body;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    body += fmt::format("<tr><th scope=\"row\">{}</th>", html_escaped(rows[i].front()));
    for (std::size_t column = 1; column < rows[i].size(); ++column) body += cell(rows[i][column]);
    body += "</tr>\n";
  }
  return table("results", {rows.front().begin(), rows.front().end()}, body);
}

std::string table(std::string_view style, const std::vector<std::string_view>& headings, const std::string& rows) {
  std::string out = fmt::format("<div class=\"scroll\"><table class=\"{}\">\n<thead><tr>", style);
  for (const std::string_view heading : headings) {
    const bool right = heading.starts_with('>');
    out += fmt::format("<th scope=\"col\"{}>{}</th>", right ? " class=\"figure\"" : "",
                       html_escaped(heading.substr(right ? 1 : 0)));
  }
  return out + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

std::string folded(std::string_view summary, const std::string& content) {
  if (content.empty()) return {};
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_escaped(summary), content);
}

std::string svg_text(double x, double y, std::string_view anchor, std::string_view text, std::string_view style) {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}"{}{}>{}</text>)", x, y,
                     anchor == "start" ? "" : fmt::format(R"( text-anchor="{}")", anchor),
                     style.empty() ? "" : fmt::format(R"( class="{}")", style), html_escaped(text)) +
         "\n";
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"></line>)", x1, y1, x2, y2,
                     style) +
         "\n";
}

std::string svg_rect(double x, double y, double width, double height, std::string_view style, std::string_view title) {
  return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}">{}</rect>)", x, y, width,
                     height, style, title.empty() ? "" : fmt::format("<title>{}</title>", html_escaped(title))) +
         "\n";
}

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t characters = 0;
  std::size_t keep = 0;  // bytes of the first most - 1 characters
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (++characters == most) keep = i;
  }
  return characters <= most ? std::string(text) : std::string(text.substr(0, keep)) + "…";
}

bool positive(const std::optional<double>& x) { return finite(x) && *x > 0; }
bool finite(const std::optional<double>& x) { return x && std::isfinite(*x); }

std::string number_text(const std::optional<double>& x) {
  if (!finite(x)) return "-";
  constexpr double kWhole = 9e15;  // a double holds whole numbers exactly up to 2^53
  if (*x == std::floor(*x) && std::abs(*x) < kWhole) return fmt::format("{:.0f}", *x);
  return fmt::format("{:.6g}", *x);
}

ShortNames::ShortNames(const std::vector<const Report*>& devices) {
  for (const Report* device : devices)
    for (const Result& result : device->results) {
      if (is_drawn(result.params)) continue;
      const auto [found, first] = common_.emplace(result.name, result.params);
      if (first) continue;
      std::erase_if(found->second, [&](const auto& param) {
        const auto own = result.params.find(param.first);
        return own == result.params.end() || own->second != param.second;
      });
    }
}

std::string ShortNames::operator()(const Result& result) const {
  Result bare;
  bare.name = result.name;
  bare.params = result.params;
  if (const auto found = common_.find(result.name); found != common_.end())
    for (const auto& [key, value] : found->second) bare.params.erase(key);
  return row_name(bare);
}

std::string name_cell(const ShortNames& names, const Result& result) {
  const std::string whole = row_name(result);
  const std::string brief = names(result);
  return fmt::format("<th scope=\"row\"{}>{}</th>",
                     brief == whole ? "" : fmt::format(" title=\"{}\"", html_escaped(whole)), breakable(brief));
}

Tally tally(const Report& report) {
  Tally t;
  for (const Check& check : report.checks) {
    switch (check.status) {
      case Status::pass:
        ++t.pass;
        break;
      case Status::warn:
        ++t.warn;
        break;
      case Status::fail:
        ++t.fail;
        break;
      case Status::error:
        ++t.error;
        break;
      case Status::skip:
        ++t.skip;
        break;
    }
    if (check.required && (check.status == Status::error || check.status == Status::skip)) ++t.required_open;
  }
  for (const Report& member : report.members) {
    const Tally m = tally(member);
    t = {t.pass + m.pass,   t.warn + m.warn, t.fail + m.fail,
         t.error + m.error, t.skip + m.skip, t.required_open + m.required_open};
  }
  return t;
}

std::string tally_text(const Tally& t) {
  return fmt::format("{} pass, {} warn, {} fail, {} error, {} skip", t.pass, t.warn, t.fail, t.error, t.skip);
}

std::vector<const Check*> by_gravity(const std::vector<Check>& checks) {
  std::vector<const Check*> out;
  for (const Status status : {Status::fail, Status::error, Status::warn, Status::skip, Status::pass})
    for (const Check& check : checks)
      if (check.status == status) out.push_back(&check);
  return out;
}

}  // namespace peakproof::reports::html
