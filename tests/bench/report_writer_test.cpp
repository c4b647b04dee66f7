#include "bench/harness/report_writer.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "reports/format.hpp"

namespace peakproof::bench {
namespace {

namespace fs = std::filesystem;

struct ReportWriter : testing::Test {
  fs::path folder = fs::path(testing::TempDir()) / ("report_writer_" + std::to_string(::getpid()));
  ReportWriter() { fs::create_directories(folder); }
  ~ReportWriter() override { fs::remove_all(folder); }
  [[nodiscard]] std::string file(const char* name) const { return (folder / name).string(); }
  static reports::Report read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return reports::from_json(text.str());
  }
};

TEST_F(ReportWriter, TheJsonRepeatsTheExitCode) {
  const Options options{.outputs = {{"json", file("a.json")}, {"md", file("a.md")}}};
  EXPECT_EQ(write_reports({}, 0, options), 0);
  EXPECT_EQ(read(file("a.json")).exit_code, 0);
  EXPECT_EQ(write_reports({}, 3, options), 3);
  EXPECT_EQ(read(file("a.json")).exit_code, 3);
  EXPECT_TRUE(fs::exists(file("a.md")));
}

TEST_F(ReportWriter, ALostReportIsFiveAndTheJsonKnows) {
  const Options options{.outputs = {{"json", file("b.json")}, {"md", file("missing/b.md")}}};
  EXPECT_EQ(write_reports({}, 0, options), 5);
  EXPECT_EQ(read(file("b.json")).exit_code, 5);
  EXPECT_EQ(write_reports({}, 1, options), 1);  // a verdict that is worse stays
  EXPECT_EQ(read(file("b.json")).exit_code, 1);
}

TEST_F(ReportWriter, ProblemsAreSeenBeforeMeasuring) {
  EXPECT_TRUE(unwritable_outputs({.outputs = {{"json", file("c.json")}, {"md", "-"}}}).empty());
  EXPECT_EQ(unwritable_outputs({.outputs = {{"json", file("missing/c.json")}}}).size(), 1U);
  EXPECT_EQ(unwritable_outputs({.outputs = {{"json", folder.string()}}}).size(), 1U);
}

}  // namespace
}  // namespace peakproof::bench
