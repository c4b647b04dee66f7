#include "bench/harness/levels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace peakproof::bench {
namespace {

// Google Benchmark matches a name with "/iterations:1/manual_time" behind it, so that "/iter" ends a settled case's
// name and leaves out its burst.

/// A minute: each unit whose fault nothing else would show. Vector pipes of both clock domains, device memory in both
/// directions, L2 and shared memory, the tensor cores by the instruction that reaches their peak, the links to the host
/// and to the other GPUs. Left out is what is not judged (latencies, calls) and what shares its unit with a row here.
constexpr auto kQuickGpu = std::to_array<LevelRow>({
    {"fp32_fma", ""},
    {"fp64_fma", ""},
    {"dram", "pattern:(read|write|copy)"},
    {"l2", "partition:(any|one)"},
    {"shared", "access:read_128"},
    {"wgmma", "a:shared/.*sparsity:dense/type:(fp16|bf16|fp8_e4m3|int8)/iter"},
    {"wmma", "type:(fp16|bf16|fp64|int8)/iter"},
    {"mma", "shape:m16n8k32/type:fp8_e4m3/iter", "wgmma"},
    {"pcie", "bytes:[0-9][0-9][0-9][0-9]+/.*direction:(h2d|d2h)/memory:pinned", "", true},
    {"p2p", "from:{device}/.*way:one", "", true},
});

/// Ten minutes: every benchmark that is judged, each of its cases that has a unit, an access or a type of its own.
constexpr auto kStandardGpu = std::to_array<LevelRow>({
    {"fp32_fma", ""},
    {"fp64_fma", ""},
    {"fp32x2_fma", ""},
    {"fp16_fma", ""},
    {"bf16_fma", ""},
    {"int32_mad", ""},
    {"int32_add", ""},
    {"int32_logic", ""},
    {"dp4a", ""},
    {"sfu", ""},
    {"shuffle", ""},
    {"convert", ""},
    {"fp32_int32_mix", ""},
    {"dram", ""},
    {"l1", ""},
    {"l2", ""},
    {"texture", "texel:float4"},
    {"shared", "access:(read_128|write_128|read_32/ways:(1|32)/)"},
    {"constant", "width:4"},
    {"dsmem", ""},
    {"atomics", "addresses:spread/.*type:int32"},
    {"latency_memory", ""},
    {"wgmma", "a:shared/.*type:[a-z0-9_]+/iter"},
    {"wmma", "type:(fp16|bf16|tf32|fp64|int8)/iter"},
    {"mma",
     "shape:(m16n8k16/type:(fp16|bf16|fp64)|m16n8k8/type:tf32|m16n8k32/type:(fp8_e4m3|fp8_e5m2|int8|fp6_e3m2)|"
     "m16n8k64/type:(mxfp4|nvfp4)|m16n8k32/sparsity:2:4/type:(fp16|bf16)|"
     "m16n8k64/sparsity:2:4/type:(fp8_e4m3|int8))/iter"},
    {"wmma_gemm", "type:fp16/iter", "wgmma"},
    {"wgmma_gemm", "type:[a-z0-9_]+/iter"},
    {"cublas_gemm", "type:[a-z0-9_]+/iter"},
    {"pcie", "", "", true},
    {"p2p", "from:{device}/", "", true},
    {"launch", "", "", true},
});

/// An hour: the whole suite, bursts included, but for networks, which have no floor; of pairs of GPUs those that begin
/// here.
constexpr auto kExtendedGpu = std::to_array<LevelRow>({
    {"fp32_fma", ""},
    {"fp64_fma", ""},
    {"fp32x2_fma", ""},
    {"fp16_fma", ""},
    {"bf16_fma", ""},
    {"int32_mad", ""},
    {"int32_add", ""},
    {"int32_logic", ""},
    {"dp4a", ""},
    {"sfu", ""},
    {"shuffle", ""},
    {"convert", ""},
    {"fp32_int32_mix", ""},
    {"latency_arithmetic", ""},
    {"dram", ""},
    {"l1", ""},
    {"l2", ""},
    {"l3", ""},
    {"texture", ""},
    {"shared", ""},
    {"constant", ""},
    {"dsmem", ""},
    {"atomics", ""},
    {"latency_memory", ""},
    {"wgmma", ""},
    {"wmma", ""},
    {"mma", ""},
    {"wmma_gemm", ""},
    {"wgmma_gemm", ""},
    {"cublas_gemm", ""},
    {"pcie", "", "", true},
    {"p2p", "from:{device}/", "", true},
    {"launch", "", "", true},
});

constexpr auto kQuickCpu = std::to_array<LevelRow>({
    {"fp32_fma", ""},
    {"fp64_fma", ""},
    {"int32_mad", ""},
    {"l1", ""},
    {"l2", ""},
    {"l3", ""},
    {"dram", "pattern:(read|write|copy)"},
});

constexpr auto kWholeCpu = std::to_array<LevelRow>({
    {"fp32_fma", ""},
    {"fp64_fma", ""},
    {"fp16_fma", ""},
    {"bf16_fma", ""},
    {"int32_mad", ""},
    {"int32_add", ""},
    {"l1", ""},
    {"l2", ""},
    {"l3", ""},
    {"dram", ""},
    {"latency_memory", ""},
});

// Of a quick case up to 0.5 s of waking and as much of warm-up, 0.1 to 1 s of samples; of a full one up to 2 and 5 s.
constexpr double kQuickCaseSeconds = 1.2;
constexpr double kFullCaseSeconds = 3.5;

constexpr auto kLevels = std::to_array<Level>({
    {"quick", true, 60, kQuickCaseSeconds, kQuickGpu, kQuickCpu},
    {"standard", false, 600, kFullCaseSeconds, kStandardGpu, kWholeCpu},
    {"extended", false, 3600, kFullCaseSeconds, kExtendedGpu, kWholeCpu},
    {"soak", false, 0, kFullCaseSeconds, kStandardGpu, kWholeCpu},
});

std::string for_device(std::string_view filter, const DeviceName& device) {
  constexpr std::string_view kPlace = "{device}";
  std::string text(filter);
  if (const auto at = text.find(kPlace); at != std::string::npos) text.replace(at, kPlace.size(), device.label);
  return text;
}

const LevelRow* find_row(const Level& level, std::string_view benchmark) {
  for (const auto& rows : {level.gpu, level.cpu})
    for (const auto& row : rows)
      if (row.benchmark == benchmark) return &row;
  return nullptr;
}

bool plans(const std::vector<Job>& jobs, std::string_view benchmark) {
  return std::any_of(jobs.begin(), jobs.end(), [&](const Job& job) { return job.benchmark == benchmark; });
}

}  // namespace

