// The models of chain kernels against the program's own answers: two ways to the same numbers, each of which guards
// the other. The stand-in is linked in and called as nvcc's host code would call the runtime. With a flaw in
// PEAKPROOF_STAND_IN every answer must be another.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <vector>

#include "kernels/arithmetic/bf16_fma.hpp"
#include "kernels/arithmetic/chain_answer.hpp"
#include "kernels/arithmetic/convert.hpp"
#include "kernels/arithmetic/dp4a.hpp"
#include "kernels/arithmetic/fp16_fma.hpp"
#include "kernels/arithmetic/fp32_fma.hpp"
#include "kernels/arithmetic/fp32_int32_mix.hpp"
#include "kernels/arithmetic/fp32x2_fma.hpp"
#include "kernels/arithmetic/fp64_fma.hpp"
#include "kernels/arithmetic/int32_add.hpp"
#include "kernels/arithmetic/int32_logic.hpp"
#include "kernels/arithmetic/int32_mad.hpp"
#include "kernels/arithmetic/sfu.hpp"
#include "kernels/arithmetic/sfu_latency.hpp"
#include "kernels/arithmetic/sfu_values.hpp"
#include "kernels/arithmetic/shuffle.hpp"
#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/settings.hpp"

// NOLINTNEXTLINE(readability-identifier-naming,bugprone-reserved-identifier): the name is CUDA's
extern "C" void __cudaRegisterFunction(void** handle, const char* host_function, char* device_function,
                                       const char* device_name, int thread_limit, uint3* thread, uint3* block,
                                       dim3* block_dim, dim3* grid_dim, int* warp_size);

namespace peakproof::kernels {

/// What nvcc leaves of the kernels in host code: functions with their names.
template <class Op, int chains, int steps>
[[gnu::noinline]] void chain(typename Op::Argument /*argument*/, int /*trips*/, typename Op::Bits* /*out*/,
                             BlockTrace* /*trace*/) {}
void sfu_values(SpecialFunction /*function*/, std::uint32_t /*first*/, std::uint32_t /*stride*/,
                std::uint32_t /*count*/, std::uint32_t* /*out*/) {}

}  // namespace peakproof::kernels

