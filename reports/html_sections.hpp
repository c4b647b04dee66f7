// The sections of the HTML page, each a pure function from a Report to HTML: empty where there is nothing to tell.
#pragma once

#include <string>
#include <string_view>

#include "reports/embedded.hpp"
#include "reports/result.hpp"

namespace peakproof::reports::html {

/// How much is told of what is in order, so that a page of many devices stays small. What is not in order is always
/// told in full.
enum class Detail {
  full,      ///< everything
  failures,  ///< what stands behind a row only where it did not pass; no passed checks
  figures,   ///< the figures alone
  verdicts,  ///< of members only what stands in the table of members
};

/// The verdict and why it is so, in one sentence.
[[nodiscard]] std::string banner(const Report& report);
/// What was accepted, by what, under which terms, and the hash of the data: the head of the page that is printed.
[[nodiscard]] std::string certificate(const Report& report, const EmbeddedJson& json);
/// The figures and what failed, as far as one sheet of paper holds them: seen on paper only.
[[nodiscard]] std::string paper_figures(const Report& report);

[[nodiscard]] std::string checks_section(const Report& report, Detail detail);
[[nodiscard]] std::string next_steps_section(const Report& report);
[[nodiscard]] std::string bars_section(const Report& report);
[[nodiscard]] std::string roofline_section(const Report& report);
[[nodiscard]] std::string timeline_section(const Report& report, Detail detail);
[[nodiscard]] std::string health_section(const Report& report, Detail detail);
[[nodiscard]] std::string not_tested_section(const Report& report);
/// Members side by side.
[[nodiscard]] std::string members_section(const Report& report);

/// From 100 % of the rated peak down to what was achieved, loss by loss; empty where no loss is known.
[[nodiscard]] std::string waterfall(const Result& result);

[[nodiscard]] std::string ladder_section(const Report& report);
/// Networks that were run or trained.
[[nodiscard]] std::string networks_section(const Report& report, Detail detail);
[[nodiscard]] std::string results_section(const Report& report, Detail detail);
[[nodiscard]] std::string latencies_section(const Report& report);
[[nodiscard]] std::string curves_section(const Report& report);
/// Heat maps of sweeps over chains, and over shapes.
[[nodiscard]] std::string saturation_section(const Report& report);
[[nodiscard]] std::string shapes_section(const Report& report);

/// Everything up to the body; `title` is escaped already.
[[nodiscard]] std::string page_head(const std::string& title, bool wide);
/// The page's style sheet.
extern const std::string_view kStyle;
extern const std::string_view kFigureStyle;

}  // namespace peakproof::reports::html
