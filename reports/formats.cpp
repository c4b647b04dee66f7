#include <array>

#include "reports/format.hpp"

namespace peakproof::reports {

std::span<const Format> formats() {
  static constexpr std::array kFormats = {
      Format{"json", ".json", "everything, for machines and for making the other formats later", to_json},
      Format{"text", ".txt", "the efficiency table and what stands behind it, for a terminal", to_text},
      Format{"md", ".md", "the same as GitHub Markdown, for tickets and job summaries", to_markdown},
      Format{"csv", ".csv", "one row for each result and each check, for a spreadsheet", to_csv},
      Format{"html", ".html", "a page that needs nothing but itself, with the heat maps of sweeps", to_html},
      Format{"junit", ".xml", "a test case for each check or result, for a CI system", to_junit},
      Format{"prometheus", ".prom", "gauges for the textfile collector of Prometheus' node exporter", to_prometheus},
  };
  return kFormats;
}

}  // namespace peakproof::reports
