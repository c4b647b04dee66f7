#include "example_report.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "example_networks.hpp"
#include "reports/efficiency.hpp"

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<Sample> samples_around(double seconds, int count, std::optional<double> clock_hz) {
  std::vector<Sample> samples;
  for (int i = 0; i < count; ++i) {
    const double wobble = 1 + 0.0004 * ((i * 7) % 5 - 2);  // -0.08 % … +0.08 %, in no order
    samples.push_back({seconds * wobble, clock_hz, false});
  }
  return samples;
}

theory::Peak peak(theory::Pipe pipe, double per_second, double clock_hz, std::string formula, std::string source) {
  return {pipe, per_second, clock_hz, std::move(formula), std::move(source)};
}

/// A result with the figures that follow from the samples and the peaks.
Result result(std::string name, theory::Pipe pipe, std::string unit, double work, std::vector<Sample> samples,
              std::optional<theory::Peak> rated, std::optional<theory::Peak> measured) {
  Result r;
  r.name = std::move(name);
  r.pipe = pipe;
  r.unit = std::move(unit);
  r.work_per_launch = work;
  r.samples = std::move(samples);
  r.summary = summarize(r.samples, StopReason::converged);
  r.achieved_per_s = work / r.summary.median_s;
  r.peak = std::move(rated);
  r.peak_measured = std::move(measured);
  r.efficiency = efficiency(r.achieved_per_s, r.peak, r.peak_measured);
  r.audit.status = "not_applicable";
  r.verification = {.method = "every element against the host", .items = 1 << 20};
  return r;
}

Result fp32() {
  const auto formula = [](const char* clock) {
    return std::string("100 SMs x 128 results/clk/SM x 2 FLOP x ") + clock;
  };
  Result r = result("fp32_fma", theory::Pipe::fp32_fma, "FLOP/s", 2.4e11, samples_around(0.005, 11, 1.95e9),
                    peak(theory::Pipe::fp32_fma, 5.12e13, 2.0e9, formula("2.000 GHz"), "a made-up table"),
                    peak(theory::Pipe::fp32_fma, 4.992e13, 1.95e9, formula("1.950 GHz"), "a made-up table"));
  r.params = {{"data", "random"}, {"ilp", "8"}};
  r.floor = Floor{0.95, "a made-up requirement"};
  r.losses = losses(r.efficiency, {.power_cap = 0.6, .thermal = 0.1}, {.overhead_instructions = 0.02, .launch = 0.001});
  r.verification = {.method = "every thread bit for bit against std::fma", .items = 204800};
  r.audit = {.status = "audited",
             .kernel = "fp32_fma_kernel<8>",
             .arch = "sm_90a",
             .cubin_sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
             .counts = {{"FFMA", 1024}, {"IADD3", 1}, {"BRA", 1}},
             .overhead = 0.02};
  r.unit_maps = {{"sm_clock_hz", {0, 1, 2, 3}, {1.95e9, 1.951e9, 1.949e9, 1.95e9}}};
  r.verdict = Verdict::pass;
  return r;
}

Result copy() {
  const auto theory = peak(theory::Pipe::dram, 4.0e12, 0, "5.000 Gb/s per pin x 6400 bit / 8", "a made-up data sheet");
  Result r = result("dram_copy", theory::Pipe::dram, "B/s", 3.2e10, samples_around(0.0094, 15, 1.97e9), theory, theory);
  r.params = {{"bytes", "16000000000"}};
  r.floor = Floor{0.9, "a made-up requirement"};
  r.losses = losses(r.efficiency, {}, {});
  r.summary.stop = StopReason::time_budget;
  r.verdict = Verdict::below;
  return r;
}

Result gemm() {
  Result r = result("wmma_gemm", theory::Pipe::mma_fp16, "FLOP/s", 1.0995e12, samples_around(0.002, 21, 1.6e9),
                    peak(theory::Pipe::mma_fp16, 7.2e14, 1.8e9, "100 SMs x 2000 results/clk/SM x 2 FLOP x 1.800 GHz",
                         "a made-up table"),
                    peak(theory::Pipe::mma_fp16, 6.4e14, 1.6e9, "100 SMs x 2000 results/clk/SM x 2 FLOP x 1.600 GHz",
                         "a made-up table"));
  r.params = {{"k", "8192"}, {"m", "8192"}, {"n", "8192"}};
  for (std::size_t i = 0; i < r.samples.size(); ++i) r.samples[i].power_w = 690 + static_cast<double>(i % 8);
  r.summary = summarize(r.samples, StopReason::converged);
  r.losses = losses(r.efficiency, {.power_cap = 1}, {.tail = 0.03});
  r.verification.relative_error = 3.1e-4;
  r.verification.tolerance = 1e-3;
  r.verification.rmse = 0.0093;
  r.verification.mae = 0.0074;
  r.verification.max_error = 0.0625;
  r.reference = Reference{.name = "cuBLAS",
                          .achieved_per_s = 6.0e14,
                          .ratio = 5.4e14 / 6.0e14,
                          .samples = 15,
                          .sm_clock_hz = 1.61e9,
                          .own_achieved_per_s = 5.4e14,
                          .own_sm_clock_hz = 1.59e9};
  r.verdict = Verdict::no_theory;
  r.note = "no floor with a source is known for this shape";
  return r;
}

