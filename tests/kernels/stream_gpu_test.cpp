// The STREAM patterns and the working sets on a real device: every answer, and that the checks see a wrong one. Ends with 77
// (skipped) where there is no device.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>

#include "kernels/memory/stream.hpp"
#include "kernels/memory/stream_check.hpp"
#include "kernels/memory/working_set.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

constexpr std::uint64_t kUntouched = ~0ULL;  // what a Buffer holds at first

struct Operands {
  StreamKernel kernel;
  StreamData data;
  Buffer<std::uint64_t> x{std::max<std::size_t>(1, kernel.inputs() >= 1 ? words() : 1)};
  Buffer<std::uint64_t> y{std::max<std::size_t>(1, kernel.inputs() >= 2 ? words() : 1)};
  Buffer<std::uint64_t> out{static_cast<std::size_t>(items(kernel)) + 1};  // and one word behind it

  [[nodiscard]] std::size_t words() const { return static_cast<std::size_t>(kernel.bytes / 8); }
  [[nodiscard]] StreamOperands operands() const {
    return {.x = kernel.inputs() >= 1 ? x.get() : nullptr,
            .y = kernel.inputs() >= 2 ? y.get() : nullptr,
            .out = out.get(),
            .words = data.words()};
  }
  void run() const {
    check(fill_inputs(kernel, data, x.get(), y.get(), nullptr));
    check(launch(kernel, operands(), nullptr));
    synchronize();
  }
  [[nodiscard]] unsigned long long mismatches() const {
    Buffer<Mismatches> found(1);
    found.fill_bytes(0);
    check(count_mismatches(kernel, data, operands(), found.get(), nullptr));
    synchronize();
    return found.host().front().count;
  }
};

bool fits(std::int64_t bytes) {
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total));
  return free > static_cast<std::size_t>(bytes) + (std::size_t{256} << 20U);
}

class StreamOnDevice : public testing::TestWithParam<std::tuple<StreamPattern, Data>> {
 protected:
  [[nodiscard]] static Operands operands(std::int64_t granules) {
    const auto [pattern, data] = GetParam();
    return {.kernel = {.pattern = pattern, .bytes = granules * StreamKernel::granule},
            .data = {.data = data, .seed = 3}};
  }
};

TEST_P(StreamOnDevice, LeavesWhatTheHostExpectsAndNoMore) {
  const Operands these = operands(7);
  these.run();
  const StreamKernel& kernel = these.kernel;
  const auto out = these.out.host();
  const auto x = these.x.host();
  const auto of_block = static_cast<std::uint64_t>(kernel.block_bytes() / 8);
  for (std::size_t i = 0; i + 1 < out.size(); ++i)
    ASSERT_EQ(out[i], kernel.sums() ? these.data.sum(kernel.pattern, i * of_block, of_block)
                                    : these.data.output(kernel.pattern, these.operands().scalar, i))
        << i;
  EXPECT_EQ(out.back(), kUntouched) << "written beyond the end";
  for (std::size_t i = 0; kernel.inputs() >= 1 && i < x.size(); ++i)
    ASSERT_EQ(x[i], these.data.input(kernel.pattern, StreamInput::x, i));
  EXPECT_EQ(these.mismatches(), 0U);
}

TEST_P(StreamOnDevice, TheCheckSeesOneWrongBitAnywhere) {
  Operands these = operands(5);
  EXPECT_EQ(these.mismatches(), std::get<1>(GetParam()) == Data::ones && these.kernel.pattern <= StreamPattern::copy &&
                                        these.kernel.pattern != StreamPattern::read
                                    ? 0U  // what lies there is what should
                                    : static_cast<unsigned long long>(items(these.kernel)));
  these.run();
  const auto right = these.out.host();
  unsigned long long wrong = 0;
  for (const std::size_t at : {std::size_t{0}, right.size() / 2, right.size() - 2}) {
    these.out.set(at, right[at] ^ 1U);
    EXPECT_EQ(these.mismatches(), ++wrong);
  }
}

