// The kernels that read caches and follow rings, on a real device: every answer in full. Ends with 77 (skipped) where
// there is no device.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include "kernels/memory/cache_read.hpp"
#include "kernels/memory/load_latency.hpp"
#include "kernels/memory/pointer_chase.hpp"
#include "kernels/memory/texture_read.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

// ---- sets that are read round and round ----

template <class Read, class Launch>
std::vector<std::uint32_t> run(const Read& kernel, const Launch& launch) {
  const Buffer<std::uint32_t> out(static_cast<std::size_t>(kernel.blocks) * Read::threads);
  const Buffer<BlockTrace> trace(static_cast<std::size_t>(kernel.blocks));
  check(launch(out.get(), trace.get()));
  synchronize();
  for (const BlockTrace& block : trace.host()) {
    EXPECT_GE(block.smid, 0);
    EXPECT_GT(block.end_clk, block.begin_clk);
  }
  return out.host();
}

TEST(CacheReadOnDevice, EveryThreadsSumIsRight) {
  for (const Cache cache : {Cache::l1, Cache::l2}) {
    for (const std::int64_t chunks : {1, 2, 5, 100}) {
      const Pattern pattern{.seed = 1};
      CacheRead kernel{.cache = cache, .bytes = chunks * CacheRead::chunk_bytes};
      int per_sm = 0;
      check(blocks_per_sm(kernel, &per_sm));
      ASSERT_GE(per_sm * CacheRead::threads, 1024) << "an SM is not full";
      kernel.blocks = per_sm * sm_count();
      const Buffer<std::uint64_t> set(static_cast<std::size_t>(kernel.bytes) / 8);
      check(fill(pattern, set.get(), kernel.bytes, nullptr));
      for (const int trips : {1, 2, 3, 101, 1000}) {
        kernel.trips = trips;
        const auto out = run(kernel, [&](std::uint32_t* to, BlockTrace* trace) {
          return launch(kernel, set.get(), to, trace, nullptr);
        });
        EXPECT_EQ(out, answer(kernel, pattern)) << kernel.symbol() << ", " << chunks << " chunks, " << trips;
      }
    }
  }
}

