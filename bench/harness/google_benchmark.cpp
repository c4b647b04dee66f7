// The only file of the project that includes benchmark/benchmark.h.
#include "bench/harness/google_benchmark.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <map>
#include <sstream>
#include <utility>

#include "bench/harness/errors.hpp"

namespace peakproof::bench {
namespace {

/// Says nothing: what is told comes from our own Report.
class SilentReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

/// Registers a one-iteration benchmark per name and runs those that the filter leaves.
std::size_t run_all(const std::vector<std::string>& names, const std::function<double(const Turn&)>& body,
                    const std::optional<std::string>& filter = std::nullopt) {
  std::map<std::size_t, int> repetitions;
  benchmark::ClearRegisteredBenchmarks();
  for (std::size_t i = 0; i < names.size(); ++i)
    benchmark::RegisterBenchmark(names[i].c_str(),
                                 [&, i](benchmark::State& state) {
                                   for ([[maybe_unused]] auto _ : state)
                                     state.SetIterationTime(body({.index = i, .repetition = repetitions[i]++}));
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  std::ostringstream errors;  // what is wrong is said once, by us
  SilentReporter reporter;
  reporter.SetErrorStream(&errors);
  return filter ? benchmark::RunSpecifiedBenchmarks(&reporter, *filter) : benchmark::RunSpecifiedBenchmarks(&reporter);
}

}  // namespace

void parse_google_flags(const std::vector<std::string>& arguments) {
  static std::string program = "peakproof";
  std::vector<std::string> copies = arguments;
  std::vector<char*> argv = {program.data()};
  for (auto& copy : copies) argv.push_back(copy.data());
  argv.push_back(nullptr);
  int argc = static_cast<int>(argv.size()) - 1;
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1)
    throw UsageError(fmt::format("Google Benchmark does not take '{}': see --help and its user guide", argv[1]));
}

namespace {

/// The turns, and how many names matched: none is run where they are only listed.
std::pair<std::vector<Turn>, std::size_t> turns_of(const std::vector<std::string>& names,
                                                   const std::optional<std::string>& filter) {
  std::vector<Turn> turns;
  const auto take = [&turns](const Turn& turn) {
    turns.push_back(turn);
    return 1.0;
  };
  const std::size_t matched = run_all(names, take, filter);
  return {turns, matched};
}

}  // namespace

std::vector<Turn> matching(const std::vector<std::string>& names, const std::optional<std::string>& filter) {
  return turns_of(names, filter).first;
}

std::vector<Turn> plan(const std::vector<std::string>& names) {
  const auto [turns, matched] = turns_of(names, std::nullopt);
  if (matched == 0) throw UsageError("--benchmark_filter matches none of the cases: --list shows them");
  return turns;
}

void run_plan(const std::vector<std::string>& names, const std::function<double(const Turn&)>& body) {
  run_all(names, body);
}

}  // namespace peakproof::bench