/// Beyond 2^31 words of 4 bytes, and beyond 2^31 vectors of 16, so that a 32-bit index shows.
TEST_P(StreamOnDevice, LargeBuffers) {
  if (std::get<1>(GetParam()) != Data::random) GTEST_SKIP() << "as with random data";
  for (const std::int64_t gib : {8, 33}) {
    const std::int64_t granules = (gib << 30) / StreamKernel::granule + 3;
    if (!fits(StreamKernel{.pattern = std::get<0>(GetParam())}.buffers() * granules * StreamKernel::granule)) continue;
    const Operands these = operands(granules);
    these.run();
    EXPECT_EQ(these.mismatches(), 0U) << gib << " GiB";
  }
}

std::string case_name(const testing::TestParamInfo<StreamOnDevice::ParamType>& info) {
  constexpr const char* data[] = {"random", "zero", "ones"};
  return std::string(name(std::get<0>(info.param))) + "_" + data[static_cast<int>(std::get<1>(info.param))];
}
INSTANTIATE_TEST_SUITE_P(Patterns, StreamOnDevice,
                         testing::Combine(testing::ValuesIn(kStreamPatterns),
                                          testing::Values(Data::random, Data::zero, Data::ones)),
                         case_name);

TEST(WordSequenceOnDevice, EveryWordIsCompared) {
  const WordSequence words{.first = 5, .step = 3};
  Buffer<std::uint64_t> buffer(1000);
  for (std::size_t i = 0; i < 1000; ++i) buffer.set(i, 5 + 3 * i);
  Buffer<Mismatches> found(1);
  for (const unsigned long long wrong : {0ULL, 1ULL}) {
    found.fill_bytes(0);
    check(count_mismatches(words, buffer.get(), 8000, found.get(), nullptr));
    synchronize();
    EXPECT_EQ(found.host().front().count, wrong);
    buffer.set(999, 0);
  }
}

class WorkingSetOnDevice : public testing::TestWithParam<std::int64_t> {};

TEST_P(WorkingSetOnDevice, ReadsEveryWordInEveryPass) {
  const Pattern pattern{Data::random, 8};
  WorkingSet kernel{.bytes = GetParam() * WorkingSet::tile_bytes};
  int per_sm = 0;
  check(blocks_per_sm(kernel, &per_sm));
  kernel.blocks = coprime_blocks(kernel, per_sm * sm_count());
  const Buffer<std::uint64_t> source(static_cast<std::size_t>(kernel.bytes / 8));
  check(fill(pattern, source.get(), kernel.bytes, nullptr));
  std::uint64_t once = 0;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(kernel.bytes / 8); ++i) once += pattern.word(i);
  for (const std::int64_t passes : {1, 2, 7, 1000}) {
    kernel.passes = passes;
    const Buffer<std::uint64_t> sums(static_cast<std::size_t>(kernel.blocks));
    check(launch(kernel, source.get(), sums.get(), nullptr));
    synchronize();
    std::uint64_t sum = 0;
    for (const std::uint64_t of_block : sums.host()) sum += of_block;
    EXPECT_EQ(sum, static_cast<std::uint64_t>(passes) * once) << passes << " passes";
  }
}

TEST_P(WorkingSetOnDevice, CopiesEveryWord) {
  const Pattern pattern{Data::random, 8};
  WorkingSet kernel{.pattern = WorkingSetPattern::copy, .bytes = 2 * GetParam() * WorkingSet::tile_bytes, .passes = 3};
  kernel.blocks = coprime_blocks(kernel, sm_count());
  const auto words = static_cast<std::size_t>(kernel.buffer_bytes() / 8);
  const Buffer<std::uint64_t> source(words);
  const Buffer<std::uint64_t> out(words + 1);
  check(fill(pattern, source.get(), kernel.buffer_bytes(), nullptr));
  check(launch(kernel, source.get(), out.get(), nullptr));
  synchronize();
  const auto copied = out.host();
  for (std::size_t i = 0; i < words; ++i) ASSERT_EQ(copied[i], pattern.word(i)) << i;
  EXPECT_EQ(copied.back(), kUntouched) << "written beyond the end";
}
INSTANTIATE_TEST_SUITE_P(Tiles, WorkingSetOnDevice, testing::Values(1, 2, 3, 64, 96, 1000));

}  // namespace
