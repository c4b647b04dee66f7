// The wgmma chains on the host, by their own source: every thread of a block a thread of the process, with an emulated
// instruction (tests/kernels/emulated). What this shows is which element goes where and when; what a real tensor core does
// is wgmma_gpu_test's.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

// The source is a kernel's, with array bounds of type int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include "kernels/tensor/wgmma.cuh"
#pragma GCC diagnostic pop

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

/// What each thread of a block leaves.
template <class Op, int n>
std::vector<std::uint32_t> run(const Wgmma& chain, const std::vector<std::uint32_t>& operands) {
  constexpr std::size_t kAlignment = 1024;
  const std::size_t bytes = operands.size() * sizeof(std::uint32_t);
  std::vector<std::uint8_t> memory(bytes + kAlignment, 0xFF);
  auto* shared =
      memory.data() + (kAlignment - reinterpret_cast<std::uintptr_t>(memory.data()) % kAlignment) % kAlignment;
  emulated::Block block(Wgmma::threads);
  block.shared_begin = shared;
  block.shared_end = shared + bytes;
  std::vector<std::uint32_t> out(Wgmma::threads, ~0U);
  std::vector<uint4> vectors(operands.size() / 4);
  std::memcpy(vectors.data(), operands.data(), bytes);
  BlockTrace trace;
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < Wgmma::threads; ++thread)
    threads.emplace_back([&, thread] {
      emulated::block = &block;
      threadIdx = {thread, 0, 0};
      blockIdx = {0, 0, 0};
      run_wgmma_chain<Op, n, Wgmma::steps>(reinterpret_cast<uint4*>(shared), vectors.data(), chain.trips, out.data(),
                                           &trace);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(trace.smid, 0);
  return out;
}

template <class Op, int n>
void expect_the_answer(int trips, WgmmaData data) {
  const Wgmma chain{
      .type = Op::type, .sparse = Op::sparse, .a_in_registers = Op::a_in_registers, .n = n, .trips = trips};
  const auto matrices = wgmma_matrices(chain, data);
  const auto expected = wgmma_answer(chain, matrices);
  EXPECT_EQ((run<Op, n>(chain, wgmma_operands(chain, matrices))),
            std::vector<std::uint32_t>(expected.begin(), expected.end()))
      << chain.symbol() << ", " << trips << " trips, data " << static_cast<int>(data);
}

template <class Op>
class Emulated : public testing::Test {};
using wgmma::Type;
using Operations =
    testing::Types<WgmmaOperation<Type::f16, false, false>, WgmmaOperation<Type::f16, false, true>,
                   WgmmaOperation<Type::f16, true, false>, WgmmaOperation<Type::f16, true, true>,
                   WgmmaOperation<Type::f16_acc16, false, false>, WgmmaOperation<Type::f16_acc16, false, true>,
                   WgmmaOperation<Type::f16_acc16, true, false>, WgmmaOperation<Type::f16_acc16, true, true>,
                   WgmmaOperation<Type::bf16, false, false>, WgmmaOperation<Type::bf16, false, true>,
                   WgmmaOperation<Type::bf16, true, false>, WgmmaOperation<Type::bf16, true, true>,
                   WgmmaOperation<Type::tf32, false, false>, WgmmaOperation<Type::tf32, false, true>,
                   WgmmaOperation<Type::tf32, true, false>, WgmmaOperation<Type::tf32, true, true>,
                   WgmmaOperation<Type::e4m3, false, false>, WgmmaOperation<Type::e4m3, false, true>,
                   WgmmaOperation<Type::e4m3, true, false>, WgmmaOperation<Type::e4m3, true, true>,
                   WgmmaOperation<Type::e5m2, false, false>, WgmmaOperation<Type::e5m2, false, true>,
                   WgmmaOperation<Type::e5m2, true, false>, WgmmaOperation<Type::e5m2, true, true>,
                   WgmmaOperation<Type::s8, false, false>, WgmmaOperation<Type::s8, false, true>,
                   WgmmaOperation<Type::s8, true, false>, WgmmaOperation<Type::s8, true, true>>;
TYPED_TEST_SUITE(Emulated, Operations);

TYPED_TEST(Emulated, EveryThreadLeavesTheAnswer) {
  expect_the_answer<TypeParam, 8>(2, WgmmaData::random);
  expect_the_answer<TypeParam, 32>(1, WgmmaData::random);
  expect_the_answer<TypeParam, 16>(1, WgmmaData::zero);
  expect_the_answer<TypeParam, 16>(1, WgmmaData::ones);
}

TEST(EmulatedWgmma, TurnsTheSignOfEitherSlice) {
  using Op = WgmmaOperation<Type::f16_acc16, false, false>;
  for (const int trips : {80, 82, 84})
    expect_the_answer<Op, 8>(trips, WgmmaData::random);  // of 79 and 83 before a turn
}

TEST(EmulatedWgmma, TakesTheWidestB) {
  expect_the_answer<WgmmaOperation<Type::e4m3, true, true>, 256>(1, WgmmaData::random);
  expect_the_answer<WgmmaOperation<Type::tf32, false, false>, 256>(1, WgmmaData::random);
}

}  // namespace
