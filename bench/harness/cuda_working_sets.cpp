#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "bench/harness/cuda_dram.hpp"
#include "bench/harness/cuda_stream.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/device_check.hpp"
#include "bench/harness/errors.hpp"
#include "kernels/memory/pattern.hpp"
#include "kernels/memory/working_set.hpp"

namespace peakproof::bench {
namespace {

constexpr int kPoison = 0xA5;
constexpr std::int64_t kSmallest = 16 << 10;

/// Two sizes an octave up to 4 x L2, where the levels change, and one above; all that are multiples of `multiple`.
std::vector<std::int64_t> sizes(std::int64_t l2_bytes, std::int64_t largest, std::int64_t multiple) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t octave = kSmallest; octave <= largest; octave *= 2)
    for (const std::int64_t bytes : {octave, octave + octave / 2})
      if (bytes <= largest && bytes % multiple == 0 && (bytes == octave || bytes <= 4 * l2_bytes))
        sizes.push_back(bytes);
  return sizes;
}

void add_point(Registry& registry, CudaDevice& device, kernels::WorkingSet kernel, const std::string& pattern) {
  struct State {
    kernels::WorkingSet kernel;
    DeviceBuffer<std::byte> source;
    DeviceBuffer<std::byte> out;
    DeviceBuffer<unsigned long long> check;
  };
  const kernels::Pattern words{.data = kernel_data(registry.options().data)};
  const auto state = std::make_shared<State>();
  const bool copies = kernel.pattern == kernels::WorkingSetPattern::copy;
  Case point{.name = "dram",
             .params = {{"sweep", "size"},
                        {"pattern", pattern},
                        {"bytes", std::to_string(kernel.bytes)},
                        {"data", data_name(registry.options().data)}},
             .unit = "B/s",
             .kernel = kernel.symbol(),
             .remark = working_set_remark(registry.device(), kernel.bytes)};
  if (copies && kernel.bytes <= registry.device().l2_bytes)
    point.remark += "; stores go through to the L2, and those of all SMs to the same lines where the set is small";
  if (exceeds_caches(registry.device(), kernel.bytes)) point.pipe = theory::Pipe::dram;
  point.prepare = [=, &device] {
    require_room({.count = kernel.buffers(), .bytes = kernel.buffer_bytes()}, device);
    int per_sm = 0;
    check(kernels::blocks_per_sm(kernel, &per_sm));
    *state = State{.kernel = kernel, .source = DeviceBuffer<std::byte>(kernel.buffer_bytes())};
    state->kernel.blocks = kernels::coprime_blocks(kernel, per_sm * device.spec().sm_count);
    state->out = DeviceBuffer<std::byte>(copies ? kernel.buffer_bytes() : 8LL * state->kernel.blocks);
    state->check = DeviceBuffer<unsigned long long>(1);
    check(kernels::fill(words, state->source.data(), state->source.count(), device.stream()));
  };
  point.release = [state] { *state = State{}; };
  point.set_length = [state](std::int64_t passes) { state->kernel.passes = passes; };
  point.work = [state] { return state->kernel.bytes_moved(); };
  point.poison = [state, &device] { state->out.fill_bytes(kPoison, device.stream()); };
  point.launch = [state, &device] {
    check(kernels::launch(state->kernel, state->source.data(), state->out.data(), device.stream()));
  };
  point.verify = [=, &device] {
    const std::int64_t items = state->source.count() / 8;
    if (copies)
      return verify_on_device(device.stream(), "every 8-byte word of the copy against its position, on the device",
                              items, [&](kernels::Mismatches* found) {
                                return kernels::count_mismatches(words, state->out.data(), state->out.count(), found,
                                                                 device.stream());
                              });
    state->check.fill_bytes(0, device.stream());
    check(kernels::sum_of_words(words, items, state->check.data(), device.stream()));
    const std::uint64_t expected =
        static_cast<std::uint64_t>(state->kernel.passes) * state->check.to_host(device.stream()).front();
    const auto sums = state->out.to_host(device.stream());
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < sums.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t of_block = 0;
      std::memcpy(&of_block, &sums[at], sizeof of_block);
      sum += of_block;
    }
    return reports::Verification{
        .method = "the sum of all words of all passes modulo 2^64 against that of their positions",
        .items = 1,
        .mismatches = sum == expected ? 0 : 1};
  };
  registry.add(std::move(point));
}

}  // namespace

void add_cuda_working_sets(Registry& registry, CudaDevice& device) {
  const std::int64_t room = dram_room(device);
  const std::int64_t largest = registry.options().size_bytes.value_or(room);
  if (largest < kSmallest || largest > room)
    throw UsageError(fmt::format("--size {} is too {}: working sets are from {} to {} bytes", largest,
                                 largest < kSmallest ? "small" : "large", kSmallest, room));
  for (const auto& [name, pattern] :
       {std::pair{"read", kernels::WorkingSetPattern::read}, std::pair{"copy", kernels::WorkingSetPattern::copy}}) {
    kernels::WorkingSet kernel{.pattern = pattern};
    for (const std::int64_t bytes :
         sizes(registry.device().l2_bytes, largest, kernel.buffers() * kernels::WorkingSet::tile_bytes)) {
      kernel.bytes = bytes;
      add_point(registry, device, kernel, name);
    }
  }
}

}  // namespace peakproof::bench
