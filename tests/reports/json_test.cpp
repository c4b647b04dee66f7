#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "example_networks.hpp"
#include "example_report.hpp"
#include "reports/format.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What from_json says of a text; empty if it reads it.
std::string complaint(const std::string& text) {
  try {
    static_cast<void>(from_json(text));
  } catch (const ReadError& e) {
    return e.what();
  }
  return {};
}

Report without_networks(Report report) {
  for (Result& result : report.results) {
    result.inference.reset();
    result.training.reset();
  }
  return report;
}

Json example() { return Json::parse(to_json(example_report())); }

TEST(RoundTrip, OfTheExamples) {
  for (const Report& report : {example_report(), example_acceptance(), example_node()})
    EXPECT_THAT(differences(from_json(to_json(report)), report), IsEmpty());
}

TEST(RoundTrip, OfAnything) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Report report = random_report(seed);
    const std::string text = to_json(report);
    const Report back = from_json(text);
    ASSERT_THAT(differences(back, report), IsEmpty()) << seed;
    ASSERT_EQ(to_json(back), text) << seed;
  }
}

TEST(RoundTrip, TheComparisonSeesDifferences) {
  Report other = example_report();
  other.results[0].samples[3].seconds = std::nextafter(other.results[0].samples[3].seconds, 1);
  other.device.facts["ecc"] = "off";
  EXPECT_THAT(differences(example_report(), other),
              testing::ElementsAre("device.facts", "results[0].samples[3].seconds"));
}

TEST(RoundTrip, TheComparisonSeesDifferencesOfMembersAndHealth) {
  Report other = example_node();
  other.members[1].checks[0].status = Status::pass;
  other.members[2].health->timeline[3].clock_reasons = 1;
  EXPECT_THAT(differences(example_node(), other),
              testing::ElementsAre("members[1].checks[0].status", "members[2].health.timeline[3].clock_reasons"));
}

TEST(RoundTrip, AFailedCheckStaysFailed) {
  Report report = example_report();
  for (const double bad : {std::nan(""), HUGE_VAL}) {
    report.results[0].verification = {.method = "m", .items = 1, .relative_error = bad, .tolerance = 1e-3};
    EXPECT_FALSE(from_json(to_json(report)).results[0].verification.passed());
    for (auto Verification::*error : {&Verification::rmse, &Verification::mae, &Verification::max_error}) {
      report.results[0].verification = {.method = "m", .items = 1};
      report.results[0].verification.*error = bad;
      EXPECT_FALSE(from_json(to_json(report)).results[0].verification.passed());
    }
  }
}

TEST(RoundTrip, BytesThatAreNoUtf8DoNotCostTheReport) {
  Report report = example_report();
  report.device.spec.name = "bad \xff name";
  EXPECT_EQ(from_json(to_json(report)).device.spec.name, "bad \xef\xbf\xbd name");
}

TEST(Writing, IsStrictJsonWithThreeParts) {
  const Json json = example();
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("context", "benchmarks", "peakproof"));
  EXPECT_EQ(json["peakproof"]["schema"], std::string(kSchemaVersion));
  EXPECT_EQ(json["peakproof"]["exit_code"], 1);
  EXPECT_EQ(json["peakproof"]["verdict"], "rejected");
  EXPECT_EQ(json["context"]["json_schema_version"], 1);
  EXPECT_EQ(json["context"]["date"], example_report().started);
  EXPECT_TRUE(json["context"]["mhz_per_cpu"].is_number_integer());
  EXPECT_EQ(json["context"]["mhz_per_cpu"], 3200);
  EXPECT_EQ(json["context"]["caches"], Json::array());
}

