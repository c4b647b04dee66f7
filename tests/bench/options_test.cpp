#include "bench/harness/options.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "bench/harness/errors.hpp"
#include "bench/harness/runner.hpp"

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

/// The options and names of a command line of `peakproof run`.
struct Run {
  Options options;
  std::vector<std::string> named;
  std::vector<std::string> swept;
};

Run parsed_run(std::vector<std::string> arguments) {
  Run run;
  CLI::App app;
  app.add_option("names", run.named);
  add_measuring_options(app, run.options);
  add_sweep_names(app, run.options, run.swept);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  return run;
}

const std::vector<std::string> kKnown = {"fp32_fma", "fp64_fma", "dram"};
using Names = std::vector<std::string>;

Names meant(const Names& arguments) {
  const Run run = parsed_run(arguments);
  return benchmarks_meant(run.named, run.swept, kKnown);
}

TEST(SweepOption, TakesNamesInAnyOfItsForms) {
  EXPECT_FALSE(parsed_run({}).options.sweep);
  EXPECT_TRUE(parsed_run({"--sweep", "fp32_fma"}).options.sweep);
  EXPECT_EQ(meant({"--sweep", "fp32_fma"}), Names({"fp32_fma"}));
  EXPECT_EQ(meant({"--sweep=fp32_fma"}), Names({"fp32_fma"}));
  EXPECT_EQ(meant({"--sweep", "fp64_fma,fp32_fma"}), Names({"fp64_fma", "fp32_fma"}));
  EXPECT_EQ(meant({"--sweep", "fp64_fma", "--quick", "--sweep=fp32_fma,dram"}),
            Names({"fp64_fma", "fp32_fma", "dram"}));
  EXPECT_EQ(meant({"fp32_fma", "dram"}), Names({"fp32_fma", "dram"})) << "without --sweep, what is named";
  EXPECT_EQ(meant({}), Names());
}

TEST(SweepOption, NamesBesideItMustBeTheSame) {
  EXPECT_EQ(meant({"fp32_fma", "--sweep", "fp32_fma"}), Names({"fp32_fma"}));
  EXPECT_EQ(meant({"--sweep", "fp32_fma", "fp32_fma"}), Names({"fp32_fma"})) << "it takes one value, not what follows";
  EXPECT_EQ(meant({"fp64_fma", "fp32_fma", "--sweep", "fp32_fma,fp64_fma"}), Names({"fp32_fma", "fp64_fma"}));
  EXPECT_THROW(meant({"dram", "--sweep", "fp32_fma"}), UsageError);
  EXPECT_THROW(meant({"fp32_fma", "dram", "--sweep", "fp32_fma"}), UsageError);
  EXPECT_THROW(meant({"fp32_fma", "--sweep", "fp32_fma,fp64_fma"}), UsageError);
}

TEST(SweepOption, WhatCannotBeSweptIsRefused) {
  EXPECT_THROW(meant({"--sweep", "fp32_fma,fp32_fma"}), UsageError);
  EXPECT_THROW(meant({"--sweep", "fp32_fma", "--sweep", "fp32_fma"}), UsageError);
  for (const Names& bad : std::vector<Names>{{"--sweep"},
                                             {"--sweep="},
                                             {"--sweep", ""},
                                             {"--sweep", ","},
                                             {"--sweep", "fp32_fma,"},
                                             {"--sweep", ",fp32_fma"},
                                             {"--sweep", "fp32_fma,,fp64_fma"}})
    EXPECT_THROW(parsed_run(bad), CLI::ParseError) << bad.back();
  for (const Names& unknown : std::vector<Names>{{"--sweep", "nope"}, {"--sweep", "fp32_fma,nope"}, {"nope"}}) {
    try {
      static_cast<void>(meant(unknown));
      FAIL() << "nope was taken";
    } catch (const UsageError& error) {
      EXPECT_STREQ(error.what(), "unknown benchmark 'nope': there are fp32_fma, fp64_fma, dram");
    }
  }
}

Options parsed_sweep(std::vector<std::string> arguments) {
  Options options;
  CLI::App app;
  add_measuring_options(app, options);
  add_sweep_option(app, options);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  return options;
}

TEST(SweepOption, OfABenchmarkStandsAloneOrNamesShapes) {
  EXPECT_FALSE(parsed_sweep({}).sweep);
  for (const Names& alone : std::vector<Names>{{"--sweep"}, {"--sweep", "--quick"}, {"--quick", "--sweep"}}) {
    EXPECT_TRUE(parsed_sweep(alone).sweep);
    EXPECT_EQ(parsed_sweep(alone).sweep_over, "");
    EXPECT_EQ(parsed_sweep(alone).quick, alone.size() == 2) << "it swallows no other option";
  }
  for (const Names& shapes :
       std::vector<Names>{{"--sweep", "shapes"}, {"--sweep=shapes"}, {"--sweep", "shapes", "--quick"}}) {
    EXPECT_TRUE(parsed_sweep(shapes).sweep);
    EXPECT_EQ(parsed_sweep(shapes).sweep_over, "shapes");
  }
  for (const Names& bad : std::vector<Names>{{"--sweep=x"},
                                             {"--sweep=1"},
                                             {"--sweep=false"},
                                             {"--sweep=fp32_fma"},
                                             {"--sweep", "shape"},
                                             {"--sweep", "shapes,n"},
                                             {"--sweep", "shapes", "shapes"},
                                             {"--sweep", "shapes", "--sweep"}})
    EXPECT_THROW(parsed_sweep(bad), CLI::ParseError) << bad.back();
  try {
    static_cast<void>(parsed_sweep({"--sweep", "n"}));
    FAIL() << "n was taken";
  } catch (const CLI::ParseError& error) {
    EXPECT_NE(std::string(error.what()).find("give --sweep alone, or over one of shapes, size, in_flight, mix, stride"),
              std::string::npos)
        << error.what();
  }
}