TEST(CacheReadOnDevice, RefusesWhatItCannotRead) {
  const Buffer<std::uint32_t> out(CacheRead::threads);
  const Buffer<BlockTrace> trace(1);
  EXPECT_EQ(launch(CacheRead{.bytes = 100}, out.get(), out.get(), trace.get(), nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(CacheRead{.trips = 0}, out.get(), out.get(), trace.get(), nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(CacheRead{}, nullptr, out.get(), trace.get(), nullptr), cudaErrorInvalidValue);
}

struct Texture {
  cudaTextureObject_t object = 0;
  Texture(const cudaResourceDesc& resource, const cudaTextureDesc& sampler) {
    check(cudaCreateTextureObject(&object, &resource, &sampler, nullptr));
  }
  Texture(const Texture&) = delete;
  Texture& operator=(const Texture&) = delete;
  ~Texture() { static_cast<void>(cudaDestroyTextureObject(object)); }
};

TEST(TextureReadOnDevice, EveryThreadsSumIsRightFilteredOrNot) {
  for (const Fetch fetch : {Fetch::linear, Fetch::point, Fetch::bilinear}) {
    for (const int words : {1, 4}) {
      TextureRead kernel{.fetch = fetch, .texel_words = words, .blocks = 3 * sm_count()};
      const auto set = texels(kernel, 1);
      Buffer<float> memory(set.size());
      check(cudaMemcpy(memory.get(), set.data(), TextureRead::set_bytes, cudaMemcpyHostToDevice));
      const Texture texture(resource(kernel, memory.get()), sampler(kernel));
      for (const int trips : {1, 2, 3, 8, 1001}) {
        kernel.trips = trips;
        const auto out = run(kernel, [&](std::uint32_t* to, BlockTrace* trace) {
          return launch(kernel, texture.object, to, trace, nullptr);
        });
        EXPECT_EQ(out, answer(kernel, 1)) << kernel.symbol() << ", " << trips << " trips";
      }
    }
  }
}

// ---- rings ----

ChaseOutcome walked(const PointerChase& chase, std::uint64_t first, cudaTextureObject_t texture = 0) {
  const Buffer<ChaseOutcome> out(1);
  check(launch(chase, first, texture, out.get(), nullptr));
  synchronize();
  return out.host().at(0);
}

TEST(PointerChaseOnDevice, EndsWhereItsStepsLead) {
  for (const Ring ring : {Ring{.nodes = 1}, Ring{.nodes = 128}, Ring{.nodes = 1000},
                          Ring{.nodes = 16, .stride_bytes = 8}, Ring{.nodes = 5, .stride_bytes = 2 << 20}}) {
    const Buffer<char> memory(static_cast<std::size_t>(ring.bytes()));
    check(fill(ring, memory.get(), false, nullptr));
    const auto place = [&](std::int64_t step) {
      return reinterpret_cast<std::uint64_t>(memory.get()) + static_cast<std::uint64_t>(ring.place(step));
    };
    for (const ChasePath path : {ChasePath::all_levels, ChasePath::second_level}) {
      for (const int warm : {0, 3}) {
        const auto outcome = walked({.path = path, .warm_trips = warm, .trips = 50}, place(7));
        EXPECT_EQ(outcome.last, place(7 + (warm + 50) * PointerChase::steps));
        EXPECT_GT(outcome.cycles, 50 * PointerChase::steps * 10) << "no load takes less than 10 cycles";
      }
    }
  }
}

TEST(PointerChaseOnDevice, OfTheKernelsOwnRings) {
  for (const auto& [path, ring] : {std::pair{ChasePath::shared, PointerChase::shared_ring},
                                   std::pair{ChasePath::constant, PointerChase::constant_ring}}) {
    const auto first = static_cast<std::uint64_t>(ring.place(3));
    const auto outcome = walked({.path = path, .warm_trips = 5, .trips = 90}, first);
    EXPECT_EQ(outcome.last, static_cast<std::uint64_t>(ring.place(3 + 95 * PointerChase::steps)));
    EXPECT_GT(outcome.cycles, 90 * PointerChase::steps * 10);
  }
}

TEST(PointerChaseOnDevice, ThroughATexture) {
  const Ring ring{.nodes = 128};
  const Buffer<char> memory(static_cast<std::size_t>(ring.bytes()));
  check(fill(ring, memory.get(), true, nullptr));
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeLinear;
  resource.res.linear = {memory.get(), {32, 0, 0, 0, cudaChannelFormatKindUnsigned}, memory.count};
  cudaTextureDesc sampler = {};
  sampler.readMode = cudaReadModeElementType;
  const Texture texture(resource, sampler);
  const auto outcome =
      walked({.path = ChasePath::texture, .trips = 11}, static_cast<std::uint64_t>(ring.place(0)) / 4, texture.object);
  EXPECT_EQ(outcome.last, static_cast<std::uint64_t>(ring.place(std::int64_t{11} * PointerChase::steps)) / 4);
}

TEST(PointerChaseOnDevice, EverySmTakesItsTurnAlone) {
  const Ring ring{.nodes = 16, .stride_bytes = 8};
  const Buffer<char> memory(static_cast<std::size_t>(ring.bytes()));
  check(fill(ring, memory.get(), false, nullptr));
  const auto address = reinterpret_cast<std::uint64_t>(memory.get());
  const Buffer<std::uint32_t> turn(kTurnWords);
  const Buffer<ChaseOutcome> out(ChaseBySm::most_sms);
  const ChaseBySm chase{.sm_count = sm_count(), .trips = 20};
  check(launch(chase, address + static_cast<std::uint64_t>(ring.place(0)), turn.get(), out.get(), nullptr));
  synchronize();
  int sms = 0;
  const auto outcomes = out.host();
  for (std::size_t sm = 0; sm < outcomes.size(); ++sm) {
    if (outcomes[sm].smid != static_cast<std::int64_t>(sm)) continue;
    ++sms;
    EXPECT_EQ(outcomes[sm].last, address + static_cast<std::uint64_t>(ring.place(std::int64_t{21} * ChaseBySm::steps)));
    EXPECT_GT(outcomes[sm].cycles, 20 * ChaseBySm::steps * 50) << "the L2 is further away than 50 cycles";
  }
  EXPECT_EQ(sms, sm_count());
}

TEST(LoadLatencyOnDevice, ASecondLoadOfALineIsNotSlower) {
  constexpr std::int64_t bytes = 1 << 20;
  constexpr std::size_t samples = 1024;
  const Buffer<char> memory(bytes);
  const Buffer<std::uint32_t> first(samples);
  const Buffer<std::uint32_t> again(samples);
  check(launch(LoadLatency{.bytes = bytes, .samples = samples}, memory.get(), first.get(), again.get(), nullptr));
  synchronize();
  auto as_found = first.host();
  auto once_more = again.host();
  std::sort(as_found.begin(), as_found.end());
  std::sort(once_more.begin(), once_more.end());
  EXPECT_GT(once_more.front(), 50U) << "not from the L1";
  EXPECT_LT(once_more.back(), 100'000U);
  EXPECT_LE(once_more[samples / 2], as_found[samples / 2] + 20);
}

}  // namespace
