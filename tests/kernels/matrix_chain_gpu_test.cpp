// mma.sync and WMMA on a real device: every accumulator of every instruction that it has, bit for bit.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "kernels/arithmetic/chain_answer.hpp"
#include "tests/kernels/chain_operations.hpp"
#include "tests/kernels/matrix_operations.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

template <class Op>
std::vector<typename Op::Bits> run(Chain<Op> chain) {
  chain.blocks *= sm_count();
  const Buffer<typename Op::Bits> out(static_cast<std::size_t>(chain.blocks) * static_cast<std::size_t>(chain.threads));
  const Buffer<BlockTrace> trace(static_cast<std::size_t>(chain.blocks));
  check(launch(chain, out.get(), trace.get(), nullptr));
  synchronize();
  return out.host();
}

template <class Op>
void expect_every_accumulator() {
  if (!Op::native.on(compute_capability())) GTEST_SKIP() << "not on this device";
  for (const int ilp : Chain<Op>::ilps) {
    for (const int trips : {1, kTripsPerSign, kTripsPerSign + 1, 3 * kTripsPerSign - 1, 1000}) {
      auto chain = Chain<Op>::with_ilp(ilp);
      chain.trips = trips;
      check(blocks_per_sm(chain, &chain.blocks));
      const auto values = run(chain);
      const auto expected = answer(chain);
      std::size_t mismatches = 0;
      for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] != expected[i % 32]) ++mismatches;
      EXPECT_EQ(mismatches, 0U) << "of " << values.size() << ", " << chain.symbol() << ", " << trips << " trips";
    }
  }
}

template <class Op>
class MmaOnDevice : public testing::Test {};
TYPED_TEST_SUITE(MmaOnDevice, MmaOperations, OperationName);
TYPED_TEST(MmaOnDevice, EveryAccumulator) { expect_every_accumulator<TypeParam>(); }

template <class Op>
class MoreMmaOnDevice : public testing::Test {};
TYPED_TEST_SUITE(MoreMmaOnDevice, MoreMmaOperations, OperationName);
TYPED_TEST(MoreMmaOnDevice, EveryAccumulator) { expect_every_accumulator<TypeParam>(); }

template <class Op>
class WmmaOnDevice : public testing::Test {};
TYPED_TEST_SUITE(WmmaOnDevice, WmmaOperations, OperationName);
TYPED_TEST(WmmaOnDevice, EveryAccumulator) { expect_every_accumulator<TypeParam>(); }

}  // namespace
