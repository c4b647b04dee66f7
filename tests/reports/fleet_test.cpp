// Many reports as one: nobody is counted twice, nobody who is missing goes unnoticed, and one slow node stands out.
#include "reports/fleet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "made_reports.hpp"
#include "reports/format.hpp"
#include "reports/utc.hpp"

namespace peakproof::reports {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Policy& policy() {
  static const Policy kPolicy = read_policy(R"({"schema": "1.0.0", "name": "test", "version": "1", "rules": [
    {"id": "complete", "measure": "validity", "subject": "complete", "outcome": "error", "code": "PP-7101", "source": "t"},
    {"id": "quiet", "measure": "validity", "subject": "quiet", "outcome": "error", "code": "PP-7103", "source": "t"},
    {"id": "issue", "measure": "issue", "code": "PP-1101", "source": "t"},
    {"id": "peer", "measure": "peer", "fail_below": 0.98, "warn_below": 0.985, "warn_above": 1.02, "least_z": 2,
     "code": "PP-1301", "source": "t"}]})");
  return kPolicy;
}

Report merged(std::vector<Report> reports, const Expected& expected = {}) {
  return merge(std::move(reports), expected, {&policy(), nullptr});
}

/// Checks of the fleet itself with this id.
std::vector<Check> of_fleet(const Report& fleet, const std::string& id) {
  std::vector<Check> out;
  std::copy_if(fleet.checks.begin(), fleet.checks.end(), std::back_inserter(out),
               [&](const Check& check) { return check.id == id; });
  return out;
}

/// Of so many nodes with a device each; alike but for their noise.
std::vector<Report> nodes(int count, double issue = 0.97) {
  std::vector<Report> reports;
  for (int i = 1; i <= count; ++i) reports.push_back(made_report(i, issue, fmt::format("node-{}", i)));
  return reports;
}

TEST(Fleet, NodesByTheirHosts) {
  const Report fleet = merged({made_report(1, 0.97, "a"), made_report(2, 0.97, "b"), made_report(3, 0.97, "A")});
  EXPECT_EQ(fleet.scope, Scope::fleet);
  ASSERT_THAT(fleet.members, SizeIs(2));
  EXPECT_EQ(fleet.members[0].scope, Scope::node);
  EXPECT_EQ(fleet.members[0].host.name, "a");
  EXPECT_THAT(fleet.members[0].members, SizeIs(2)) << "host names are the same in small letters";
  EXPECT_THAT(devices_of(fleet), SizeIs(3));
  EXPECT_EQ(fleet.exit_code, exit_pass) << to_text(fleet);
  EXPECT_EQ(fleet.verdict, "pass");
  EXPECT_EQ(fleet.started, "2026-11-22T10:01:00+00:00");
  EXPECT_EQ(fleet.finished, "2026-11-22T10:03:30+00:00");
  EXPECT_EQ(fleet.device.spec.name, "3 x Made-up 100");
  EXPECT_THAT(contradiction(fleet), IsEmpty());
}

TEST(Fleet, ANodeReportAndDeviceReportsOfItsHostAreOneNode) {
  const Report fleet =
      merged({node_of({made_report(1, 0.97, "a"), made_report(2, 0.97, "a")}), made_report(3, 0.97, "a")});
  ASSERT_THAT(fleet.members, SizeIs(1));
  EXPECT_THAT(fleet.members[0].members, SizeIs(3));
  const Report again = merged({fleet, made_report(4, 0.97, "b")});
  EXPECT_THAT(again.members, SizeIs(2)) << "a fleet is merged like its nodes";
  EXPECT_THAT(devices_of(again), SizeIs(4));
}

TEST(Fleet, AnonymousRunsAreNodesOfTheirOwn) {
  std::vector<Report> reports = nodes(3);
  for (Report& report : reports) report = anonymous(report);
  const Report fleet = merged(reports);
  EXPECT_THAT(fleet.members, SizeIs(3));
  EXPECT_TRUE(fleet.anonymous);
  std::vector<Report> twice = reports;
  twice.push_back(reports[1]);
  EXPECT_THAT(devices_of(merged(twice)), SizeIs(3)) << "the same one twice is still found";
  // Two devices of one anonymous node have no names to be told apart by, and still are two.
  Report second = made_report(2, 0.97);
  second.run_id = made_report(1, 0.97).run_id;
  second.started = made_report(1, 0.97).started;
  const Report node = anonymous(node_of({made_report(1, 0.97), second}));
  EXPECT_THAT(devices_of(merged({node})), SizeIs(2));
  EXPECT_THAT(devices_of(merged({node, node})), SizeIs(2));
}

