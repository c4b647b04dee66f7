#include "reports/codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "reports/codes_rows.hpp"

namespace peakproof::reports {
namespace {

struct Field {
  std::string_view label;
  std::string_view Code::*text;
};
constexpr std::array kFields = {
    Field{"what", &Code::what},           Field{"why", &Code::why},           Field{"formula", &Code::formula},
    Field{"source", &Code::source},       Field{"severity", &Code::severity}, Field{"action", &Code::action},
    Field{"next step", &Code::next_step},
};

constexpr std::string_view kHead = R"(# Checks

What `peakproof accept` and `peakproof verify` can find, by code. Made from the program's own table
(`peakproof policy codes --md`); `peakproof policy codes CODE` prints one entry. Which limits hold is the policy's matter
(`peakproof policy show`), how the verdict is made from the checks is in [acceptance.md](acceptance.md).

Severities are named as in NVIDIA's DCGM: none, monitor, isolate, reset, config, triage. Actions: none, retest, fix_config,
drain, reset_gpu, reboot_node, service.
)";

/// Text of a table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::span<const Code> codes() {
  static const std::vector<Code> kCodes = [] {
    std::vector<Code> all;
    for (const auto& part : {codes_of_measurements(), codes_of_devices(), codes_of_fleets(), codes_of_runs()})
      all.insert(all.end(), part.begin(), part.end());
    std::stable_sort(all.begin(), all.end(), [](const Code& a, const Code& b) { return a.code < b.code; });
    return all;
  }();
  return kCodes;
}

const Code* find_code(std::string_view code) {
  const auto all = codes();
  const auto found = std::find_if(all.begin(), all.end(), [code](const Code& c) { return c.code == code; });
  return found == all.end() ? nullptr : &*found;
}

std::string code_text(const Code& code) {
  std::string text = fmt::format("{} {} ({})\n", code.code, code.name, code.category);
  for (const auto& [label, field] : kFields) text += fmt::format("  {:<10} {}\n", label, code.*field);
  return text;
}

std::string codes_markdown() {
  std::string text(kHead);
  text += "\n| code | name | category | severity | action |\n|---|---|---|---|---|\n";
  for (const Code& c : codes()) {
    text +=
        fmt::format("| [{}](#{}) | {} | {} | {} | {} |\n", c.code, c.code, c.name, c.category, c.severity, c.action);
  }
  for (const Code& c : codes()) {
    text += fmt::format("\n<a id=\"{0}\"></a>\n## {0} {1}\n\n| | |\n|---|---|\n", c.code, c.name);
    for (const auto& [label, field] : kFields) text += fmt::format("| {} | {} |\n", label, cell(c.*field));
  }
  return text;
}

}  // namespace peakproof::reports
