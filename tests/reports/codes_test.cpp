// Every code that is emitted has an entry, every entry is emitted, and docs/checks.md is the table.
#include "reports/codes.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "reports/policy.hpp"

namespace peakproof::reports {
namespace {

namespace fs = std::filesystem;
const fs::path kRoot = PEAKPROOF_SOURCE_FOLDER;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> codes_in(const std::string& text) {
  static const std::regex kCode("PP-[0-9]{4}");
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), kCode), end; it != end; ++it) found.insert(it->str());
  return found;
}

/// What the program and its policies emit.
std::set<std::string> emitted() {
  std::set<std::string> found;
  for (const char* folder : {"reports", "bench", "scripts"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string file = entry.path().filename().string();
      const std::string type = entry.path().extension().string();
      const bool table = file.starts_with("codes");
      const bool source = type == ".cpp" || type == ".hpp" || type == ".py" || file == "default.json";
      if (!entry.is_regular_file() || table || !source) continue;
      found.merge(codes_in(text_of(entry.path())));
    }
  }
  return found;
}

TEST(Codes, EveryOneThatIsEmittedHasAnEntry) {
  const auto all = emitted();
  EXPECT_GT(all.size(), 40U);
  for (const std::string& code : all) EXPECT_NE(find_code(code), nullptr) << code;
}

TEST(Codes, EveryEntryIsEmitted) {
  const auto all = emitted();
  // Measures that only a policy of one's own uses.
  const std::set<std::string> own{"PP-1102", "PP-1103"};
  for (const Code& code : codes()) {
    const std::string text(code.code);
    EXPECT_TRUE(all.contains(text) || own.contains(text)) << text << " is in the table, and nobody emits it";
  }
}

TEST(Codes, EntriesAreWhole) {
  const std::set<std::string_view> severities{"none", "monitor", "isolate", "reset", "config", "triage"};
  const std::set<std::string_view> actions{"none",      "retest",      "fix_config", "drain",
                                           "reset_gpu", "reboot_node", "service"};
  const std::set<std::string_view> categories{"performance",   "clock",    "correctness", "health", "link",
                                              "configuration", "validity", "run",         "usage"};
  std::set<std::string_view> seen;
  std::set<std::string_view> names;
  for (const Code& code : codes()) {
    EXPECT_TRUE(std::regex_match(std::string(code.code), std::regex("PP-[1-9][0-9]{3}"))) << code.code;
    EXPECT_TRUE(seen.insert(code.code).second) << code.code << " stands twice";
    EXPECT_TRUE(names.insert(code.name).second) << code.name << " stands twice";
    EXPECT_TRUE(severities.contains(code.severity)) << code.code;
    EXPECT_TRUE(actions.contains(code.action)) << code.code;
    EXPECT_TRUE(categories.contains(code.category)) << code.code;
    for (const auto text : {code.what, code.why, code.formula, code.source, code.next_step})
      EXPECT_FALSE(text.empty()) << code.code;
    EXPECT_EQ(code.what.back(), '.') << code.code;
    EXPECT_EQ(find_code(code.code), &code);
  }
  EXPECT_EQ(find_code("PP-0000"), nullptr);
  EXPECT_EQ(find_code(""), nullptr);
}

TEST(Codes, ThePageIsTheTable) {
  EXPECT_EQ(text_of(kRoot / "docs" / "checks.md"), codes_markdown())
      << "make it again: peakproof policy codes --md > docs/checks.md";
}

TEST(Codes, OneEntryAsText) {
  const std::string text = code_text(*find_code("PP-1101"));
  for (const char* part : {"PP-1101 performance.issue (performance)", "what", "why", "formula", "source", "next step"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace peakproof::reports