TEST(Fleet, TheSameReportTwiceCountsOnce) {
  std::vector<Report> reports = nodes(3);
  reports.push_back(reports[0]);
  const Report fleet = merged(reports, {.count = 4});
  EXPECT_THAT(devices_of(fleet), SizeIs(3));
  EXPECT_THAT(of_fleet(fleet, "run.fleet.duplicate"), SizeIs(1));
  EXPECT_THAT(of_fleet(fleet, "run.fleet.count"), SizeIs(1));
  EXPECT_EQ(fleet.exit_code, exit_rejected) << "a copy does not stand for the one that is missing";
  // Files of before 1.4 have no run_id.
  for (Report& report : reports) report.run_id.clear();
  EXPECT_THAT(devices_of(merged(reports)), SizeIs(3));
}

TEST(Fleet, OfADeviceMeasuredTwiceTheLaterCounts) {
  Report old = made_report(1, 0.85);
  Report recent = made_report(1, 0.97);
  recent.run_id = "01900000-0000-7000-8000-000000000777";
  recent.started = "2026-11-22T11:00:00+01:00";   // is 10:00 UTC: earlier than the other
  recent.finished = "2026-11-22T11:20:00+01:00";  // 10:20 UTC
  for (const auto& [first, second] : {std::pair(old, recent), std::pair(recent, old)}) {
    const Report fleet = merged({first, second});
    ASSERT_THAT(devices_of(fleet), SizeIs(1));
    EXPECT_EQ(devices_of(fleet)[0]->run_id, recent.run_id) << "the order of the files does not matter";
    ASSERT_THAT(of_fleet(fleet, "run.fleet.measured_again"), SizeIs(1));
    EXPECT_THAT(of_fleet(fleet, "run.fleet.measured_again")[0].message, HasSubstr("rejected"));
    EXPECT_EQ(fleet.exit_code, exit_pass);
  }
  recent.finished = "2026-11-22T10:20:00+01:00";  // 09:20 UTC
  EXPECT_EQ(merged({old, recent}).exit_code, exit_rejected) << "times are compared in UTC";
}

TEST(Fleet, MissingHostsAreNamedAndReject) {
  const Report fleet = merged(nodes(2), {.hosts = {"node-1", "NODE-2.example.org", "node-3"}});
  EXPECT_EQ(fleet.exit_code, exit_rejected);
  ASSERT_THAT(of_fleet(fleet, "run.fleet.missing"), SizeIs(1));
  EXPECT_EQ(of_fleet(fleet, "run.fleet.missing")[0].subject, "node-3");
  EXPECT_THAT(contradiction(fleet), IsEmpty());
  EXPECT_EQ(merged(nodes(2), {.hosts = {"node-1", "node-2"}}).exit_code, exit_pass);
  EXPECT_THAT(of_fleet(merged(nodes(2), {.hosts = {"node-1"}}), "run.fleet.unexpected"), SizeIs(1));

  EXPECT_EQ(merged(nodes(2), {.count = 2}).exit_code, exit_pass);
  EXPECT_EQ(merged(nodes(2), {.count = 3}).exit_code, exit_rejected);
  EXPECT_EQ(merged(nodes(3), {.count = 2}).exit_code, exit_pass) << "one more is said, no fault";
  Report node = node_of({made_report(1, 0.97), made_report(2, 0.97)});
  node.run_id = "01900000-0000-7000-8000-000000000777";
  EXPECT_EQ(merged({node}, {.count = 2}).exit_code, exit_rejected) << "a node of two devices is one report";
  EXPECT_EQ(merged({node}, {.count = 1}).exit_code, exit_pass);

  std::vector<Report> withheld = nodes(2);
  for (Report& report : withheld) report = anonymous(report);
  EXPECT_EQ(merged(withheld, {.hosts = {"node-1", "node-2"}}).exit_code, exit_rejected)
      << "who withholds his name is not known to be there";
  // Two full names are two hosts.
  EXPECT_EQ(merged({made_report(1, 0.97, "a.x.org")}, {.hosts = {"a.y.org"}}).exit_code, exit_rejected);
}

TEST(Fleet, WhatAFleetMissedStaysMissingUntilItIsThere) {
  const Report partial = merged(nodes(2), {.hosts = {"node-1", "node-2", "node-3"}, .unread = {{"x.json", "cut off"}}});
  const Report later = merged({partial, made_report(4, 0.97, "node-4")});
  EXPECT_THAT(of_fleet(later, "run.fleet.missing"), SizeIs(1));
  EXPECT_THAT(of_fleet(later, "run.fleet.unreadable"), SizeIs(1));
  EXPECT_EQ(later.exit_code, exit_rejected);
  const Report whole = merged({partial, made_report(3, 0.97, "node-3")});
  EXPECT_THAT(of_fleet(whole, "run.fleet.missing"), IsEmpty());
}

