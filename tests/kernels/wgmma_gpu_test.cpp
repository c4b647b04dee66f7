// The wgmma chains on a real device: every thread of every shape. Ends with 77 (skipped) where there is none, and skips its
// tests on any other architecture.
#include <gtest/gtest.h>

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "kernels/tensor/wgmma.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

std::vector<Wgmma> every_shape() {
  std::vector<Wgmma> all;
  for (const auto type : Wgmma::types)
    for (const bool sparse : {false, true})
      for (const bool a_in_registers : {false, true})
        for (const int n : Wgmma::widths)
          all.push_back({.type = type, .sparse = sparse, .a_in_registers = a_in_registers, .n = n});
  return all;
}

/// What every thread wrote, and where its block ran.
struct Outcome {
  std::vector<std::uint32_t> words;
  std::vector<BlockTrace> trace;
};

Outcome run(const Wgmma& chain, const WgmmaMatrices& matrices) {
  const auto host_operands = wgmma_operands(chain, matrices);
  const Buffer<std::uint32_t> operands(host_operands.size());
  check(cudaMemcpy(operands.get(), host_operands.data(), host_operands.size() * sizeof(std::uint32_t),
                   cudaMemcpyHostToDevice));
  const Buffer<std::uint32_t> out(static_cast<std::size_t>(chain.blocks) * Wgmma::threads);
  const Buffer<BlockTrace> trace(static_cast<std::size_t>(chain.blocks));
  check(prepare(chain));
  check(launch(chain, operands.get(), out.get(), trace.get(), nullptr));
  synchronize();
  return {out.host(), trace.host()};
}

class WgmmaOnDevice : public testing::TestWithParam<Wgmma> {
 protected:
  void SetUp() override {
    if (compute_capability() != 90) GTEST_SKIP() << "wgmma is compute capability 9.0's alone";
  }
};

TEST_P(WgmmaOnDevice, LeavesTheAnswerInEveryThread) {
  Wgmma chain = GetParam();
  chain.blocks = chain.blocks_per_sm() * sm_count();
  for (const WgmmaData data : {WgmmaData::random, WgmmaData::zero, WgmmaData::ones}) {
    const auto matrices = wgmma_matrices(chain, data);
    for (const int trips : {1, 2, 200, 15'000}) {
      chain.trips = trips;
      const auto expected = wgmma_answer(chain, matrices);
      const auto words = run(chain, matrices).words;
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] != expected[i % expected.size()]) ++wrong;
      EXPECT_EQ(wrong, 0U) << "data " << static_cast<int>(data) << ", " << trips << " trips";
    }
  }
}

TEST_P(WgmmaOnDevice, FillsEverySmAlike) {
  Wgmma chain = GetParam();
  chain.blocks = chain.blocks_per_sm() * sm_count();
  chain.trips = 100;
  std::multiset<std::int64_t> sms;
  for (const BlockTrace& block : run(chain, wgmma_matrices(chain, WgmmaData::random)).trace) {
    sms.insert(block.smid);
    EXPECT_GT(block.end_clk, block.begin_clk);
  }
  for (const std::int64_t sm : sms) EXPECT_EQ(sms.count(sm), static_cast<std::size_t>(chain.blocks_per_sm())) << sm;
}

TEST_P(WgmmaOnDevice, ShowsAWrongOperand) {
  Wgmma chain = GetParam();
  chain.trips = 3;
  const auto right = wgmma_matrices(chain, WgmmaData::random);
  auto wrong = right;
  wrong.b[1].values.back() = wrong.b[1].values.back() > 0 ? -1 : 1;
  const auto expected = wgmma_answer(chain, right);
  const auto words = run(chain, wrong).words;
  EXPECT_NE(words, std::vector<std::uint32_t>(expected.begin(), expected.end()));
}

/// Letters and digits alone.
std::string test_name(const testing::TestParamInfo<Wgmma>& tested) {
  std::string name;
  for (const char c : tested.param.symbol())
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  return name;
}
INSTANTIATE_TEST_SUITE_P(Shapes, WgmmaOnDevice, testing::ValuesIn(every_shape()), test_name);

}  // namespace
