// The table of everything that can be found: what it is, why it matters, how it is computed, who says so and what to do.
// docs/checks.md is made from it (peakproof policy codes --md), and a test fails on a code without an entry.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace peakproof::reports {

struct Code {
  std::string_view code;      ///< "PP-1101"
  std::string_view name;      ///< "performance.issue"
  std::string_view category;  ///< "validity", "performance", "clock", "health", "correctness", "run", "usage"
  std::string_view severity;  ///< "none", "monitor", "isolate", "reset", "config", "triage" (as DCGM has them)
  std::string_view what;
  std::string_view why;
  std::string_view formula;  ///< or how it is read
  std::string_view source;
  std::string_view action;  ///< "none", "retest", "fix_config", "drain", "reset_gpu", "reboot_node", "service"
  std::string_view next_step;
};
[[nodiscard]] std::span<const Code> codes();
/// Null for a code that the table lacks.
[[nodiscard]] const Code* find_code(std::string_view code);
/// The table as the page docs/checks.md.
[[nodiscard]] std::string codes_markdown();

}  // namespace peakproof::reports