TEST(Fleet, AnUnreadableFileIsInconclusive) {
  const Report fleet = merged(nodes(3), {.unread = {{"node-4.json", "the file is cut off"}}});
  EXPECT_EQ(fleet.exit_code, exit_inconclusive);
  ASSERT_THAT(of_fleet(fleet, "run.fleet.unreadable"), SizeIs(1));
  EXPECT_EQ(of_fleet(fleet, "run.fleet.unreadable")[0].subject, "node-4.json");
}

TEST(Fleet, ANodeWithoutDevicesIsInconclusive) {
  Report empty{.run_id = "r", .scope = Scope::node};
  empty.host.name = "node-9";
  std::vector<Report> reports = nodes(3);
  reports.push_back(empty);
  EXPECT_EQ(merged(reports).exit_code, exit_inconclusive);
  EXPECT_THROW(merged({}), ReadError);
  EXPECT_THROW(merged({empty}), ReadError);
}

TEST(Fleet, WhatANodeSawIsNotForgotten) {
  Report node = node_of({made_report(1, 0.97), made_report(2, 0.97)});
  node.checks.push_back({.code = "PP-6101", .id = "run.devices", .status = Status::fail, .message = "2 of 8 GPUs"});
  const Report fleet = merged({node});
  EXPECT_EQ(fleet.exit_code, exit_rejected);
  EXPECT_THAT(fleet.members[0].checks, testing::Contains(testing::Field(&Check::message, "2 of 8 GPUs")));
}

TEST(Fleet, WhatItsRunSawIsNotForgotten) {
  const auto with_code = [](Report report, int code) {
    report.exit_code = code;
    report.verdict = verdict_of_exit_code(code);
    return report;
  };
  const Report good = made_report(1, 0.97);
  const Report node = node_of({good, made_report(2, 0.97)});
  for (const Report& report : {good, node}) {
    const Report interrupted = merged({with_code(report, 143), made_report(3, 0.97, "b")});
    EXPECT_EQ(interrupted.exit_code, exit_inconclusive);
    EXPECT_EQ(merged({interrupted}).exit_code, exit_inconclusive) << "nor when the fleet is merged again";
    const Report fault = merged({with_code(report, exit_device_fault), made_report(3, 0.97, "b")});
    EXPECT_EQ(fault.exit_code, exit_device_fault);
    EXPECT_EQ(merged({fault}).exit_code, exit_device_fault);
    EXPECT_EQ(contradiction(fault), "");
  }
  Report later = good;
  later.run_id = "later";
  later.finished = "2026-11-23T10:00:00+00:00";
  EXPECT_EQ(merged({with_code(good, 143), later}).exit_code, exit_pass) << "the run that ended counts";
}

TEST(Fleet, WhetherTheClockReasonsWereKnownIsKept) {
  for (const bool told : {true, false}) {
    Report report = made_report(1, 0.97);
    report.health = Health{.source = "NVML"};
    for (int i = 0; i < 3; ++i) report.health->timeline.push_back({.at_s = 1.0 * i});
    if (told) report.health->timeline[1].clock_reasons = 0;
    const Report fleet = merged({report});
    const auto& timeline = devices_of(fleet).front()->health->timeline;
    ASSERT_THAT(timeline, SizeIs(1));
    EXPECT_EQ(timeline.front().clock_reasons.has_value(), told);
  }
}

TEST(Fleet, TheWorstMemberDecides) {
  std::vector<Report> reports = nodes(4);
  reports[2] = made_report(3, 0.85, "node-3");
  EXPECT_EQ(merged(reports).exit_code, exit_rejected);
  reports[2] = made_report(3, 0.97, "node-3");
  reports[2].completeness.missing = {"dram"};
  EXPECT_EQ(merged(reports).exit_code, exit_inconclusive);
}

