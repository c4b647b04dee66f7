#include "tests/stand_in/models/chain.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <tuple>

#include "kernels/probe/block_trace.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

constexpr int kQuarters = 4;           // of an SM, each with its scheduler
constexpr double kIssueLanes = 32;     // that a scheduler issues per clock
constexpr double kLoopLatency = 12;    // counter, comparison and branch behind each trip, nothing to cover them
constexpr double kMatrixLatency = 18;  // of a product of matrices: the least of what HPMLL measures of mma.sync
constexpr double kMatrixInterval = 2;
constexpr std::uint64_t kNoNumber = ~0ULL;  // all bits set is not a number in any format

/// Of one warp, in clocks.
struct Timing {
  double latency;   ///< until a result can be used
  double interval;  ///< until the same warp issues the next one
};

/// FP32, FP64 and integers: dependent chains measured on H100 (HPMLL: FFMA 4.07, DFMA 8.04, IMAD 4.12). HFMA2 and
/// IADD3 leave a warp every second clock only. The others: the order of what public micro-benchmarks give.
Timing timing(Instruction instruction) {
  switch (instruction) {
    case Instruction::ffma:
    case Instruction::ffma2:
    case Instruction::imad:
    case Instruction::lop3:
    case Instruction::prmt:
      return {4, 1};
    case Instruction::iadd3:
    case Instruction::iadd3_two:
      return {4, 2};
    case Instruction::idp4a:
      return {5, 1};
    case Instruction::hfma2:
    case Instruction::hfma2_bf16:
      return {6, 2};
    case Instruction::i2f:
    case Instruction::f2fp:
      return {6, 1};
    case Instruction::dfma:
      return {8, 1};
    case Instruction::f2f:
    case Instruction::f2f_64:
      return {14, 1};
    case Instruction::mufu:
      return {18, 1};
    case Instruction::shfl:
      return {23, 1};
  }
  return {};
}

/// What is measured of a kernel; the rest is the same for all.
class ChainKernel {
 public:
  explicit ChainKernel(ChainOperation operation) : operation_(std::move(operation)) {}

  [[nodiscard]] Cost cost(const Launch& launch) const { return cost_of_sm(launch, launch.blocks_of_busiest_sm()); }

  cudaError_t answer(const Launch& launch) {
    const std::int64_t threads = launch.blocks() * launch.block.x;
    auto* out = elements(launch.argument<unsigned char*>(2), threads * operation_.word_bytes);
    auto* trace = elements(launch.argument<kernels::BlockTrace*>(3), launch.blocks());
    if (!out || !trace) return cudaErrorIllegalAddress;
    if (!exists()) return cudaErrorLaunchFailure;  // its code there is a trap

    ChainRun run = requested(launch);
    if (launch.flaw == Flaw::shorter) --run.trips;
    if (launch.flaw == Flaw::dropped) --run.chains;
    const ChainWords& words = words_of(run);
    const std::vector<std::uint64_t> parameters = {static_cast<std::uint64_t>(run.chains),
                                                   static_cast<std::uint64_t>(run.trips),
                                                   static_cast<std::uint64_t>(run.steps), run.argument};
    written_[out].unless_done(parameters, {}, out, [&] {
      for (std::int64_t thread = 0; thread < threads; ++thread)
        store(out, thread, words[static_cast<std::size_t>(thread % kLanes)]);
      const std::int64_t sm = settings().flawed_sm;  // blocks go to the SMs in turn
      const std::int64_t victim = sm >= 0 && sm < launch.blocks() ? sm * launch.block.x : threads / 2;
      const std::uint64_t right = words[static_cast<std::size_t>(victim % kLanes)];
      if (launch.flaw == Flaw::wrong) store(out, victim, right ^ (operation_.word_bytes == 8 ? 1ULL << 32U : 1ULL));
      if (launch.flaw == Flaw::nan) store(out, victim, kNoNumber);
    });
    write_trace(launch, trace);
    return cudaSuccess;
  }

 private:
  [[nodiscard]] ChainRun requested(const Launch& launch) const {
    ChainRun run{
        .chains = launch.template_numbers[0], .trips = launch.argument<int>(1), .steps = launch.template_numbers[1]};
    std::memcpy(&run.argument, launch.arguments[0], static_cast<std::size_t>(operation_.argument_bytes));
    return run;
  }

