// The table of everything that can be found: what it is, why it matters, how it is computed, who says so and what to
// do. docs/checks.md is made from it (peakproof policy codes --md), and a test fails on a code without an entry.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace peakproof::reports {

/// 1xxx performance, 2xxx clock and power, 3xxx correctness, 4xxx memory and device health, 5xxx links, 6xxx
/// configuration and identity, 7xxx validity and completeness, 8xxx the run, 9xxx usage.
struct Code {
  std::string_view code;  ///< "PP-1101"
  std::string_view name;  ///< "performance.issue"
  std::string_view
      category;  ///< "performance", "clock", "correctness", "health", "link", "configuration", "validity", "run", "usage"
  std::string_view severity;  ///< "none", "monitor", "isolate", "reset", "config", "triage" (as DCGM has them)
  std::string_view what;
  std::string_view why;
  std::string_view formula;  ///< or how it is read
  std::string_view source;
  std::string_view action;  ///< "none", "retest", "fix_config", "drain", "reset_gpu", "reboot_node", "service"
  std::string_view next_step;
};
/// By code.
[[nodiscard]] std::span<const Code> codes();
/// Null for a code that the table lacks.
[[nodiscard]] const Code* find_code(std::string_view code);
/// One entry as text for a terminal.
[[nodiscard]] std::string code_text(const Code& code);
/// The table as the page docs/checks.md.
[[nodiscard]] std::string codes_markdown();

}  // namespace peakproof::reports