/// The same product from idle: its clock falls, and what it reaches at its clock stays.
Result gemm_burst() {
  constexpr int kHalf = 14;
  std::vector<Sample> samples;
  for (int i = 0; i <= 2 * kHalf; ++i) {
    const double clock_hz = 1.8e9 + 1.3e7 * (kHalf - i);
    const double wobble = 1 + 0.0004 * ((i * 7) % 5 - 2);
    samples.push_back(
        {.seconds = 0.0018 * 1.8e9 / clock_hz * wobble, .sm_clock_hz = clock_hz, .power_w = 300 + 15.0 * i});
  }
  const auto at = [](double clock_hz, const char* clock) {
    return peak(theory::Pipe::mma_fp16, 4e5 * clock_hz, clock_hz,
                std::string("100 SMs x 2000 results/clk/SM x 2 FLOP x ") + clock, "a made-up table");
  };
  Result r = result("wmma_gemm", theory::Pipe::mma_fp16, "FLOP/s", 1.0995e12, std::move(samples),
                    at(1.8e9, "1.800 GHz"), at(1.8e9, "1.800 GHz"));
  r.params = {{"k", "8192"}, {"m", "8192"}, {"mode", "burst"}, {"n", "8192"}};
  r.floor = Floor{0.8, "a made-up requirement"};
  r.summary.stop = StopReason::time_budget;
  r.losses = losses(r.efficiency, {}, {});
  r.verdict = Verdict::pass;
  return r;
}

Result too_fast() {
  Result r = result("fp64_fma", theory::Pipe::fp64_fma, "FLOP/s", 1.4e11, samples_around(0.005, 11, 2.0e9),
                    peak(theory::Pipe::fp64_fma, 2.56e13, 2.0e9, "100 SMs x 64 results/clk/SM x 2 FLOP x 2.000 GHz",
                         "a made-up table"),
                    peak(theory::Pipe::fp64_fma, 2.56e13, 2.0e9, "100 SMs x 64 results/clk/SM x 2 FLOP x 2.000 GHz",
                         "a made-up table"));
  r.verdict = Verdict::above_theory;
  return r;
}

Result noisy() {
  Result r = result("int32_add", theory::Pipe::int32_add, "OP/s", 6.4e10, samples_around(0.005, 3, std::nullopt),
                    peak(theory::Pipe::int32_add, 1.28e13, 2.0e9, "100 SMs x 64 results/clk/SM x 1 OP x 2.000 GHz",
                         "a made-up table"),
                    std::nullopt);
  r.samples[1].contaminated = true;
  r.summary = summarize(r.samples, StopReason::interrupted);
  r.verdict = Verdict::noisy;
  return r;
}

Result wrong() {
  Result r = result("tensor_fp16", theory::Pipe::tensor_fp16, "FLOP/s", 1.8e12, samples_around(0.0025, 11, 1.8e9),
                    peak(theory::Pipe::tensor_fp16, 7.2e14, 1.8e9, "100 SMs x 2000 results/clk/SM x 2 FLOP x 1.800 GHz",
                         "a made-up table"),
                    peak(theory::Pipe::tensor_fp16, 7.2e14, 1.8e9, "100 SMs x 2000 results/clk/SM x 2 FLOP x 1.800 GHz",
                         "a made-up table"));
  r.verification = {.method = "exact on small integers",
                    .items = 67108864,
                    .mismatches = 3,
                    .relative_error = kNaN,
                    .tolerance = 0.0};
  r.audit.status = "unaudited";
  r.audit.note = "compiled by the driver";
  r.verdict = Verdict::incorrect;
  return r;
}

Result failed() {
  Result r;
  r.name = "sfu";
  r.pipe = theory::Pipe::sfu;
  r.unit = "OP/s";
  r.summary = summarize({});
  r.achieved_per_s = kNaN;
  r.verdict = Verdict::error;
  r.note = "launch failed: \"misaligned | address\", <b>see</b> & `log`\nsecond line \x1b[31mred\x1b[0m, 4 µs";
  return r;
}

Result lacking() {
  Result r;
  r.name = "tensor_fp4";
  r.pipe = theory::Pipe::tensor_fp4;
  r.unit = "FLOP/s";
  r.summary = summarize({});
  r.achieved_per_s = kNaN;
  r.verdict = Verdict::skipped;
  r.note = "the device has no FP4 tensor pipe";
  return r;
}

