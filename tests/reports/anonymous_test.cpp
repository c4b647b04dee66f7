#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "example_report.hpp"
#include "reports/format.hpp"

namespace peakproof::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The example with its secrets spread over every text that may hold one.
Report leaky() {
  Report r = example_report();
  r.argv = {"/home/ada/build/peakproof",
            "--device",
            "GPU-01234567-89ab-cdef-0123-456789abcdef",
            "--json=/home/ada/out/gpu.json",
            "--spec",
            "cards/mine.json",
            "--quick"};
  r.host.os = "Linux lab-node-7.example.org 6.1";
  r.tool.facts["cwd"] = "/srv/bench/ada";
  r.tool.facts["library"] = "/usr/lib/libcudart.so.13";
  r.device.facts["serial"] = "1654922006536";
  r.device.facts["user"] = "ada";
  r.device.facts["pcie_gen"] = "5";
  r.results[0].note =
      "cannot open /home/ada/data/seed.bin: host lab-node-7, board 1654922006536 at 00000000:17:00.0, 4 of 5";
  r.results[1].params["device"] = "MIG-01234567-89ab-cdef-0123-456789abcdef";
  r.results[1].audit.note = "read ~/cache/audit.json of user ada, not Canada";
  r.results[2].losses[0].evidence = "log in '/var/log/gpu.log' for 0000:17:00.0";
  r.completeness.missing.emplace_back("p2p to lab-node-7.example.org");
  return r;
}

TEST(Anonymous, LeavesNoSecretInAnyFormat) {
  const Report report = anonymous(leaky());
  for (const Format& format : formats()) {
    const std::string text = format.render(report);
    for (const char* secret : {"lab-node", "example.org", "/home", "/srv", "/var", "/usr", "~/", "01234567-89ab",
                               "17:00.0", "1654922006536", " ada", "/ada", "\"ada\""}) {
      EXPECT_THAT(text, Not(HasSubstr(secret))) << format.name;
    }
  }
}

TEST(Anonymous, KeepsWhatIsNoSecret) {
  const Report report = anonymous(leaky());
  EXPECT_TRUE(report.anonymous);
  EXPECT_THAT(report.argv, ElementsAre("peakproof", "--device", "GPU-withheld", "--json=gpu.json", "--spec",
                                       "mine.json", "--quick"));
  EXPECT_EQ(report.host.name, "withheld");
  EXPECT_EQ(report.host.os, "Linux withheld 6.1");
  EXPECT_EQ(report.tool.facts.at("cwd"), "withheld");
  EXPECT_EQ(report.tool.facts.at("library"), "libcudart.so.13");
  EXPECT_EQ(report.device.facts.at("serial"), "withheld");
  EXPECT_EQ(report.device.facts.at("uuid"), "withheld");
  EXPECT_EQ(report.device.facts.at("pci"), "withheld");
  EXPECT_EQ(report.device.facts.at("pcie_gen"), "5");
  EXPECT_EQ(report.device.facts.at("driver"), "580.00.00");
  EXPECT_EQ(report.results[0].note, "cannot open seed.bin: host withheld, board withheld at withheld, 4 of 5");
  EXPECT_EQ(report.results[1].params.at("device"), "MIG-withheld");
  EXPECT_EQ(report.results[1].audit.note, "read audit.json of user withheld, not Canada");
  EXPECT_EQ(report.results[2].losses[0].evidence, "log in 'gpu.log' for withheld");
}

TEST(Anonymous, ChangesNoFigure) {
  Report before = example_report();
  before.results[6].note = "launch failed: misaligned address";
  const Report after = anonymous(before);
  EXPECT_THAT(differences(before, after),
              testing::UnorderedElementsAre("argv", "host.name", "device.facts", "anonymous"));
}

TEST(Anonymous, TwiceIsTheSameAsOnce) {
  const Report once = anonymous(leaky());
  EXPECT_THAT(differences(anonymous(once), once), testing::IsEmpty());
}

TEST(Anonymous, RatesAndLinksAreNoPaths) {
  Report report = example_report();
  report.results[0].note = "128 FLOP/clk/SM, 6400 bit / 8, https://example.com/a/b, and/or";
  EXPECT_EQ(anonymous(report).results[0].note, report.results[0].note);
}

}  // namespace
}  // namespace peakproof::reports
