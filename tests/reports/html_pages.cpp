// Writes pages for the test that opens them in a browser: html_pages FOLDER.
#include <fmt/format.h>

#include <exception>
#include <fstream>
#include <string>

#include "example_report.hpp"
#include "full_report.hpp"
#include "reports/format.hpp"

int main(int argc, char** argv) {
  using namespace peakproof::reports;
  if (argc != 2) {
    fmt::print(stderr, "usage: html_pages FOLDER\n");
    return 2;
  }
  try {
    Report plain = full_device();
    plain.acceptance.reset();
    plain.checks.clear();
    const std::pair<const char*, Report> pages[] = {
        {"accepted", full_device()},     {"rejected", full_device(3, true)},
        {"node", full_node()},           {"plain", plain},
        {"crowded", crowded_device()},   {"crowded_node", full_node(8, true)},
        {"example", example_report()},   {"example_acceptance", example_acceptance()},
        {"example_node", example_node()}};
    for (const auto& [name, report] : pages) {
      std::ofstream out(fmt::format("{}/{}.html", argv[1], name), std::ios::binary);
      out << to_html(report);
      out.close();
      if (!out) throw std::runtime_error(fmt::format("cannot write {}.html into {}", name, argv[1]));
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "html_pages: {}\n", error.what());
    return 1;
  }
  return 0;
}