TEST(Writing, RowsAreFiniteAndHoldOneRate) {
  const Report report = example_report();
  const Json rows = example()["benchmarks"];
  std::vector<std::string> names;
  for (const Json& row : rows) {
    names.push_back(row["name"]);
    for (const auto& [key, value] : row.items()) EXPECT_TRUE(value.is_string() || value.is_number()) << key;
    EXPECT_TRUE(row["real_time"].is_number_float());
    EXPECT_EQ(row["real_time"], row["cpu_time"]);
    EXPECT_EQ(row["time_unit"], "ms");
    EXPECT_NE(row.contains("items_per_second"), row.contains("bytes_per_second")) << row["name"];
  }
  // No row for what is wrong, failed or skipped: another tool would chart it as a figure.
  EXPECT_THAT(
      names,
      testing::ElementsAre(
          "fp32_fma/data:random/ilp:8", "dram_copy/bytes:16000000000", "wmma_gemm/k:8192/m:8192/n:8192", "fp64_fma",
          "int32_add", "latency_arithmetic/instruction:FFMA", "wmma_gemm/k:8192/m:8192/mode:burst/n:8192",
          "wmma_gemm/k:4096/m:2048/n:1024/sweep:shapes/type:fp16",
          "wmma_gemm/k:2048/m:1024/n:1024/sweep:shapes/type:fp16",
          "wmma_gemm/k:2048/m:2048/n:1024/sweep:shapes/type:fp16",
          "wmma_gemm/k:2048/m:1024/n:2048/sweep:shapes/type:fp16",
          "wmma_gemm/k:2048/m:2048/n:2048/sweep:shapes/type:fp16",
          "wmma_gemm/k:4096/m:1024/n:1024/sweep:shapes/type:fp16", "fp32_fma/ilp:1/warps_per_sm:32",
          "fp32_fma/ilp:1/warps_per_sm:4", "fp32_fma/ilp:1/warps_per_sm:8", "fp32_fma/ilp:8/warps_per_sm:4",
          "fp32_fma/ilp:2/warps_per_sm:4", "fp32_fma/ilp:2/warps_per_sm:32", "fp32_fma/ilp:2/warps_per_sm:8",
          "dram/bytes_in_flight_per_sm:131072/pattern:read/sweep:in_flight",
          "dram/bytes_in_flight_per_sm:512/pattern:read/sweep:in_flight",
          "dram/bytes_in_flight_per_sm:8192/pattern:read/sweep:in_flight",
          "dram/bytes_in_flight_per_sm:2048/pattern:read/sweep:in_flight",
          "dram/bytes_in_flight_per_sm:32768/pattern:read/sweep:in_flight", "dram/bytes:16384/pattern:read/sweep:size",
          "dram/bytes:17179869184/pattern:read/sweep:size", "dram/bytes:16384/pattern:copy/sweep:size",
          "dram/bytes:16777216/pattern:copy/sweep:size", "launch/what:graph_node",
          "inference/batch:256/network:mlp/precision:fp16", "inference/batch:1/network:mlp/precision:int8",
          "training/batch:32/network:mlp/precision:fp32", "training/batch:256/network:mlp/precision:fp32",
          "inference/batch:1/network:mlp/precision:fp16/sweep:batch",
          "inference/batch:32/network:mlp/precision:fp16/sweep:batch"));
  EXPECT_DOUBLE_EQ(rows[0]["real_time"].get<double>(), report.results[0].summary.median_s * 1e3);
  EXPECT_EQ(rows[1]["bytes_per_second"].get<double>(), report.results[1].achieved_per_s);
  EXPECT_FALSE(rows[4].contains("ci95_low_s")) << "an infinite interval is left out";
  EXPECT_EQ(rows[5]["latency_cycles"].get<double>(), report.results[8].latency->cycles);
  EXPECT_EQ(rows[5]["latency_ns"].get<double>(), *report.results[8].latency->ns);
  EXPECT_FALSE(rows[0].contains("latency_cycles"));
  EXPECT_EQ(rows[2]["power_w"], 693);
  EXPECT_FALSE(rows[0].contains("power_w"));
  EXPECT_EQ(rows[6]["spread_ratio"].get<double>(), issue_spread(report.results[9].samples)) << "of the burst";
}

