#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
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

/// An acceptance with secrets in what only an acceptance has.
Report leaky_acceptance() {
  Report r = example_acceptance();
  r.run_id = "0190aaaa-bbbb-7ccc-8ddd-0000000000ff";
  r.health->why = "NVML log at /var/log/nvml.log of lab-node-7";
  r.health->counters[3].why = "no permission for user ada on 0000:07:00.0";
  r.results[3].verification.wrong_units[0].example = "dump in /home/ada/wrong.bin";
  r.acceptance->claim = "shown on lab-node-7 for /home/ada";
  r.acceptance->policy_name = "lab-node-7";
  r.acceptance->policy_text = R"({
  // of /home/ada/policy.json, for GPU-01234567-89ab-cdef-0123-456789abcde0 in lab-node-7.example.org
  "name": "lab", /* serial 1650000003040 */ "rules": [] //see ~/notes
})";
  r.checks[0].message = "held against /home/ada/base.json";
  r.checks[1].subject = "GPU-01234567-89ab-cdef-0123-456789abcde0";
  return r;
}

Report leaky_fleet() {
  Report r = example_node();
  r.scope = Scope::fleet;
  Report node = example_node();
  node.host.name = "lab-node-8";
  node.members[0] = leaky_acceptance();
  node.members[0].host.name = "lab-node-8";
  // Of another member's names each may be told.
  node.checks[0].message = "3 of 3 devices of lab-node-7 and lab-node-8: 1650000003041, 0000:17:00.0";
  r.members = {node, example_node()};
  r.checks[0].message = "the serial number 1650000003042 is known twice";
  return r;
}

TEST(Anonymous, LeavesNoSecretInAnyFormat) {
  for (const Report& leak : {leaky(), leaky_acceptance(), leaky_fleet()}) {
    const Report report = anonymous(leak);
    for (const Format& format : formats()) {
      const std::string text = format.render(report);
      for (const char* secret :
           {"lab-node", "example.org", "/home", "/srv", "/var", "/usr", "~/", "01234567-89ab", "7:00.0",
            "1654922006536", "165000000304", "165…", " ada", "/ada", "\"ada\"", "0190aaaa"}) {
        EXPECT_EQ(text.find(secret), std::string::npos)
            << format.name << ": " << text.substr(std::max<std::size_t>(text.find(secret), 60) - 60, 120);
      }
    }
    EXPECT_THAT(differences(anonymous(report), report), testing::IsEmpty()) << "twice is as once";
  }
}

TEST(Anonymous, APolicyStaysReadable) {
  const Report report = anonymous(leaky_acceptance());
  EXPECT_EQ(report.acceptance->policy_text, R"({
  // of policy.json, for GPU-withheld in withheld
  "name": "lab", /* serial withheld */ "rules": [] //see notes
})");
  EXPECT_EQ(report.acceptance->policy_sha256, leaky_acceptance().acceptance->policy_sha256);
}

TEST(Anonymous, RunsStayApart) {
  const Report node = anonymous(example_node());
  std::set<std::string> ids = {node.run_id};
  for (const Report& member : node.members) ids.insert(member.run_id);
  EXPECT_EQ(ids.size(), 4U);
  for (const std::string& id : ids)
    EXPECT_THAT(id, testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-8[0-9a-f]+-8[0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(anonymous(example_node()).run_id, node.run_id) << "the same run, the same id";
  EXPECT_EQ(anonymous(Report{}).run_id, "");
}

TEST(Anonymous, KeepsThePartNumber) {
  const Report report = anonymous(example_acceptance());
  EXPECT_EQ(report.device.facts.at("board_part"), "900-00000-0000-000");
  EXPECT_EQ(report.device.facts.at("vbios"), "96.00.00.00.01");
  EXPECT_EQ(report.device.facts.at("serial"), "withheld");
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