Result chain_latency() {
  Result r;
  r.name = "latency_arithmetic";
  r.params = {{"instruction", "FFMA"}};
  r.unit = "OP/s";
  r.work_per_launch = 1e6;
  r.samples = samples_around(0.002, 12, 1.98e9);
  for (std::size_t i = 0; i < r.samples.size(); ++i)
    r.samples[i].latency_cycles = 4 + 0.01 * static_cast<double>(i % 4);
  r.samples[5].contaminated = true;
  r.samples[5].latency_cycles = 9;
  r.summary = summarize(r.samples, StopReason::converged);
  r.latency = latency(r.samples);
  r.achieved_per_s = r.work_per_launch / r.summary.median_s;
  r.verification = {.method = "every thread bit for bit against std::fma", .items = 32};
  r.audit.status = "not_applicable";
  r.verdict = Verdict::no_theory;
  r.note = "latency: reported, not judged";
  return r;
}

Result sweep_point(int ilp, int warps_per_sm, double share) {
  constexpr double kPeak = 5.12e13;
  const auto rated = peak(theory::Pipe::fp32_fma, kPeak, 2.0e9, "100 SMs x 128 results/clk/SM x 2 FLOP x 2.000 GHz",
                          "a made-up table");
  Result r = result("fp32_fma", theory::Pipe::fp32_fma, "FLOP/s", share * kPeak * 0.005,
                    samples_around(0.005, 11, 2.0e9), rated, rated);
  r.params = {{"ilp", std::to_string(ilp)}, {"warps_per_sm", std::to_string(warps_per_sm)}};
  r.verdict = Verdict::no_theory;
  r.note = "a point of a sweep: reported, not judged";
  return r;
}

/// The grid of ILP 1, 2, 8 over 4, 8, 32 warps per SM, in no order, without its last point.
std::vector<Result> sweep() {
  std::vector<Result> points = {sweep_point(1, 32, 0.96),  sweep_point(1, 4, 0.125), sweep_point(1, 8, 0.25),
                                sweep_point(8, 4, 0.979),  sweep_point(8, 8, 0.98),  sweep_point(2, 4, 0.25),
                                sweep_point(2, 32, 0.982), sweep_point(2, 8, 0.5)};
  points[4].verification.mismatches = 1;
  points[4].verdict = Verdict::incorrect;
  points[4].note = {};
  for (std::size_t i = 0; i < points[7].samples.size(); i += 3) points[7].samples[i].seconds *= 1.2;
  points[7].summary = summarize(points[7].samples, StopReason::time_budget);
  points[7].verdict = Verdict::noisy;
  points[7].note = {};
  return points;
}

Result shape_point(int m, int n, int k, double share, double clock_hz) {
  const double per_second = 4e5 * clock_hz;
  const auto theory = peak(theory::Pipe::mma_fp16, per_second, clock_hz, "a made-up formula", "a made-up table");
  Result r = result("wmma_gemm", theory::Pipe::mma_fp16, "FLOP/s", share * per_second * 0.002,
                    samples_around(0.002, 11, clock_hz), theory, theory);
  r.params = {{"k", std::to_string(k)},
              {"m", std::to_string(m)},
              {"n", std::to_string(n)},
              {"sweep", "shapes"},
              {"type", "fp16"}};
  r.verdict = Verdict::no_theory;
  r.note = "a point of a sweep: reported, not judged";
  return r;
}

/// Shapes of two k, in no order: the best one is not the fastest, since the fastest had more clock.
std::vector<Result> shapes() {
  return {shape_point(2048, 1024, 4096, 0.92, 1.8e9),  shape_point(1024, 1024, 2048, 0.7, 1.8e9),
          shape_point(2048, 1024, 2048, 0.9, 1.7e9),   shape_point(1024, 2048, 2048, 0.88, 1.8e9),
          shape_point(2048, 2048, 2048, 0.905, 1.6e9), shape_point(1024, 1024, 4096, 0.75, 1.8e9)};
}

/// A point of a curve.
Result curve_point(Texts params, double per_second, bool of_dram) {
  const auto theory = peak(theory::Pipe::dram, 4.0e12, 0, "5.000 Gb/s per pin x 6400 bit / 8", "a made-up data sheet");
  const auto held = of_dram ? std::optional(theory) : std::nullopt;
  Result r =
      result("dram", theory::Pipe::dram, "B/s", per_second * 0.005, samples_around(0.005, 11, 1.9e9), held, held);
  if (!of_dram) r.pipe.reset();
  r.params = std::move(params);
  r.verdict = Verdict::no_theory;
  r.note = "a point of a sweep: reported, not judged";
  return r;
}