TEST(Writing, TheItemsOfANetworkAreWhatGoesIn) {
  Report report = example_report();
  report.results = example_networks();
  const Json rows = Json::parse(to_json(report))["benchmarks"];
  const Inference& full = *report.results[0].inference;
  EXPECT_EQ(rows[0]["items_per_second"].get<double>(), full.items_per_s);
  EXPECT_EQ(rows[0]["achieved_per_s"].get<double>(), report.results[0].achieved_per_s);
  EXPECT_EQ(rows[0]["latency_p99_s"].get<double>(), *full.p99_s);
  EXPECT_EQ(rows[0]["batch_count"], 256);
  EXPECT_FALSE(rows[0].contains("time_to_target_s"));
  EXPECT_FALSE(rows[1].contains("latency_p99_s")) << "of too few passes: no 0";
  EXPECT_FALSE(rows[1].contains("predicted_s"));
  EXPECT_EQ(rows[1]["accuracy_ratio"], 0.9694);
  EXPECT_EQ(rows[2]["items_per_second"].get<double>(), report.results[3].training->samples_per_s);
  EXPECT_EQ(rows[2]["epochs_to_target_count"], 6);
  EXPECT_FALSE(rows[3].contains("epochs_to_target_count"));
  report.results[0].inference->items_per_s = std::nan("");
  EXPECT_FALSE(Json::parse(to_json(report))["benchmarks"][0].contains("items_per_second"));
}

TEST(Writing, RowsOfOneBenchmarkAreOneFamily) {
  Report report = example_report();
  Result second = report.results[0];
  second.params["ilp"] = "4";
  report.results.push_back(second);
  const Json rows = Json::parse(to_json(report))["benchmarks"];
  EXPECT_EQ(rows[0]["family_index"], 0);
  EXPECT_EQ(rows[1]["family_index"], 1);
  EXPECT_EQ(rows.back()["family_index"], 0);
  EXPECT_EQ(rows.back()["per_family_instance_index"], 8) << "behind the seven points of the sweep";
}

TEST(Writing, RowsOfANodeSayWhose) {
  Report fleet = example_node();
  fleet.scope = Scope::fleet;
  fleet.members = {example_node(), example_node()};
  for (const Report& report : {example_node(), fleet}) {
    std::set<std::string> names;
    const Json rows = Json::parse(to_json(report))["benchmarks"];
    for (const Json& row : rows) names.insert(row["name"].get<std::string>());
    EXPECT_EQ(names.size(), rows.size()) << "every name once";
    EXPECT_EQ(rows.size(), report.scope == Scope::node ? 6U : 12U);
    EXPECT_TRUE(names.contains(report.scope == Scope::node ? "fp32_fma/gpu:1/ilp:8"
                                                           : "fp32_fma/node:lab-node-7.example.org#2/gpu:1/ilp:8"));
  }
}

TEST(Writing, NoUsableTimeNoRow) {
  Report report = example_report();
  for (const double bad : {std::nan(""), HUGE_VAL, 0.0, -1.0}) {
    report.results[0].summary.median_s = bad;
    EXPECT_EQ(Json::parse(to_json(report))["benchmarks"][0]["name"], "dram_copy/bytes:16000000000") << bad;
  }
}

TEST(Reading, RefusesWhatIsNoJson) {
  const std::string text = to_json(example_report());
  for (std::size_t length = 0; length + 2 < text.size(); length += 211) {
    const std::string message = complaint(text.substr(0, length));
    EXPECT_FALSE(message.empty()) << length;
    EXPECT_THAT(message, Not(HasSubstr("\n")));
  }
  EXPECT_THAT(complaint(""), HasSubstr("empty"));
  EXPECT_THAT(complaint(text.substr(0, 500)), HasSubstr("cut off"));
  EXPECT_THAT(complaint("# PeakProof 0.1.0"), HasSubstr("not JSON"));
  EXPECT_THAT(complaint("{\n  \"a\": NaN}"), AllOf(HasSubstr("a: "), HasSubstr("NaN"), HasSubstr("line 2, column 8")));
  EXPECT_THAT(complaint("{\"a\": 1e999}"), HasSubstr("too large"));
  EXPECT_THAT(complaint("{\"a\": 1, \"a\": 2}"), HasSubstr("a: the field is given twice"));
}

