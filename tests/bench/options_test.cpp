#include "bench/harness/options.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "bench/harness/errors.hpp"

namespace peakproof::bench {
namespace {

Options parsed(std::vector<std::string> arguments) {
  Options options;
  CLI::App app;
  app.allow_extras();
  add_measuring_options(app, options);
  arguments = with_explicit_outputs(std::move(arguments));
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  options.google_arguments = app.remaining();
  return options;
}

TEST(Options, ABareOutputGoesToStdoutAndSwallowsNothing) {
  const auto options = parsed({"--json", "--device", "cpu"});
  EXPECT_EQ(options.outputs.at("json"), "-");
  EXPECT_EQ(options.device, "cpu");
  EXPECT_EQ(with_explicit_outputs({"--md", "fp32_fma", "--csv=x", "--jsonx"}),
            (std::vector<std::string>{"--md=-", "fp32_fma", "--csv=x", "--jsonx"}));
}

TEST(Options, WhatCannotBeADeviceIsSeenWithoutADriver) {
  for (const char* good :
       {"", "cpu", "cuda", "cuda:0", "GPU-11112222-aaaa", "MIG-11112222-aaaa", "17:00.0", "0000:17:00.0"})
    EXPECT_TRUE(names_a_device(good)) << good;
  for (const char* bad : {"banana", "cuda:", "cuda:x", "cuda:-1", "GPU-", "17:00", "0", "cpu0"})
    EXPECT_FALSE(names_a_device(bad)) << bad;
}

TEST(Options, FilesAndStdoutTogether) {
  auto options = parsed({"--json=a.json", "--md=b.md", "--csv"});
  EXPECT_NO_THROW(validate(options));
  EXPECT_EQ(options.outputs.at("json"), "a.json");
  EXPECT_EQ(options.outputs.at("csv"), "-");
}

TEST(Options, OneFormatOnStdoutAtMost) {
  auto options = parsed({"--json", "--md"});
  EXPECT_THROW(validate(options), UsageError);
}

TEST(Options, GoogleBenchmarksOutputFlagsNameOurs) {
  for (const char* flag : {"--benchmark_format=json", "--benchmark_out=x.json", "--benchmark_out_format=csv"}) {
    auto options = parsed({flag});
    try {
      validate(options);
      FAIL() << flag << " was taken";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find("--json"), std::string::npos) << error.what();
    }
  }
  auto filter = parsed({"--benchmark_filter=fp32"});
  EXPECT_NO_THROW(validate(filter));
  auto unknown = parsed({"--benchmark"});
  EXPECT_THROW(validate(unknown), UsageError);
}

TEST(Options, BadValuesAreRefused) {
  for (const std::vector<std::string>& bad : std::vector<std::vector<std::string>>{{"--data", "noise"},
                                                                                   {"--data", "1"},
                                                                                   {"--timeout", "nan"},
                                                                                   {"--data"},
                                                                                   {"--min-efficiency", "0"},
                                                                                   {"--min-efficiency", "-0.5"},
                                                                                   {"--min-efficiency", "1.01"},
                                                                                   {"--min-efficiency", "nan"},
                                                                                   {"--min-efficiency", "much"},
                                                                                   {"--timeout", "0"},
                                                                                   {"--timeout", "soon"},
                                                                                   {"--size", "0"},
                                                                                   {"--size", "-1"},
                                                                                   {"--size", "4GB/s"},
                                                                                   {"--size", "inf"},
                                                                                   {"--m", "0"},
                                                                                   {"--n", "1.5"},
                                                                                   {"--k", "many"},
                                                                                   {"--json="}})
    EXPECT_THROW(parsed(bad), CLI::ParseError) << bad.front() << ' ' << bad.back();
}

TEST(Options, Sizes) {
  EXPECT_EQ(parsed({"--size", "4GiB"}).size_bytes, std::int64_t{4} << 30);
  EXPECT_EQ(parsed({"--size", "1GB"}).size_bytes, 1'000'000'000);
  EXPECT_EQ(parsed({"--size", "4096"}).size_bytes, 4096);
  EXPECT_EQ(parsed({"--size", "1.5KiB"}).size_bytes, 1536);
}

TEST(Options, DataByName) {
  EXPECT_EQ(parsed({}).data, DataChoice::random);
  EXPECT_EQ(parsed({"--data", "ones"}).data, DataChoice::ones);
  for (const auto choice : {DataChoice::random, DataChoice::zero, DataChoice::ones})
    EXPECT_EQ(parsed({"--data", data_name(choice)}).data, choice);
}

}  // namespace
}  // namespace peakproof::bench