/// The bytes in flight of a memory with 3.8 TB/s and 600 ns behind 100 SMs, and working sets through its caches, in no
/// order; one of them is wrong, one was skipped.
std::vector<Result> memory_curves() {
  std::vector<Result> points;
  for (const double per_sm : {131072.0, 512.0, 8192.0, 2048.0, 32768.0}) {
    const double waiting = std::pow(6e-7 / (100 * per_sm), 2);
    points.push_back(curve_point({{"bytes_in_flight_per_sm", std::to_string(static_cast<int>(per_sm))},
                                  {"pattern", "read"},
                                  {"sweep", "in_flight"}},
                                 1 / std::sqrt(waiting + std::pow(3.8e12, -2)), true));
  }
  for (const char* pattern : {"read", "copy"})
    for (std::int64_t bytes = 1 << 14; bytes <= std::int64_t{1} << 34; bytes *= 1024) {
      const bool large = bytes > (1 << 26);
      const double level = bytes < (1 << 18) ? 2.4e13 : large ? 3.6e12 : 9e12;
      points.push_back(curve_point({{"bytes", std::to_string(bytes)}, {"pattern", pattern}, {"sweep", "size"}},
                                   pattern[0] == 'c' ? 0.9 * level : level, large));
    }
  Result& wrong = points[6];
  wrong.verification.mismatches = 2;
  wrong.verdict = Verdict::incorrect;
  wrong.note = {};
  Result& last = points.back();
  last.achieved_per_s = kNaN;
  last.samples.clear();
  last.summary = summarize({});
  last.peak.reset();
  last.peak_measured.reset();
  last.efficiency = {};
  last.verification = {};
  last.verdict = Verdict::skipped;
  last.note = "two buffers of this size do not fit";
  return points;
}

Result call() {
  Result r;
  r.name = "launch";
  r.params = {{"what", "graph_node"}};
  r.unit = "CALL/s";
  r.work_per_launch = 1000;
  r.samples = samples_around(0.00127, 12, 1.98e9);
  r.summary = summarize(r.samples, StopReason::converged);
  r.achieved_per_s = r.work_per_launch / r.summary.median_s;
  r.verification = {.method = "every call was counted", .items = 1000};
  r.audit.status = "not_applicable";
  r.verdict = Verdict::no_theory;
  return r;
}

}  // namespace

Report example_report() {
  Report r;
  r.started = "2026-01-02T03:04:05+01:00";
  r.finished = "2026-01-02T03:04:35+01:00";
  r.duration_s = 30.25;
  r.argv = {"/home/ada/peakproof/build/peakproof", "run", "--json=/home/ada/out/gpu.json"};
  r.tool = {"0.1.0", "0123abc", "g++ 12.2.0", "Release", {{"cuda_runtime", "13.0"}, {"cuda_toolkit", "13.0.48"}}};
  r.host = {"lab-node-7.example.org", "Linux 6.1", "Example CPU", 16, 3.2e9, false, {0.5, 0.25, 0.125}};
  r.device.spec = {.name = "Example <GPU> | 100",
                   .compute_capability = {9, 0},
                   .sm_count = 100,
                   .base_clock_hz = 1.5e9,
                   .sm_clock_hz = 2.0e9,
                   .tensor_clock_hz = 1.8e9,
                   .memory_clock_hz = 2.5e9,
                   .memory_data_rate_bps = 5e9,
                   .memory_type = "HBM3",
                   .memory_bus_bits = 6400,
                   .memory_bytes = 100'000'000'000,
                   .l2_bytes = 52'428'800,
                   .power_limit_w = 700};
  r.device.stand_in = true;
  r.device.facts = {{"driver", "580.00.00"},
                    {"ecc", "on"},
                    {"pci", "0000:17:00.0"},
                    {"uuid", "GPU-01234567-89ab-cdef-0123-456789abcdef"}};
  r.results = {fp32(),  copy(),   gemm(),    too_fast(),      noisy(),
               wrong(), failed(), lacking(), chain_latency(), gemm_burst()};
  for (Result& point : shapes()) r.results.push_back(std::move(point));
  for (Result& point : sweep()) r.results.push_back(std::move(point));
  for (Result& point : memory_curves()) r.results.push_back(std::move(point));
  r.results.push_back(call());
  for (Result& network : example_networks()) r.results.push_back(std::move(network));
  r.completeness.planned = {"fp32_fma",    "dram_copy", "wmma_gemm",  "fp64_fma", "int32_add",
                            "tensor_fp16", "sfu",       "tensor_fp4", "shuffle",  "latency_arithmetic"};
  r.completeness.missing = {"shuffle"};
  std::vector<Verdict> verdicts;
  for (const Result& each : r.results) verdicts.push_back(each.verdict);
  r.exit_code = exit_code(verdicts, {.missing = 1});
  r.verdict = verdict_of_exit_code(r.exit_code);
  return r;
}

}  // namespace peakproof::reports