std::span<const Level> levels() { return kLevels; }

const Level* find_level(std::string_view name) {
  const auto found =
      std::find_if(kLevels.begin(), kLevels.end(), [&](const Level& level) { return level.name == name; });
  return found == kLevels.end() ? nullptr : &*found;
}

std::vector<Job> wanted_jobs(const Level& level, const DeviceName& device, const std::vector<std::string>& names) {
  const auto rows = level.rows(device.selector == "cpu");
  std::vector<Job> jobs;
  if (names.empty())
    for (const auto& row : rows) jobs.push_back({std::string(row.benchmark), for_device(row.filter, device), {}});
  for (const auto& name : names) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const LevelRow& r) { return r.benchmark == name; });
    if (plans(jobs, name)) continue;
    jobs.push_back({name, row == rows.end() ? "-mode:burst" : for_device(row->filter, device), {}});
  }
  return jobs;
}

std::size_t LevelPlan::cases() const {
  std::size_t count = 0;
  for (const auto& job : jobs) count += job.cases.size();
  return count;
}

LevelPlan level_plan(const Level& level, const std::vector<Job>& wanted, std::vector<Job> planned, bool named) {
  LevelPlan plan;
  for (const auto& job : wanted)
    if (!plans(planned, job.benchmark)) plan.left_out.push_back(job.benchmark + ": no such case on this device");
  for (auto& job : planned) {
    const LevelRow* row = find_row(level, job.benchmark);
    if (!named && row != nullptr && !row->unless.empty() && plans(planned, row->unless))
      plan.left_out.push_back(fmt::format("{}: {} measures the same unit", job.benchmark, row->unless));
    else
      plan.jobs.push_back(job);
  }
  return plan;
}

bool measured_alone(const Level& level, std::string_view benchmark) {
  const LevelRow* row = find_row(level, benchmark);
  return row != nullptr && row->alone;
}

double job_seconds(const Level& level, const Job& job) {
  return kWorkerStartSeconds + level.case_s * static_cast<double>(job.cases.size());
}

double planned_seconds(const Level& level, const LevelPlan& plan) {
  double seconds = kWorkerStartSeconds;
  for (const auto& job : plan.jobs) seconds += job_seconds(level, job);
  return seconds;
}

double demonstrated_mtbf_hours(double device_hours, double confidence) {
  if (!(device_hours > 0) || !(confidence > 0) || !(confidence < 1)) return std::numeric_limits<double>::quiet_NaN();
  return -device_hours / std::log1p(-confidence);
}

double needed_device_hours(double mtbf_hours, double confidence) {
  if (!(mtbf_hours > 0) || !(confidence > 0) || !(confidence < 1)) return std::numeric_limits<double>::quiet_NaN();
  return -mtbf_hours * std::log1p(-confidence);
}

std::string soak_claim(double device_hours, int rounds, bool failed, std::string_view unit) {
  const std::string length =
      fmt::format("{:.3g} {}-hours ({} {})", device_hours, unit, rounds, rounds == 1 ? "round" : "rounds");
  if (failed || !(device_hours > 0) || rounds < 1)
    return fmt::format("not every check passed in {}: nothing is claimed of the time between failures", length);
  return fmt::format(
      "no failure in {}: shows a mean time between failures of at least {:.3g} h at {:.0f} % confidence "
      "(T = -M ln(1 - c), failures at random)",
      length, demonstrated_mtbf_hours(device_hours, kSoakConfidence), 100 * kSoakConfidence);
}

}  // namespace peakproof::bench