namespace {

namespace kernels = peakproof::kernels;
using kernels::BlockTrace;
using kernels::Chain;
using peakproof::stand_in::Flaw;
using peakproof::stand_in::settings;

bool flawed() { return settings().flaw != Flaw::none; }

template <class T>
struct DeviceArray {
  explicit DeviceArray(std::size_t count) : size(count) {
    void* memory = nullptr;
    EXPECT_EQ(cudaMalloc(&memory, count * sizeof(T)), cudaSuccess);
    EXPECT_EQ(cudaMemset(memory, 0xA5, count * sizeof(T)), cudaSuccess);
    data.reset(static_cast<T*>(memory));
  }
  [[nodiscard]] std::vector<T> to_host() const {
    std::vector<T> values(size);
    EXPECT_EQ(cudaMemcpy(values.data(), data.get(), size * sizeof(T), cudaMemcpyDeviceToHost), cudaSuccess);
    return values;
  }
  struct Free {
    void operator()(T* memory) const { cudaFree(memory); }
  };
  std::size_t size;
  std::unique_ptr<T, Free> data;
};

/// Registers the host function under its own mangled name, as nvcc does, and gives its address.
template <class Function>
const void* registered(Function* function) {
  const void* address = reinterpret_cast<const void*>(function);
  Dl_info info{};
  EXPECT_NE(dladdr(address, &info), 0);
  EXPECT_NE(info.dli_sname, nullptr) << "link with the executable's symbols visible";
  if (info.dli_sname != nullptr)
    __cudaRegisterFunction(nullptr, static_cast<const char*>(address), nullptr, info.dli_sname, -1, nullptr, nullptr,
                           nullptr, nullptr, nullptr);
  return address;
}

template <class Op>
struct Outcome {
  std::vector<typename Op::Bits> out;
  std::vector<BlockTrace> trace;
  [[nodiscard]] double cycles() const { return static_cast<double>(trace[0].end_clk - trace[0].begin_clk); }
};

template <class Op, int chains, int steps>
Outcome<Op> launched(Chain<Op> shape) {
  shape.chains = chains;
  shape.steps = steps;
  const DeviceArray<typename Op::Bits> out(static_cast<std::size_t>(shape.blocks) *
                                           static_cast<std::size_t>(shape.threads));
  const DeviceArray<BlockTrace> trace(static_cast<std::size_t>(shape.blocks));
  typename Op::Argument argument = Op::argument;
  typename Op::Bits* out_data = out.data.get();
  BlockTrace* trace_data = trace.data.get();
  std::array<void*, 4> arguments = {&argument, &shape.trips, &out_data, &trace_data};
  const auto status =
      cudaLaunchKernel(registered(kernels::chain<Op, chains, steps>), dim3(static_cast<unsigned>(shape.blocks)),
                       dim3(static_cast<unsigned>(shape.threads)), arguments.data(), 0, nullptr);
  EXPECT_EQ(status, cudaSuccess) << shape.symbol();
  return {out.to_host(), trace.to_host()};
}

/// Threads whose word is not what the program expects.
template <class Op>
int mismatches(const Chain<Op>& shape, const std::vector<typename Op::Bits>& out) {
  const auto answer = kernels::answer(shape);
  int count = 0;
  for (std::size_t i = 0; i < out.size(); ++i)
    count += kernels::matches(shape, out[i], answer[i % answer.size()]) ? 0 : 1;
  return count;
}

template <class Op>
Chain<Op> small(int chains, int steps, int trips) {
  Chain<Op> shape;
  shape.blocks = 2;
  shape.threads = 64;
  shape.chains = chains;
  shape.steps = steps;
  shape.trips = trips;
  return shape;
}

template <class Op, int chains, int steps>
void expect_answer(int trips) {
  const auto shape = small<Op>(chains, steps, trips);
  const auto outcome = launched<Op, chains, steps>(shape);
  const int wrong = mismatches(shape, outcome.out);
  EXPECT_EQ(wrong > 0, flawed()) << wrong << " threads of " << shape.symbol() << ", " << trips << " trips";
}

/// Whether the played architecture has the operation.
template <class Op>
bool exists() {
  using peakproof::stand_in::Instruction;
  const auto has = [](Instruction i) { return peakproof::stand_in::architecture().rate(i) > 0; };
  if (std::is_same_v<Op, kernels::Bf16x2Fma>) return has(Instruction::hfma2_bf16);
  if (std::is_same_v<Op, kernels::Fp32x2Fma>) return has(Instruction::ffma2);
  if (std::is_same_v<Op, kernels::ConvertPack>) return has(Instruction::f2fp);
  return true;
}

template <class Op>
class Answers : public testing::Test {};

using Operations =
    testing::Types<kernels::Fp32Fma, kernels::Fp64Fma, kernels::Fp32x2Fma, kernels::Fp16x2Fma, kernels::Bf16x2Fma,
                   kernels::Int32Mad, kernels::Int32Add, kernels::Int32AddTwo, kernels::Int32Logic, kernels::Dp4a,
                   kernels::Shuffle, kernels::ConvertF32ToS32, kernels::ConvertS32ToF32, kernels::ConvertF32ToF16,
                   kernels::ConvertS16ToS32, kernels::ConvertF64ToF32, kernels::ConvertF32ToF64, kernels::ConvertPack,
                   kernels::Fp32Int32Mix, kernels::SfuEx2, kernels::SfuLg2, kernels::SfuRcp, kernels::SfuRsqrt,
                   kernels::SfuSin, kernels::SfuTanh>;
TYPED_TEST_SUITE(Answers, Operations);

TYPED_TEST(Answers, AreThoseOfTheProgram) {
  using Op = TypeParam;
  constexpr int body = Op::body;
  if (!exists<Op>()) {  // its code is a trap there; in a process of its own, as no call after it succeeds
    if (flawed()) GTEST_SKIP() << "not on this architecture";
    EXPECT_EXIT(
        {
          cudaStream_t stream = nullptr;
          static_cast<void>(launched<Op, 8, body / 8>(small<Op>(8, body / 8, 1)));
          std::_Exit(cudaStreamSynchronize(stream) == cudaErrorLaunchFailure ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
    return;
  }
  for (const int trips : {1, 2, 25}) {
    expect_answer<Op, 8, body / 8>(trips);
    expect_answer<Op, 4, body / 4>(trips);
    expect_answer<Op, 2, body / 2>(trips);
    expect_answer<Op, 1, body>(trips);
    expect_answer<Op, 1, body / 2>(trips);
  }
  expect_answer<Op, 8, body / 8>(2000);  // far into every cycle
}

template <class Op>
class Latency : public testing::Test {};
using Replayed = testing::Types<kernels::LatencyEx2, kernels::LatencyLg2, kernels::LatencyRcp, kernels::LatencyRsqrt,
                                kernels::LatencySin, kernels::LatencyTanh>;
TYPED_TEST_SUITE(Latency, Replayed);

TYPED_TEST(Latency, IsReplayedOneStepATrip) {
  using Op = TypeParam;
  for (const int trips : {1, 3, 500}) {
    const auto whole = launched<Op, 1, Op::body>(small<Op>(1, Op::body, trips));
    const auto half = launched<Op, 1, Op::body / 2>(small<Op>(1, Op::body / 2, 2 * trips));
    const auto single = launched<Op, 1, 1>(small<Op>(1, 1, Op::body * trips));
    if (flawed()) {
      EXPECT_NE(whole.out, single.out);
      continue;
    }
    EXPECT_EQ(whole.out, half.out);
    EXPECT_EQ(whole.out, single.out);
    for (const std::uint32_t bits : whole.out) EXPECT_TRUE(std::isfinite(std::bit_cast<float>(bits)));
    EXPECT_NE(whole.out, (launched<Op, 1, 1>(small<Op>(1, 1, Op::body * trips - 1)).out));
  }
}

/// Clocks of one step in a chain that has nothing beside it: the difference of two bodies, as the program takes it.
template <class Op>
double cycles_of_step() {
  constexpr int trips = 100;
  const auto of = [](const auto& outcome) { return outcome.cycles(); };
  Chain<Op> shape = Chain<Op>::dependent(1);
  shape.trips = trips;
  const double whole = of(launched<Op, 1, Op::body>(shape));
  const double half = of(launched<Op, 1, Op::body / 2>(shape));
  constexpr int steps = Op::body / 2;
  return (whole - half) / trips / steps;
}

TEST(Timing, ALatencyComesBackFromTheDifferenceOfTwoLengths) {
  EXPECT_NEAR(cycles_of_step<kernels::Fp32Fma>(), 4, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::Fp64Fma>(), 8, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::Fp16x2Fma>(), 6, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::Dp4a>(), 5, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::Shuffle>(), 23, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::LatencyEx2>(), 18 + 4, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::LatencySin>(), 4 + 18 + 4, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::ConvertF32ToS32>(), 4 + 14 + 4, 0.01);
  EXPECT_NEAR(cycles_of_step<kernels::ConvertF32ToF64>(), 4 + 14 + 4 + 4, 0.01);
}

/// Steps of all threads and chains per clock on an SM with so many warps.
template <class Op, int chains>
double rate(int warps) {
  Chain<Op> shape = Chain<Op>::with_ilp(chains);
  shape.threads = std::min(32 * warps, Chain<Op>::max_threads);
  const int blocks_of_sm = 32 * warps / shape.threads;
  shape.blocks = blocks_of_sm * settings().sms;
  shape.trips = 50;
  const double cycles = launched<Op, chains, Op::body / chains>(shape).cycles();
  return shape.operations() / Op::operations / settings().sms / cycles;
}

/// With `speed` of the table's rate.
double full(double lanes) { return lanes * settings().speed; }

TEST(Timing, AFullSmReachesTheRateOfThePipe) {
  EXPECT_NEAR((rate<kernels::Fp32Fma, 8>(64)), full(128), 0.1);
  EXPECT_NEAR((rate<kernels::Fp64Fma, 8>(64)), full(64), 0.1);
  EXPECT_NEAR((rate<kernels::Fp16x2Fma, 8>(64)), full(128), 0.1);
  EXPECT_NEAR((rate<kernels::Int32Mad, 8>(64)), full(64), 0.1);
  EXPECT_NEAR((rate<kernels::Shuffle, 8>(64)), full(32), 0.1);
  EXPECT_NEAR((rate<kernels::SfuSin, 8>(64)), full(16), 0.1);
  EXPECT_NEAR((rate<kernels::ConvertS32ToF32, 8>(64)), full(64), 0.1);  // two pipes and the schedulers, all full
  EXPECT_NEAR((rate<kernels::Fp32Int32Mix, 8>(64)), full(64), 0.1);     // two instructions each
}

TEST(Timing, FewWarpsAndFewChainsDoNotFillThePipe) {
  EXPECT_NEAR((rate<kernels::Fp32Fma, 1>(4)), 32, 0.5);  // one warp a scheduler, every fourth clock
  EXPECT_NEAR((rate<kernels::Fp32Fma, 2>(4)), 64, 1);
  EXPECT_NEAR((rate<kernels::Fp32Fma, 1>(8)), 64, 1);
  EXPECT_NEAR((rate<kernels::Fp32Fma, 4>(4)), full(128), 3);
  EXPECT_NEAR((rate<kernels::Fp32Fma, 8>(1)), full(32), 1);  // one scheduler
  EXPECT_NEAR((rate<kernels::Fp16x2Fma, 8>(4)), 64, 1);      // a warp issues HFMA2 every second clock
  EXPECT_NEAR((rate<kernels::Fp16x2Fma, 8>(8)), full(128), 2);
}

TEST(Trace, AnSmWithFewerBlocksIsReadyBefore) {
  auto shape = Chain<kernels::Fp32Fma>::with_ilp(8);
  shape.blocks = settings().sms + 1;
  shape.trips = 50;
  const auto trace = launched<kernels::Fp32Fma, 8, 64>(shape).trace;
  const auto cycles = [&](std::size_t block) {
    return static_cast<double>(trace[block].end_clk - trace[block].begin_clk);
  };
  EXPECT_EQ(trace.front().smid, 0);
  EXPECT_EQ(trace.back().smid, 0);
  EXPECT_EQ(trace[1].smid, 1);
  EXPECT_EQ(cycles(0), cycles(trace.size() - 1));
  EXPECT_NEAR(cycles(1), cycles(0) / 2, 1);
}

TEST(SfuValues, LieWithinWhatIsDocumentedAndNotAlwaysNearest) {
  const bool this_flawed = flawed() && settings().flawed_kernel == "sfu_values";  // it serves the measuring only
  constexpr std::uint32_t count = 1 << 15;
  constexpr std::array ranges = {0x3e000000U, 0xbe000000U};  // from 0.125 on, either sign, to 2
  for (const auto function :
       {kernels::SpecialFunction::ex2, kernels::SpecialFunction::lg2, kernels::SpecialFunction::rcp,
        kernels::SpecialFunction::rsqrt, kernels::SpecialFunction::sin, kernels::SpecialFunction::tanh}) {
    int inexact = 0;
    for (const std::uint32_t first : ranges) {
      kernels::SfuValues values{.function = function, .first = first, .stride = 1021, .count = count};
      const DeviceArray<std::uint32_t> out(count);
      std::uint32_t* data = out.data.get();
      std::array<void*, 5> arguments = {&values.function, &values.first, &values.stride, &values.count, &data};
      ASSERT_EQ(
          cudaLaunchKernel(registered(kernels::sfu_values), dim3(count / 256), dim3(256), arguments.data(), 0, nullptr),
          cudaSuccess);
      const auto results = out.to_host();
      EXPECT_EQ(kernels::count_mismatches(values, results.data()) > 0, this_flawed) << static_cast<int>(function);
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto expected = kernels::expected_bits(function, std::bit_cast<float>(first + i * values.stride));
        if (results[i] >> static_cast<unsigned>(kernels::shift(function)) != expected) ++inexact;
      }
    }
    EXPECT_GT(inexact, static_cast<int>(count / 10)) << static_cast<int>(function);
  }
}

}  // namespace