TEST(Fleet, ASlowNodeStandsOutAmongEqualDevices) {
  std::vector<Report> reports;
  for (int node = 1; node <= 5; ++node)
    for (int device = 0; device < 2; ++device)
      reports.push_back(made_report(10 * node + device, node == 3 ? 0.94 : 0.97, fmt::format("node-{}", node)));
  const Report fleet = merged(reports);
  EXPECT_EQ(fleet.exit_code, exit_rejected);
  const auto outliers = of_fleet(fleet, "fleet.peer");
  ASSERT_THAT(outliers, SizeIs(4)) << "two devices, two benchmarks: their node alone does not show it";
  for (const Check& check : outliers) {
    EXPECT_THAT(check.subject, HasSubstr("on node-3"));
    EXPECT_EQ(check.code, "PP-1301");
  }
  EXPECT_THAT(contradiction(fleet), IsEmpty());
  // Devices of another board are no peers.
  for (Report& report : reports)
    if (report.host.name == "node-3") report.device.spec.name = "Made-up 50";
  EXPECT_EQ(merged(reports).exit_code, exit_pass);
}

TEST(Fleet, MixturesAreNamed) {
  std::vector<Report> reports = nodes(3);
  EXPECT_THAT(of_fleet(merged(reports, {.schemas = {"1.4.0", "1.4.0", "1.4.0"}}), "run.fleet.mixed"), IsEmpty());
  reports[0].tool.version = "0.0.9";
  reports[1].device.facts["driver"] = "590";
  reports[2].device.spec.power_limit_w = 500;
  const Report fleet = merged(reports, {.schemas = {"1.3.0", "1.4.0", "1.4.0"}});
  const auto mixed = of_fleet(fleet, "run.fleet.mixed");
  ASSERT_THAT(mixed, SizeIs(4));
  EXPECT_EQ(fleet.exit_code, exit_pass) << "said, and no fault of a device";
  for (const Check& check : mixed) EXPECT_EQ(check.status, Status::warn);
}

TEST(Fleet, JudgedAgainItIsTheSame) {
  Report fleet = merged(nodes(6), {.hosts = {"node-1", "node-9"}});
  const std::string text = to_json(fleet);
  conclude_all(fleet, {&policy(), nullptr});
  EXPECT_EQ(to_json(fleet), text);
  Report read = from_json(text);
  EXPECT_THAT(contradiction(read), IsEmpty());
  conclude_all(read, {&policy(), nullptr});
  EXPECT_EQ(to_json(read), text);
}

// A node's verdict must not hang on the order in which its file was found.
TEST(Fleet, TheOrderOfTheFilesDoesNotMatter) {
  std::vector<Report> reports = nodes(12);
  reports[4] = made_report(5, 0.93, "node-5");
  const int code = merged(reports).exit_code;
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(reports.begin(), reports.end(), random);
    const Report fleet = merged(reports);
    EXPECT_EQ(fleet.exit_code, code);
    EXPECT_THAT(of_fleet(fleet, "fleet.peer"), SizeIs(2));
  }
}

TEST(Fleet, TwoHundredReportsTakeNoTime) {
  const Report fleet = merged(nodes(200), {.count = 200});
  EXPECT_THAT(fleet.members, SizeIs(200));
  EXPECT_EQ(fleet.exit_code, exit_pass);
  EXPECT_TRUE(fleet.samples_withheld);
  EXPECT_LT(to_json(fleet).size(), 5'000'000U) << "a fleet keeps figures, not samples";
  EXPECT_EQ(merged(nodes(200), {.count = 201}).exit_code, exit_rejected);
}

TEST(Utc, ReadsWhatReportsWrite) {
  EXPECT_EQ(utc_seconds("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(utc_seconds("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(utc_seconds("1969-12-31T18:30:00-05:30"), 0);
  EXPECT_EQ(utc_seconds("2026-11-22T10:04:54.25+00:00"), utc_seconds("2026-11-22T10:04:54Z").value() + 0.25);
  EXPECT_EQ(utc_seconds("2024-02-29T00:00:00Z"), 1709164800);
  for (const char* bad :
       {"", "now", "2026-11-22", "2026-11-22T10:04:54", "2026-13-22T10:04:54Z", "2026-02-30T10:04:54Z",
        "2026-11-22T25:04:54Z", "2026-11-22T10:04:54Zulu", "2026-11-22 10:04:54Z", "2026-11-22T10:04:54+1:00",
        "-026-11-22T10:04:54Z", "2026-11-22T1 :04:54Z", "2026-11-22T10:04:54."})
    EXPECT_EQ(utc_seconds(bad), std::nullopt) << bad;
  for (const double at : {0.0, 1.0, 86399.0, 951782400.0, 1709164800.0, 4102444799.0, -1.0})
    EXPECT_EQ(utc_seconds(utc_text(at)), at);
  EXPECT_EQ(utc_text(1709164800.9), "2024-02-29T00:00:00+00:00");
}

}  // namespace
}  // namespace peakproof::reports