  [[nodiscard]] bool exists() const {
    if (operation_.threads_per_clock && !(operation_.threads_per_clock() > 0)) return false;
    return std::all_of(operation_.issued.begin(), operation_.issued.end(),
                       [](Instruction i) { return architecture().rate(i) > 0; });
  }

  /// Of an SM with so many of the launch's blocks. Warps go to the quarters of the SM in turn.
  [[nodiscard]] Cost cost_of_sm(const Launch& launch, std::int64_t blocks) const {
    if (!exists()) return {};
    const ChainRun run = requested(launch);
    const std::int64_t warps_of_block = (launch.block.x + kLanes - 1) / kLanes;
    const std::int64_t warps = (blocks * warps_of_block + kQuarters - 1) / kQuarters;  // of the busiest quarter
    const auto threads = static_cast<double>(warps * kLanes);
    const double steps_of_thread = static_cast<double>(run.all_steps()) * run.chains;

    double clocks_of_step = static_cast<double>(operation_.issued.size()) / kIssueLanes;  // of one thread
    double interval = 0;
    for (const Instruction i : operation_.issued) {
      const auto times = std::count(operation_.issued.begin(), operation_.issued.end(), i);
      clocks_of_step = std::max(clocks_of_step, static_cast<double>(times) * kQuarters / architecture().rate(i));
      interval += timing(i).interval;
    }
    double latency = 0;
    if (operation_.threads_per_clock) {
      clocks_of_step = std::max(1.0 / kIssueLanes, kQuarters / operation_.threads_per_clock());
      interval = kMatrixInterval;
      latency = kMatrixLatency;
    }
    for (const Instruction i : operation_.dependent) latency += timing(i).latency;

    const std::int64_t resident = std::max<std::int64_t>(architecture().threads / std::int64_t{launch.block.x}, 1);
    const std::int64_t waves = (blocks + resident - 1) / resident;
    const double trip = run.steps * std::max(latency, run.chains * interval) + kLoopLatency;
    return {.sm_cycles = threads * steps_of_thread * clocks_of_step,
            .latency_cycles = static_cast<double>(waves) * static_cast<double>(run.trips) * trip};
  }

  /// The answer of this run; worked out once, however often it is launched.
  const ChainWords& words_of(const ChainRun& run) {
    const auto [at, first] = known_.try_emplace(std::tuple(run.chains, run.trips, run.steps, run.argument));
    if (first) at->second = operation_.words(run);
    return at->second;
  }

  void store(unsigned char* out, std::int64_t thread, std::uint64_t word) const {
    const auto low = static_cast<std::uint32_t>(word);
    if (operation_.word_bytes == 4) std::memcpy(out + thread * 4, &low, sizeof low);
    if (operation_.word_bytes == 8) std::memcpy(out + thread * 8, &word, sizeof word);
  }

  /// The busiest SM takes the whole time, one with fewer blocks is ready before.
  void write_trace(const Launch& launch, kernels::BlockTrace* trace) const {
    const std::int64_t busiest = launch.blocks_of_busiest_sm();
    const double whole = launch.interval.cycles_at(launch.interval.end_ps) - launch.interval.begin_cycles;
    const double share = slower(cost_of_sm(launch, busiest - 1)) / slower(cost_of_sm(launch, busiest));
    const auto begin = std::llround(launch.interval.begin_cycles);
    for (std::int64_t block = 0; block < launch.blocks(); ++block) {
      const std::int64_t sm = block % settings().sms;
      const bool fewer = sm + (busiest - 1) * settings().sms >= launch.blocks();
      trace[block] = {.begin_clk = begin, .end_clk = begin + std::llround(fewer ? share * whole : whole), .smid = sm};
    }
    written(trace);
  }
  [[nodiscard]] static double slower(const Cost& cost) { return std::max(cost.sm_cycles, cost.latency_cycles); }

  ChainOperation operation_;
  std::map<std::tuple<int, std::int64_t, int, std::uint64_t>, ChainWords> known_;
  std::map<const void*, Repetition> written_;  // by the address of the output
};

}  // namespace

KernelModel chain_model(const ChainOperation& operation) {
  const auto kernel = std::make_shared<ChainKernel>(operation);
  return {.name = operation.name,
          .kernel = operation.kernel,
          .role = operation.role,
          .cost = [kernel](const Launch& launch) { return kernel->cost(launch); },
          .answer = [kernel](const Launch& launch) { return kernel->answer(launch); }};
}

}  // namespace peakproof::stand_in
