// The report as one HTML page: no script runs, no network, nothing to load; readable on light and dark screens and on
// paper. The verdict comes first, then what was judged, what failed, the figures, and at the end the data itself.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "reports/acceptance_view.hpp"
#include "reports/embedded.hpp"
#include "reports/format.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"
#include "reports/plot.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

using html::Detail;
using html::section;

constexpr std::size_t kMostBytes = 500'000;
constexpr std::size_t kDataBeforeDetail = 300'000;

/// What is told of a device, itself or a member, below its checks.
std::string measurements(const Report& report, Detail detail) {
  std::string out;
  if (report.acceptance && detail == Detail::full) out += section("Efficiency", html::bars_section(report));
  if (detail == Detail::full) out += section("Roofline", html::roofline_section(report));
  out += section("The ladder to the tensor cores", html::ladder_section(report));
  out += section("Networks", html::networks_section(report, detail));
  out += section("Results", html::results_section(report, detail));
  out += section("Latencies", html::latencies_section(report));
  if (detail < Detail::figures) {
    out += section("Curves", html::curves_section(report));
    out += section("Where the pipes saturate", html::saturation_section(report));
    out += section("Which shapes are best", html::shapes_section(report));
  }
  out += section("Clock, power and temperature", html::timeline_section(report, detail));
  out += section("Health", html::health_section(report, detail));
  return out + section("Not measured", html::not_tested_section(report));
}

/// Members in full, each shut but for those that are not accepted.
std::string members(const Report& report, Detail detail) {
  std::string out;
  const std::vector<std::string> names = member_names(report);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Report& member = report.members[i];
    std::string content =
        section("Checks", html::checks_section(member, detail == Detail::full ? Detail::failures : detail));
    content += member.members.empty()
                   ? measurements(member, detail)
                   : section("Members", html::members_section(member)) + members(member, Detail::figures);
    content += section("Measured on", html::definitions(run_lines(member)));
    out += fmt::format("<details{}><summary><b>{}</b> {}</summary>\n{}</details>\n",
                       member.exit_code == exit_pass ? "" : " open", html_escaped(names[i]),
                       html::coloured(html::tone_of_exit_code(member.exit_code), verdict_line(member)), content);
  }
  return out;
}

/// How to get the data out of the page, and what was left out of it.
std::string about_data(const EmbeddedJson& json, Detail detail) {
  std::string out;
  if (json.html.empty())
    out = fmt::format("<p>The data is too large for this page: it is the JSON report of the same run ({} bytes).</p>\n",
                      json.bytes);
  else
    out = fmt::format(
        "<p>This page holds its data as JSON{} ({} bytes, SHA-256 <code>{}</code>). <code>peakproof report PAGE.html "
        "--json=FILE</code> reads it back, and <code>peakproof verify PAGE.html</code> gives the verdict again.</p>\n",
        json.packed ? ", packed (base64 -d | gunzip)" : "", json.bytes, json.sha256);
  if (json.samples_withheld)
    out += "<p class=\"dim\">To save room, single samples are not in it: the figures made from them are.</p>\n";
  if (detail != Detail::full)
    out +=
        "<p class=\"dim\">To keep this page small, what stands behind figures that passed is in the data alone.</p>\n";
  return out;
}

std::string page(const Report& report, const EmbeddedJson& json, Detail detail) {
  const std::string title = html_escaped(headline(report));
  const bool accepted_or_not = told_by_checks(report);
  std::string out = html::page_head(title, !report.members.empty());
  out += accepted_or_not ? "<div class=\"certificate\">\n" : "";
  out += fmt::format("<h1>{}{}</h1>\n", report.acceptance ? "Acceptance: " : "", title);
  if (stand_in(report)) out += fmt::format("<p class=\"stand-in\">{}</p>\n", html_escaped(kStandInWarning));
  if (!accepted_or_not)
    out += fmt::format("<p class=\"verdict {}\">{}</p>\n", html::tone_of_exit_code(report.exit_code),
                       html_escaped(verdict_line(report)));
  else
    out += html::banner(report) + html::certificate(report, json) + html::paper_figures(report) +
           "<p class=\"screen dim\"><label><input type=\"checkbox\" id=\"whole\"> print the whole page, not the "
           "certificate alone"
           "</label></p>\n</div>\n";
  out += "<div class=\"more\">\n";
  out += section("Members", html::members_section(report));
  out += section("Checks", html::checks_section(report, detail));
  out += section("What to do", html::next_steps_section(report));
  out += measurements(report, detail);
  if (!report.members.empty() && detail != Detail::verdicts) out += section("Each member", members(report, detail));
  out += section("Measured on", html::definitions(run_lines(report)));
  out += section("The data", about_data(json, detail));
  return out + "</div>\n" + json.html + "</body>\n</html>\n";
}

}  // namespace

std::string html::page_head(const std::string& title, bool wide) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}{}{}</style>\n</head>\n<body{}>\n",
      title, html::kStyle, kPlotStyle, html::kFigureStyle, wide ? " class=\"wide-page\"" : "");
}

std::string to_html(const Report& report) {
  constexpr std::array kDetails = {Detail::full, Detail::failures, Detail::figures, Detail::verdicts};
  constexpr std::size_t kSlack = 2000;  // of what is said about the data
  std::array<std::size_t, kDetails.size()> sizes{};
  std::transform(kDetails.begin(), kDetails.end(), sizes.begin(),
                 [&](Detail detail) { return page(report, {}, detail).size() + kSlack; });
  const auto room_beside = [](std::size_t size) { return kMostBytes - std::min(kMostBytes, size); };
  // The data goes before what is told of figures that are in order.
  const std::size_t room = std::max(room_beside(sizes.front()), std::min(kDataBeforeDetail, room_beside(sizes.back())));
  const EmbeddedJson json = embed_json(report, room);
  for (std::size_t i = 0; i < kDetails.size(); ++i)
    if (sizes[i] + json.html.size() <= kMostBytes) return page(report, json, kDetails[i]);
  return page(report, embed_json(report, 0), kDetails.back());
}

}  // namespace peakproof::reports