TEST(SweepOption, GoesWithNothingThatJudgesOrTakesLong) {
  for (const Names& bad : std::vector<Names>{{"--min-efficiency", "0.5"}, {"--plateau"}}) {
    Names arguments = bad;
    arguments.insert(arguments.begin(), {"--sweep", "fp32_fma"});
    Options options = parsed_run(arguments).options;
    EXPECT_THROW(validate(options), UsageError) << bad.front();
  }
  Options quick = parsed_run({"--sweep", "fp32_fma", "--quick"}).options;
  EXPECT_NO_THROW(validate(quick));
}

TEST(Sweep, OnlyWhatDeclaredPointsIsSwept) {
  const Benchmark both{
      .name = "both", .declare_cuda = [](Registry&, CudaDevice&) {}, .declare_cpu = [](Registry&, CpuBackend&) {}};
  const Benchmark only_gpu{.name = "only_gpu", .declare_cuda = both.declare_cuda};
  constexpr auto gpu = theory::DeviceKind::gpu;
  constexpr auto cpu = theory::DeviceKind::cpu;
  const Case point{.name = "both", .params = {{"ilp", "2"}, {"warps_per_sm", "4"}}};
  const Case ordinary{.name = "both", .params = {{"ilp", "2"}}};
  const Case lacking{.name = "both", .skip = "the device lacks it"};
  EXPECT_NO_THROW(require_sweep(both, gpu, std::vector{point, point, lacking}));
  EXPECT_NO_THROW(require_sweep(both, cpu, std::vector{point}));
  EXPECT_NO_THROW(require_sweep(both, gpu, std::vector{lacking})) << "skipped with its reason";
  EXPECT_THROW(require_sweep(both, gpu, std::vector{ordinary}), UsageError);
  EXPECT_THROW(require_sweep(both, gpu, std::vector{point, ordinary}), UsageError);
  EXPECT_THROW(require_sweep(both, gpu, {}), UsageError);
  EXPECT_THROW(require_sweep(only_gpu, cpu, std::vector{lacking}), UsageError) << "it has nothing on this device";
}

TEST(Sweep, OverOneQuantityOrOverAllThatThereAre) {
  for (const char* what : {"size", "in_flight", "mix", "stride"}) {
    const Options one = parsed_sweep({"--sweep", what});
    EXPECT_TRUE(one.sweeps(what));
    EXPECT_FALSE(one.sweeps("shapes"));
    EXPECT_TRUE(parsed_sweep({"--sweep"}).sweeps(what));
    EXPECT_FALSE(parsed_sweep({}).sweeps(what));
  }
}

TEST(Sweep, OverShapesIsForWhatDeclaredShapes) {
  const Benchmark gemm{.name = "gemm", .declare_cuda = [](Registry&, CudaDevice&) {}};
  constexpr auto gpu = theory::DeviceKind::gpu;
  const Case shape{.name = "gemm", .params = {{"m", "128"}, {"n", "256"}, {"k", "64"}, {"sweep", "shapes"}}};
  const Case width{.name = "gemm", .params = {{"n", "64"}, {"sweep", "n"}}};
  const Case chain{.name = "gemm", .params = {{"ilp", "2"}, {"warps_per_sm", "4"}}};
  const Case ordinary{.name = "gemm", .params = {{"m", "128"}, {"n", "256"}, {"k", "64"}}};
  const Case lacking{.name = "gemm", .skip = "the device lacks it"};
  EXPECT_NO_THROW(require_sweep(gemm, gpu, std::vector{shape, lacking}, "shapes"));
  EXPECT_NO_THROW(require_sweep(gemm, gpu, std::vector{lacking}, "shapes"));
  EXPECT_NO_THROW(require_sweep(gemm, gpu, std::vector{shape})) << "a product sweeps over shapes, whatever is given";
  EXPECT_NO_THROW(require_sweep(gemm, gpu, std::vector{width, lacking}));
  EXPECT_THROW(require_sweep(gemm, gpu, std::vector{ordinary}, "shapes"), UsageError);
  EXPECT_THROW(require_sweep(gemm, gpu, {}, "shapes"), UsageError);
  for (const Case& other : {width, chain}) try {
      require_sweep(gemm, gpu, std::vector{other}, "shapes");
      FAIL() << other.params.begin()->first;
    } catch (const UsageError& error) {
      EXPECT_STREQ(error.what(), "gemm has no sweep over shapes: give --sweep alone");
    }
}

TEST(Options, DataByName) {
  EXPECT_EQ(parsed({}).data, DataChoice::random);
  EXPECT_EQ(parsed({"--data", "ones"}).data, DataChoice::ones);
  for (const auto choice : {DataChoice::random, DataChoice::zero, DataChoice::ones})
    EXPECT_EQ(parsed({"--data", data_name(choice)}).data, choice);
}

}  // namespace
}  // namespace peakproof::bench