TEST(Reading, SurvivesAnyDamage) {
  const std::string text = to_json(example_report());
  std::mt19937_64 random(5);
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::string damaged = text;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
    refused += complaint(damaged).empty() ? 0 : 1;  // anything but a ReadError would end the test
  }
  EXPECT_GT(refused, 100);
  EXPECT_THAT(complaint(std::string(200'000, '[')), HasSubstr("cut off"));
}

TEST(Reading, RefusesWhatIsNoReport) {
  for (const char* text : {"[]", "3", "null", "{}", R"({"context": {}, "benchmarks": []})"}) {
    EXPECT_THAT(complaint(text), HasSubstr("not a report that PeakProof wrote")) << text;
  }
  EXPECT_THAT(complaint(R"({"peakproof": 3})"), HasSubstr("peakproof: expected an object, found the number 3"));
  EXPECT_THAT(complaint(R"({"peakproof": {}})"), HasSubstr("peakproof.schema: the field is missing"));
}

TEST(Reading, RefusesAnotherMajorVersionOnly) {
  Json json = example();
  for (const char* version : {"0.9.0", "2.0.0", "10.0.0", "", "one"}) {
    json["peakproof"]["schema"] = version;
    EXPECT_THAT(complaint(json.dump()), AllOf(HasSubstr("peakproof.schema"), HasSubstr("1.x"))) << version;
  }
  json["peakproof"]["schema"] = "1.7.3";
  json["peakproof"]["a_later_field"] = 1;
  EXPECT_EQ(complaint(json.dump()), "");
}

TEST(Reading, AReportOfVersion1_0HasNoLatency) {
  Json json = example();
  json["peakproof"]["schema"] = "1.0.0";
  for (Json& result : json["peakproof"]["results"]) {
    result.erase("latency");
    for (Json& sample : result["samples"]) sample.erase("latency_cycles");
  }
  const Report old = from_json(json.dump());
  for (const Result& result : old.results) EXPECT_FALSE(result.latency);
}

TEST(Reading, AReportOfVersion1_1HasNoPowerNoErrorsAndOneRateOfAReference) {
  Json json = example();
  json["peakproof"]["schema"] = "1.1.0";
  for (Json& result : json["peakproof"]["results"]) {
    result["summary"].erase("median_power_w");
    for (Json& sample : result["samples"]) sample.erase("power_w");
    for (const char* key : {"rmse", "mae", "max_error"}) result["verification"].erase(key);
    if (result["reference"].is_object())
      for (const char* key : {"own_achieved_per_s", "own_sm_clock_hz"}) result["reference"].erase(key);
  }
  const Report old = from_json(json.dump());
  EXPECT_FALSE(old.results[2].summary.median_power_w);
  EXPECT_FALSE(old.results[2].samples[0].power_w);
  EXPECT_FALSE(old.results[2].verification.rmse);
  EXPECT_FALSE(old.results[2].reference->own_achieved_per_s);
  EXPECT_EQ(judge(old.results[2]), judge(example_report().results[2]));
}

TEST(RoundTrip, AReadingThatIsNoNumberStaysAnError) {
  Report report = example_report();
  Result& result = report.results[8];
  result.samples[2].latency_cycles = std::nan("");
  result.latency = latency(result.samples);
  result.verdict = Verdict::error;
  const Result back = from_json(to_json(report)).results[8];
  EXPECT_EQ(judge(back), Verdict::error);
  ASSERT_TRUE(back.samples[2].latency_cycles);
  EXPECT_TRUE(std::isnan(*back.samples[2].latency_cycles));
  EXPECT_THAT(differences(from_json(to_json(report)), report), IsEmpty());
}

TEST(Reading, RefusesAChangedOutcomeOfTheCheck) {
  Json json = example();
  json["peakproof"]["results"][5]["verification"]["passed"] = true;
  EXPECT_THAT(complaint(json.dump()), HasSubstr("peakproof.results[5].verification.passed"));
}

TEST(Reading, NumbersMustFit) {
  const std::pair<const char*, Json> rows[] = {
      {"exit_code", 3000000000}, {"exit_code", 1.5}, {"exit_code", -3000000000}, {"exit_code", 18446744073709551615U}};
  for (const auto& [key, value] : rows) {
    Json json = example();
    json["peakproof"][key] = value;
    EXPECT_THAT(complaint(json.dump()), HasSubstr("peakproof.exit_code: expected a whole number of 32 bits")) << value;
  }
}

TEST(Reading, AReportOfVersion1_3IsOfOneDeviceAndNoAcceptance) {
  Json json = example();
  json["peakproof"]["schema"] = "1.3.0";
  for (const char* key : {"run_id", "scope", "acceptance", "checks", "samples_withheld", "health", "members"})
    json["peakproof"].erase(key);
  for (Json& result : json["peakproof"]["results"]) {
    for (const char* key : {"telemetry", "attempts", "inference", "training"}) result.erase(key);
    for (const char* key : {"not_numbers", "units", "wrong_units"}) result["verification"].erase(key);
  }
  const Report old = from_json(json.dump());
  EXPECT_THAT(differences(old, without_networks(example_report())), IsEmpty()) << "the example has none of the others";
  EXPECT_EQ(contradiction(old), "");
}

TEST(Reading, AReportOfVersion1_4HasNoNetworks) {
  Json json = example();
  json["peakproof"]["schema"] = "1.4.0";
  for (Json& result : json["peakproof"]["results"])
    for (const char* key : {"inference", "training"}) result.erase(key);
  EXPECT_THAT(differences(from_json(json.dump()), without_networks(example_report())), IsEmpty());
}

TEST(Reading, MembersHaveNoDeeperMembers) {
  Report fleet = example_node();
  fleet.scope = Scope::fleet;
  fleet.members = {example_node()};
  EXPECT_EQ(complaint(to_json(fleet)), "");
  fleet.members[0].members[0].members = {example_acceptance()};
  EXPECT_THAT(complaint(to_json(fleet)),
              HasSubstr("peakproof.members[0].members[0].members[0]: expected no member: a fleet holds nodes"));
}

TEST(Reading, ColumnsOfATimelineAreOfOneLength) {
  Json json = Json::parse(to_json(example_acceptance()));
  json["peakproof"]["health"]["timeline"]["power_w"].erase(0);
  EXPECT_THAT(complaint(json.dump()),
              HasSubstr("peakproof.health.timeline.power_w: expected as many values as at_s has"));
}

TEST(Reading, BitsAreHexadecimal) {
  for (const char* bad : {"", "0x", "4194304", "0x1g", "0x00000000000000001ffffffffffffffff", "0x-1"}) {
    Json json = Json::parse(to_json(example_acceptance()));
    json["peakproof"]["results"][3]["verification"]["wrong_units"][0]["bits"] = bad;
    EXPECT_THAT(complaint(json.dump()), HasSubstr("wrong_units[0].bits: expected bits such as")) << bad;
  }
}

TEST(Compact, WithholdsSamplesOnlyWhereItMust) {
  const Report report = example_node();
  const std::string whole = compact_json(report, 10'000'000);
  EXPECT_THAT(differences(from_json(whole), report), IsEmpty());
  EXPECT_THAT(whole, Not(HasSubstr("\n ")));
  const std::string shorter = compact_json(report, whole.size() - 1);
  EXPECT_LT(shorter.size(), whole.size());
  const Report back = from_json(shorter);
  EXPECT_TRUE(back.samples_withheld);
  for (const Report& member : back.members) {
    EXPECT_TRUE(member.samples_withheld);
    for (const Result& result : member.results) {
      EXPECT_THAT(result.samples, IsEmpty());
      EXPECT_EQ(judge(result), result.verdict) << "the figures stand";
    }
    EXPECT_FALSE(member.results[0].unit_maps.empty()) << "not more than it takes";
  }
  EXPECT_EQ(contradiction(back), "");
  const Report least = from_json(compact_json(report, 0));
  EXPECT_THAT(least.members[0].results[0].unit_maps, IsEmpty());
  EXPECT_THAT(least.members[0].health->timeline, testing::SizeIs(1)) << "that the reasons were known stays known";
  EXPECT_FALSE(least.members[0].health->counters.empty());
  EXPECT_EQ(contradiction(least), "");
}

TEST(Compact, APlainReportStillSaysNothingAgainstItself) {
  EXPECT_EQ(contradiction(from_json(compact_json(example_report(), 0))), "");
}

/// Visits every value below `here`, with its path as a reader writes it and as a pointer.
template <typename Visit>
void walk(const Json& here, const std::string& path, const Json::json_pointer& pointer, const Visit& visit) {
  const auto step = [&](const Json& value, const std::string& part, const Json::json_pointer& next) {
    std::string longer = path;
    longer.append(part);
    visit(value, longer, next);
    walk(value, longer, next, visit);
  };
  if (here.is_object()) {
    for (const auto& [key, value] : here.items()) step(value, std::string(".").append(key), pointer / key);
  } else if (here.is_array()) {
    for (std::size_t i = 0; i < here.size(); ++i) {
      step(here[i], std::string("[").append(std::to_string(i)).append("]"), pointer / i);
    }
  }
}

/// Whether elements before it in its list are made alike, so that it shows nothing new.
bool alike(const std::string& path) {
  // The example has a result of every kind among its first ten; what follows are points of sweeps.
  if (std::size_t digits = path.find("results["); digits != std::string::npos && std::isdigit(path[digits + 9]) != 0)
    return true;
  for (const char* list :
       {"samples[", "at_s[", "sm_clock_hz[", "power_w[", "temperature_c[", "clock_reasons[", "layers[", "curve["}) {
    const std::size_t at = path.find(list);
    if (at != std::string::npos && path.compare(at + std::string(list).size(), 2, "0]") != 0) return true;
  }
  return false;
}

Json other_type(const Json& value) {
  if (value.is_null()) return Json::array();
  return value.is_string() || value.is_object() ? Json(42) : Json("text");
}

/// One of every field: the results of the example, and of the acceptance what only it has.
Json everything() {
  Report report = example_acceptance();
  const Report plain = example_report();
  report.results.insert(report.results.begin() + 4, plain.results.begin(), plain.results.begin() + 5);
  report.results.erase(report.results.begin() + 9, report.results.end());
  report.results.push_back(plain.results[8]);
  report.results[8].inference = example_networks()[0].inference;
  report.results[9].training = example_networks()[3].training;
  return Json::parse(to_json(report));
}

TEST(Reading, NamesEveryFieldOfTheWrongType) {
  const Json original = everything();
  int visited = 0;
  walk(original["peakproof"], "peakproof", Json::json_pointer("/peakproof"),
       [&](const Json& value, const std::string& path, const Json::json_pointer& pointer) {
         if (alike(path)) return;
         Json changed = original;
         changed[pointer] = other_type(value);
         const std::string message = complaint(changed.dump());
         EXPECT_THAT(message, HasSubstr(path + ": expected")) << path;
         EXPECT_THAT(message, Not(HasSubstr("\n")));
         ++visited;
       });
  EXPECT_GT(visited, 400);
}

TEST(Reading, NamesEveryMissingField) {
  // Never set, or not there in an older version.
  const std::vector<const char*> may_lack = {
      ".relative_error",  ".tolerance",        ".rmse",           ".mae",
      ".max_error",       ".latency",          ".median_power_w", ".own_achieved_per_s",
      ".own_sm_clock_hz", ".run_id",           ".scope",          ".acceptance",
      ".checks",          ".samples_withheld", ".health",         ".members",
      ".telemetry",       ".attempts",         ".not_numbers",    ".units",
      ".wrong_units",     ".inference",        ".training"};
  const Json original = everything();
  int visited = 0;
  walk(original["peakproof"], "peakproof", Json::json_pointer("/peakproof"),
       [&](const Json&, const std::string& path, const Json::json_pointer& pointer) {
         const bool open_list = original[pointer.parent_pointer()].is_array();
         const bool free_names =
             path.find(".params.") != std::string::npos || path.find(".facts.") != std::string::npos ||
             path.find(".counts.") != std::string::npos || path.find(".reasons.") != std::string::npos ||
             path.find(".ceilings.") != std::string::npos;
         const bool may_be_absent =
             std::any_of(may_lack.begin(), may_lack.end(), [&](const char* name) { return path.ends_with(name); });
         if (open_list || free_names || may_be_absent || path.find("samples[") != std::string::npos || alike(path))
           return;
         Json changed = original;
         changed[pointer.parent_pointer()].erase(pointer.back());
         EXPECT_EQ(complaint(changed.dump()), path + ": the field is missing");
         ++visited;
       });
  EXPECT_GT(visited, 300);
}

TEST(Reading, TheGoldenFileIsAReport) {
  std::ifstream in(std::string(PEAKPROOF_GOLDEN_FOLDER) + "/example.json", std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_THAT(differences(from_json(text.str()), example_report()), IsEmpty());
}

}  // namespace
}  // namespace peakproof::reports
