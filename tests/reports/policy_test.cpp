// A policy is read strictly, and the lint knows limits that can never fail or never pass.
#include "reports/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "reports/format.hpp"
#include "reports/sha256.hpp"
#include "theory/boards.hpp"

namespace peakproof::reports {
namespace {

using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// What is said of a text that is refused; empty: it is read.
std::string refusal(const std::string& text) {
  try {
    (void)read_policy(text);
    return "";
  } catch (const ReadError& error) {
    return error.what();
  }
}

std::string with_rule(const std::string& rule) {
  return "{\n\"schema\": \"1.0.0\", \"name\": \"x\", \"version\": \"1\", // a comment\n\"rules\": [\n" + rule + "\n]}";
}
const std::string kRule = R"({"id": "a", "measure": "issue", "code": "PP-1101", "source": "s"})";

TEST(ReadPolicy, WhatItHolds) {
  const std::string text = with_rule(R"(/* one */ {"id": "a", "measure": "peer", "subject": "dram*", "fail_below": 0.9,
    "architectures": ["9.0"], "least_z": 2, "required": false, "code": "PP-1301", "source": "s"})");
  const Policy policy = read_policy(text);
  ASSERT_EQ(policy.rules.size(), 1U);
  EXPECT_EQ(policy.rules[0].measure, Measure::peer);
  EXPECT_EQ(policy.rules[0].subject, "dram*");
  EXPECT_EQ(policy.rules[0].fail_below, 0.9);
  EXPECT_EQ(policy.rules[0].least_z, 2);
  EXPECT_FALSE(policy.rules[0].required);
  EXPECT_EQ(policy.text, text);
  EXPECT_EQ(policy.sha256, sha256(text));
  EXPECT_EQ(policy.retests, 2);
}

TEST(ReadPolicy, WhatItRefusesAndWhere) {
  struct Row {
    std::string text;
    const char* says;
  };
  const auto rule = [](const std::string& field) {
    return with_rule(R"({"id": "a", "measure": "issue", "code": "PP-1101", "source": "s",)" + ("\n" + field) + "}");
  };
  for (const auto& [text, says] : {
           Row{"", "parse error"},
           Row{"[]", "must be an object"},
           Row{"{\"schema\": \"1.0.0\"", "line 1"},
           Row{"{\n\n!", "line 3"},
           Row{"{}", "schema: is missing"},
           Row{R"({"schema": "2.0.0", "name": "x", "version": "1", "rules": []})", "another major version"},
           Row{R"({"schema": "1.0.0", "name": "", "version": "1", "rules": []})", "name: must not be empty"},
           Row{R"({"schema": "1.0.0", "name": "x", "version": "1"})", "rules: must be an array"},
           Row{R"({"schema": "1.0.0", "name": "x", "version": "1", "rules": [], "retests": 3})",
               "retests: must be 0, 1 or 2"},
           Row{R"({"schema": "1.0.0", "name": "x", "version": "1", "rules": [], "retests": 0.5})", "retests"},
           Row{R"({"schema": "1.0.0", "name": "x", "version": "1", "rules": [], "cool_down_s": -1})", "cool_down_s"},
           Row{R"({"schema": "1.0.0", "name": "x", "version": "1", "rules": [], "extra": 1})", "extra: is no field"},
           Row{rule("\"fail_bellow\": 0.9"), "line 5, rules/0/fail_bellow: is no field"},
           Row{rule("\"fail_below\": \"0.9\""), "line 5, rules/0/fail_below: must be a number"},
           Row{rule("\"fail_below\": NaN"), "line 5"},
           Row{rule("\"fail_below\": 1e999"), "1e999"},
           Row{rule("\"fail_below\": null"), "must be a number"},
           Row{rule("\"required\": 1"), "must be true or false"},
           Row{rule("\"architectures\": []"), "must be an array of texts, and not empty"},
           Row{rule("\"architectures\": [9.0]"), "nothing but texts"},
           Row{rule("\"subject\": \"\""), "subject: must not be empty"},
           Row{rule("\"outcome\": \"pass\""), "outcome"},
           Row{rule("\"id\": \"b\""), "the key \"id\" stands twice"},
           Row{with_rule(R"({"measure": "issue", "code": "PP-1101", "source": "s"})"), "id: is missing"},
           Row{with_rule(R"({"id": "a", "measure": "speed", "code": "PP-1101", "source": "s"})"),
               "measure: is none of"},
           Row{with_rule(R"({"id": "a", "measure": "issue", "code": "PP-1101"})"), "source: is missing"},
           Row{with_rule(kRule + ",\n" + kRule), "line 5, rules/1/id: \"a\" is the id of an earlier rule too"},
           Row{with_rule("7"), "rules/0: must be an object"},
           Row{std::string(100000, '['), "policy"},
           Row{"{\"schema\": " + std::string(1000, '[') + std::string(1000, ']') + "}", "nested too deep"},
           Row{"{\"schema\": \"\xff\"}", "policy"},
       }) {
    EXPECT_THAT(refusal(text), HasSubstr(says));
    EXPECT_EQ(refusal(text).find('\n'), std::string::npos);
  }
  EXPECT_EQ(refusal(with_rule(kRule)), "");
}

TEST(Globs, MatchAsShellsDo) {
  for (const auto& [globs, text, fits] :
       {std::tuple{"*", "", true}, std::tuple{"", "", true}, std::tuple{"", "a", false}, std::tuple{"a*", "abc", true},
        std::tuple{"*c", "abc", true}, std::tuple{"a?c", "abc", true}, std::tuple{"a?c", "ac", false},
        std::tuple{"*a*a*", "aa", true}, std::tuple{"*a*a*", "a", false}, std::tuple{"a|b", "b", true},
        std::tuple{"a|b", "c", false}, std::tuple{"a|", "", true}, std::tuple{"xid:4*", "xid:48", true},
        std::tuple{"dram", "dram/pattern:read", false}, std::tuple{"dram*", "dram/pattern:read", true}})
    EXPECT_EQ(matches_glob(globs, text), fits) << globs << " " << text;
}

TEST(Measures, NamesGoBothWays) {
  for (int i = 0; i <= static_cast<int>(Measure::validity); ++i) {
    const auto measure = static_cast<Measure>(i);
    EXPECT_EQ(measure_from_name(name(measure)), measure);
  }
  EXPECT_FALSE(measure_from_name("none"));
}

std::vector<KnownResult> known() {
  return {{"fp32_fma", theory::Pipe::fp32_fma, "FLOP/s"},
          {"dram", theory::Pipe::dram, "B/s"},
          {"pcie", theory::Pipe::pcie, "B/s"},
          {"launch", std::nullopt, ""}};
}

std::vector<theory::DeviceSpec> board(const char* name) {
  return {theory::device_spec(*theory::find_board(name).board)};
}

/// What the lint says of a policy with this rule, and one that is fine beside it.
std::string linted(Rule rule, const std::vector<theory::DeviceSpec>& devices = {}) {
  if (rule.code.empty()) rule.code = "PP-1101";
  if (rule.source.empty()) rule.source = "s";
  Policy policy;
  policy.rules = {std::move(rule), {.id = "fine", .measure = Measure::issue, .code = "PP-1101", .source = "s"}};
  std::string text;
  for (const auto& problem : lint(policy, devices, known())) text += problem.rule + ": " + problem.text + "\n";
  return text;
}

TEST(Lint, TheDefaultPolicyHasNothingWrong) {
  std::vector<theory::DeviceSpec> boards;
  for (const auto& b : theory::boards()) boards.push_back(theory::device_spec(b));
  auto results = known();
  results.push_back({"p2p", theory::Pipe::nvlink, "B/s"});
  for (const auto& problem : lint(default_policy(), boards, results)) ADD_FAILURE() << problem.rule << problem.text;
  for (const auto& problem : lint(default_policy(), {}, {})) ADD_FAILURE() << problem.rule << problem.text;
}

Rule absolute(const char* subject, double limit, const char* unit = "B/s") {
  return {.id = "x", .measure = Measure::absolute, .subject = subject, .fail_below = limit, .unit = unit};
}

// The two that are out in the world: facts of DCGM's diag-skus and of AWS's NCCL check.
TEST(Lint, TheLimitsThatFailedOpenAndShut) {
  EXPECT_THAT(linted(absolute("dram*", 2333), board("H200 SXM")), HasSubstr("of the peak of dram on"));
  EXPECT_THAT(linted(absolute("pcie*", 800e9), board("H200 SXM")), HasSubstr("of the peak of pcie on"));
  EXPECT_EQ(linted(absolute("dram*", 3.9e12), board("H200 SXM")), "");
  EXPECT_THAT(linted(absolute("dram*", 3.9e12), board("L40S")), HasSubstr("on L40S"));
  EXPECT_THAT(linted(absolute("dram*", 2333)), HasSubstr("not between 30 and 105 %")) << "on no known board";
  EXPECT_EQ(linted(absolute("dram*", 3.9e12)), "") << "on some";
  EXPECT_THAT(linted(absolute("fp32_fma", 60)), HasSubstr("the unit")) << "TFLOP/s slipped in";
  EXPECT_THAT(linted(absolute("fp32_fma", 60, "TFLOP/s")), HasSubstr("no prefixes"));
  EXPECT_THAT(linted(absolute("fp32_fma", 60, "FLOP/s")), HasSubstr("not between 30 and 105 %"));
  EXPECT_THAT(linted(absolute("fp32_fma", 6e13, "B/s")), HasSubstr("no peak is known"));
  Rule h100 = absolute("dram*", 3.9e12);
  h100.architectures = {"8.9"};
  EXPECT_THAT(linted(h100), HasSubstr("not between")) << "no Ada board has so much";
  EXPECT_EQ(linted(h100, board("H200 SXM")), "") << "the rule is not for this board";
}

TEST(Lint, OneSlipAtATime) {
  struct Row {
    Rule rule;
    const char* says;
  };
  const Rule spec{.id = "x", .measure = Measure::spec, .fail_below = 0.9};
  const auto change = [&spec](const auto& make) {
    Rule rule = spec;
    make(rule);
    return rule;
  };
  for (const auto& [rule, says] : {
           Row{spec, ""},
           Row{change([](Rule& r) { r.fail_below.reset(); }), "it can never fail"},
           Row{change([](Rule& r) { r.fail_below = 0; }), "can never be missed"},
           Row{change([](Rule& r) { r.fail_below = kNaN; }), "no finite number"},
           Row{change([](Rule& r) { r.fail_below = -0.9; }), "negative"},
           Row{change([](Rule& r) { r.fail_below = 95; }), "95 % is 0.95"},
           Row{change([](Rule& r) { r.fail_below = 0.29; }), "no fraction between"},
           Row{change([](Rule& r) { r.fail_below = 1.06; }), "no fraction between"},
           Row{change([](Rule& r) { r.unit = "%"; }), "the unit is"},
           Row{change([](Rule& r) { r.warn_below = 0.8; }), "never be heard"},
           Row{change([](Rule& r) { r.warn_below = 0.95; }), ""},
           Row{change([](Rule& r) {
                 r.fail_above = 1;
                 r.warn_above = 1.02;
               }),
               "never be heard"},
           Row{change([](Rule& r) { r.warn_above = 0.85; }), "nothing lies between"},
           Row{change([](Rule& r) { r.subject = "dramm*"; }), "no result is called"},
           Row{change([](Rule& r) { r.subject = "dram*|fp99"; }), "no result is called \"fp99\""},
           Row{change([](Rule& r) { r.subject = "dram/*pattern:read*"; }), ""},
           Row{change([](Rule& r) { r.architectures = {"9.1"}; }), "never reached"},
           Row{change([](Rule& r) {
                 r.architectures = {"9.*", "cpu"};
               }),
               ""},
           Row{change([](Rule& r) { r.code = "PP-0000"; }), "is not in the table"},
           Row{change([](Rule& r) { r.allowed = {"on"}; }), "allowed is for states only"},
           Row{change([](Rule& r) { r.reference = "ecc"; }), "reference is for states only"},
           Row{change([](Rule& r) { r.least_z = 2; }), "least_z is for peers only"},
           Row{change([](Rule& r) { r.condition = "x"; }), "condition can only be"},
           Row{change([](Rule& r) {
                 r.device_fault = true;
                 r.outcome = Status::error;
               }),
               "fault of the device"},
           Row{{.id = "x", .measure = Measure::reason, .subject = "hw_slowdown", .fail_above = 0.001, .unit = "s"}, ""},
           Row{{.id = "x", .measure = Measure::reason, .subject = "hw_slowdown", .fail_above = 1, .unit = "ms"},
               "the unit is"},
           Row{{.id = "x", .measure = Measure::reason, .subject = "hw_slow", .fail_above = 1, .unit = "s"},
               "no clock event reason"},
           Row{{.id = "x", .measure = Measure::counter, .subject = "pcie_replays", .fail_above = 80, .unit = "packets"},
               ""},
           Row{{.id = "x", .measure = Measure::counter, .subject = "pcie_replays", .fail_above = 80, .unit = "errors"},
               "that of pcie_replays is"},
           Row{{.id = "x", .measure = Measure::counter, .subject = "pcie_replay", .fail_above = 80, .unit = "packets"},
               "no counter is called"},
           Row{{.id = "x", .measure = Measure::counter, .subject = "pcie_replays", .fail_below = 80, .unit = "packets"},
               "no fault here"},
           Row{{.id = "x", .measure = Measure::counter, .subject = "pcie_replays", .unit = "packets"},
               "it can never fail"},
           Row{{.id = "x", .measure = Measure::state, .subject = "ecc", .allowed = {"on"}}, ""},
           Row{{.id = "x", .measure = Measure::state, .subject = "ecc_mode", .allowed = {"on"}}, "no fact or counter"},
           Row{{.id = "x", .measure = Measure::state, .subject = "ecc"}, "it can never fail"},
           Row{{.id = "x", .measure = Measure::event, .subject = "xid:79", .fail_above = 0, .unit = "events"}, ""},
           Row{{.id = "x", .measure = Measure::event, .subject = "79", .fail_above = 0, .unit = "events"}, "no event"},
           Row{{.id = "x", .measure = Measure::validity, .subject = "noise"}, "no aspect of validity"},
           Row{{.id = "x", .measure = Measure::validity, .subject = "quiet", .fail_below = 1}, "does not look at"},
       }) {
    const std::string problems = linted(rule);
    if (std::string_view(says).empty()) {
      EXPECT_EQ(problems, "");
    } else {
      EXPECT_THAT(problems, HasSubstr(says));
    }
  }
}

TEST(Lint, ThePolicyAsAWhole) {
  const auto texts = [](const Policy& policy) {
    std::string text;
    for (const auto& problem : lint(policy, {}, {})) text += problem.text + "\n";
    return text;
  };
  EXPECT_THAT(texts({}), HasSubstr("no rule is required"));
  Policy policy;
  policy.rules.assign(2, {.id = "a", .measure = Measure::issue, .code = "PP-1101", .source = "s"});
  EXPECT_THAT(texts(policy), HasSubstr("stands for several rules"));
  for (Rule& rule : policy.rules) rule.required = false;
  EXPECT_THAT(texts(policy), HasSubstr("no rule is required"));
}

}  // namespace
}  // namespace peakproof::reports
