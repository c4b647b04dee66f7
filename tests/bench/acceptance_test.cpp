#include "bench/harness/acceptance.hpp"

#include <gtest/gtest.h>

#include "reports/verdict.hpp"

namespace {

using namespace peakproof;
using namespace peakproof::bench;
using reports::Status;

reports::Check check(Status status, const std::string& id = "power.limit") {
  return {.code = "PP-2301", .id = id, .status = status, .required = false, .message = "found"};
}

reports::Report report(std::vector<reports::Check> checks, int exit_code = reports::exit_pass) {
  reports::Report made;
  made.checks = std::move(checks);
  made.exit_code = exit_code;
  return made;
}

TEST(RejectWarnings, AWarningRejects) {
  auto warned = report({check(Status::pass), check(Status::warn)});
  reject_warnings(warned);
  EXPECT_EQ(warned.exit_code, reports::exit_rejected);
  EXPECT_EQ(warned.verdict, "rejected");
  EXPECT_EQ(warned.checks[1].status, Status::fail);
  EXPECT_EQ(warned.checks[1].id, "run.strict.power.limit");  // stays when the report is judged again
  EXPECT_TRUE(warned.checks[1].required);
  // The exit code is the one that the checks give.
  EXPECT_EQ(reports::exit_code(warned.checks, {}), warned.exit_code);
}

TEST(RejectWarnings, NothingElseChanges) {
  auto clean = report({check(Status::pass), check(Status::skip)});
  reject_warnings(clean);
  EXPECT_EQ(clean.exit_code, reports::exit_pass);
  for (const int stronger : {+reports::exit_device_fault, 130}) {
    auto warned = report({check(Status::warn)}, stronger);
    reject_warnings(warned);
    EXPECT_EQ(warned.exit_code, stronger);
  }
  auto open = report({check(Status::warn)}, reports::exit_inconclusive);
  reject_warnings(open);
  EXPECT_EQ(open.exit_code, reports::exit_rejected);
}

TEST(RejectWarnings, AMemberRejectsTheNode) {
  auto node = report({check(Status::pass)});
  node.scope = reports::Scope::node;
  node.members = {report({check(Status::pass)}), report({check(Status::warn)})};
  reject_warnings(node);
  EXPECT_EQ(node.members[0].exit_code, reports::exit_pass);
  EXPECT_EQ(node.members[1].exit_code, reports::exit_rejected);
  EXPECT_EQ(node.exit_code, reports::exit_rejected);
}

TEST(MissingGpus, AreNamedByWhatIsThere) {
  const std::vector<DeviceName> two(2, {"GPU-1", "cuda:0", "GPU-1", "00000000:17:00.0", "board"});
  EXPECT_FALSE(missing_gpus(two, 0));
  EXPECT_FALSE(missing_gpus(two, 2));
  EXPECT_FALSE(missing_gpus(two, 1));
  const auto missing = missing_gpus(two, 3);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, Status::fail);
  EXPECT_TRUE(missing->required);
  EXPECT_NE(missing->message.find("2 of 3"), std::string::npos);
  EXPECT_NE(missing->message.find("00000000:17:00.0"), std::string::npos);
}

TEST(UnusableDevice, NeverPasses) {
  const DeviceName device{"GPU-1", "cuda:0", "GPU-1", "00000000:17:00.0", "board"};
  const auto set_up = unusable_device(device, "MIG is on", false);
  EXPECT_EQ(reports::exit_code(set_up.checks, {}), reports::exit_inconclusive);
  EXPECT_EQ(set_up.checks.at(0).message, "MIG is on");
  EXPECT_EQ(set_up.device.facts.at("uuid"), "GPU-1");
  EXPECT_EQ(reports::exit_code(unusable_device(device, "lost", true).checks, {}), reports::exit_device_fault);
}

}  // namespace
