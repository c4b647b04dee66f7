#include "reports/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace peakproof::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kRequired =
    R"("name": "Card", "compute_capability": "8.0", "sm_count": 108, "sm_clock_mhz": 1410)";

std::string with(const std::string& more) {
  return std::string("{") + kRequired + (more.empty() ? "" : ", " + more) + "}";
}

/// The description with the text of one required field changed.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = with("");
  text.replace(text.find(from), from.size(), to);
  return text;
}

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(spec_from_json(text));
  } catch (const SpecError& e) {
    return e.what();
  }
  return {};
}

TEST(Spec, AllFields) {
  const auto d = spec_from_json(with(R"("variant": "geforce", "tensor_clock_mhz": 1300, "base_clock_mhz": 1000.5,
      "memory_clock_mhz": 1593, "memory_type": "HBM2e", "memory_data_rate_gbps": 3.186, "memory_bus_bits": 5120,
      "memory_gb": 80, "l2_mb": 40, "power_limit_w": 400)"));
  EXPECT_EQ(d.name, "Card");
  EXPECT_EQ(d.kind, theory::DeviceKind::gpu);
  EXPECT_EQ(d.compute_capability, (theory::ComputeCapability{8, 0}));
  EXPECT_EQ(d.variant, theory::Variant::geforce);
  EXPECT_EQ(d.sm_count, 108);
  EXPECT_EQ(d.sm_clock_hz, 1.41e9);
  EXPECT_EQ(d.tensor_clock_hz, 1.3e9);
  EXPECT_EQ(d.base_clock_hz, 1.0005e9);
  EXPECT_EQ(d.memory_clock_hz, 1.593e9);
  EXPECT_EQ(d.memory_type, "HBM2e");
  EXPECT_DOUBLE_EQ(d.memory_data_rate_bps, 3.186e9);
  EXPECT_EQ(d.memory_bus_bits, 5120);
  EXPECT_EQ(d.memory_bytes, 80'000'000'000);
  EXPECT_EQ(d.l2_bytes, 40 * 1024 * 1024);
  EXPECT_EQ(d.power_limit_w, 400);
}

TEST(Spec, OptionalFieldsMayBeAbsent) {
  const auto d = spec_from_json(with(""));
  EXPECT_EQ(d.tensor_clock_hz, 0) << "the same as the SM clock";
  EXPECT_EQ(d.memory_data_rate_bps, 0);
  EXPECT_EQ(d.memory_type, "");
  EXPECT_EQ(d.variant, theory::variant_of_board("Card"));
  EXPECT_EQ(spec_from_json(changed("Card", "NVIDIA GeForce RTX 4090")).variant,
            theory::variant_of_board("NVIDIA GeForce RTX 4090"));
}

TEST(Spec, WholeNumbersMayBeWrittenAsFloats) {
  EXPECT_EQ(spec_from_json(changed("108", "108.0")).sm_count, 108);
  EXPECT_EQ(spec_from_json(changed("1410", "1.41e3")).sm_clock_hz, 1.41e9);
}

struct Bad {
  std::string text;
  std::string field;
  std::string found;
  std::string expected;
};

TEST(Spec, EachBadFieldIsNamedOnOneLine) {
  const std::vector<Bad> rows = {
      {changed(R"("name": "Card", )", ""), "name: ", "missing", "expected"},
      {changed(R"("compute_capability": "8.0", )", ""), "compute_capability: ", "missing", R"("9.0")"},
      {changed(R"("sm_count": 108, )", ""), "sm_count: ", "missing", "number of SMs"},
      {changed(R"(, "sm_clock_mhz": 1410)", ""), "sm_clock_mhz: ", "missing", "MHz"},
      {changed(R"("Card")", "7"), "name: ", "found the number 7", "text"},
      {changed(R"("Card")", R"("")"), "name: ", R"(found the text "")", "text"},
      {changed(R"("8.0")", "8.0"), "compute_capability: ", "found the number 8.0", R"(text such as "9.0")"},
      {changed(R"("8.0")", R"("eight")"), "compute_capability: ", R"(found the text "eight")", R"("9.0")"},
      {changed(R"("8.0")", R"("8")"), "compute_capability: ", R"(found the text "8")", R"("9.0")"},
      {changed(R"("8.0")", R"("-8.0")"), "compute_capability: ", R"(found the text "-8.0")", R"("9.0")"},
      {changed("108", "-1"), "sm_count: ", "found the number -1", "whole number between 1 and 10000"},
      {changed("108", "0"), "sm_count: ", "found the number 0", "whole number"},
      {changed("108", "1.5"), "sm_count: ", "found the number 1.5", "whole number"},
      {changed("108", "1000000000"), "sm_count: ", "found the number 1000000000", "between 1 and 10000"},
      {changed("108", R"("108")"), "sm_count: ", R"(found the text "108")", "whole number"},
      {changed("108", "null"), "sm_count: ", "found null", "whole number"},
      {changed("108", "true"), "sm_count: ", "found true", "whole number"},
      {changed("1410", "-1410"), "sm_clock_mhz: ", "found the number -1410", "MHz"},
      {changed("1410", "0"), "sm_clock_mhz: ", "found the number 0", "MHz"},
      {changed("1410", "1.41"), "sm_clock_mhz: ", "found the number 1.41", "between 10 and 100000 MHz"},
      {changed("1410", "1410000000"), "sm_clock_mhz: ", "found the number 1410000000", "between 10 and 100000 MHz"},
      {changed("1410", "[1410]"), "sm_clock_mhz: ", "found a list", "a number"},
      {changed("1410", "{}"), "sm_clock_mhz: ", "found an object", "a number"},
      {changed("1410", "NaN"), "sm_clock_mhz: ", "NaN", "a finite number"},
      {changed("1410", "nan"), "sm_clock_mhz: ", "nan", "a finite number"},
      {changed("1410", "Infinity"), "sm_clock_mhz: ", "Infinity", "a finite number"},
      {changed("1410", "-Infinity"), "sm_clock_mhz: ", "-Infinity", "a finite number"},
      {with(R"("tensor_clock_mhz": -1)"), "tensor_clock_mhz: ", "-1", "MHz"},
      {with(R"("base_clock_mhz": "fast")"), "base_clock_mhz: ", R"("fast")", "MHz"},
      {with(R"("memory_clock_mhz": 0)"), "memory_clock_mhz: ", "0", "MHz"},
      {with(R"("memory_type": 3)"), "memory_type: ", "number 3", "text"},
      {with(R"("memory_data_rate_gbps": 1e12)"), "memory_data_rate_gbps: ", "1000000000000", "Gbit/s per pin"},
      {with(R"("memory_bus_bits": 0.5)"), "memory_bus_bits: ", "0.5", "whole number"},
      {with(R"("memory_gb": -80)"), "memory_gb: ", "-80", "GB"},
      {with(R"("l2_mb": 0)"), "l2_mb: ", "0", "MB"},
      {with(R"("power_limit_w": 1e9)"), "power_limit_w: ", "1000000000", "W"},
      {with(R"("variant": "gamer")"), "variant: ", R"("gamer")", "datacenter_pro, geforce, a10g, l40"},
      {with(R"("variant": "any")"), "variant: ", R"("any")", "datacenter_pro"},
      {with(R"("variant": 1)"), "variant: ", "number 1", "datacenter_pro"},
      {with(R"("sm_clock": 3)"), "sm_clock: ", "no such field", "did you mean sm_clock_mhz?"},
      {with(R"("memory_bus_bit": 3)"), "memory_bus_bit: ", "no such field", "did you mean memory_bus_bits?"},
      {with(R"("colour": "green")"), "colour: ", "no such field", "the fields are name, compute_capability"},
      {with(R"("name": "twice")"), "name: ", "given twice", "expected once"},
  };
  for (const Bad& bad : rows) {
    const std::string message = complaint(bad.text);
    EXPECT_TRUE(message.starts_with(bad.field)) << bad.text << "\n" << message;
    EXPECT_THAT(message, AllOf(HasSubstr(bad.found), HasSubstr(bad.expected))) << bad.text;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(Spec, AllBadFieldsAreNamedAtOnce) {
  const std::string message = complaint(R"({"name": "", "sm_count": 0, "sm_clock_mhz": 1410, "memory_bits": 5120})");
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 3);
  for (const char* field : {"memory_bits: ", "compute_capability: ", "name: ", "sm_count: "})
    EXPECT_THAT(message, HasSubstr(field));
}

TEST(Spec, RefusesWhatIsNoObject) {
  EXPECT_THAT(complaint(""), HasSubstr("empty"));
  EXPECT_THAT(complaint("[]"), AllOf(HasSubstr("found a list"), HasSubstr("compute_capability")));
  EXPECT_THAT(complaint("name: Card"), HasSubstr("not JSON"));
  EXPECT_THAT(complaint(R"({"name": "Card")"), HasSubstr("cut off"));
  EXPECT_THAT(complaint(R"({"name": 1e999})"), HasSubstr("too large"));
}

TEST(Theory, AsJson) {
  theory::DeviceSpec d;
  d.name = "Card";
  d.compute_capability = {9, 0};
  d.sm_count = 100;
  const std::vector<theory::Peak> peaks = {{theory::Pipe::fp32_fma, 5.12e13, 2e9, "a formula", "a source"},
                                           {theory::Pipe::dram, 4e12, 0, "another", "sheet"}};
  const std::string text = theory_json(d, peaks);
  EXPECT_THAT(text, AllOf(HasSubstr(R"("name": "Card")"), HasSubstr(R"("compute_capability": "9.0")"),
                          HasSubstr(R"("sm_count": 100)"), HasSubstr(R"("sm_clock_hz": null)"),
                          HasSubstr(R"("pipe": "fp32_fma")"), HasSubstr(R"("per_second": 51200000000000.0)"),
                          HasSubstr(R"("unit": "FLOP/s")"), HasSubstr(R"("clock_hz": 2000000000.0)"),
                          HasSubstr(R"("formula": "a formula")"), HasSubstr(R"("source": "a source")"),
                          HasSubstr(R"("unit": "B/s")"), HasSubstr(R"("clock_hz": null)")));
  EXPECT_THAT(theory_json(d, {}), HasSubstr(R"("peaks": [])"));
}

}  // namespace
}  // namespace peakproof::reports
