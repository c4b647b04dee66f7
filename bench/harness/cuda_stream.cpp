#include "bench/harness/cuda_stream.hpp"

#include <memory>
#include <utility>

#include "bench/harness/cuda_dram.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/device_check.hpp"
#include "kernels/memory/pattern.hpp"
#include "kernels/memory/stream.hpp"
#include "kernels/memory/stream_check.hpp"

namespace peakproof::bench {
namespace {

constexpr int kPoison = 0xA5;

using Bytes = DeviceBuffer<std::byte>;

/// What all cases of device memory have in common.
Case memory_case(const Registry& registry, const std::string& pattern, const DramBuffers& buffers) {
  return {.name = "dram",
          .params = {{"pattern", pattern},
                     {"bytes", std::to_string(buffers.bytes)},
                     {"data", data_name(registry.options().data)}},
          .pipe = theory::Pipe::dram,
          .unit = "B/s",
          .floor = dram_floor(registry.device(), pattern),
          .remark = working_set_remark(registry.device(), buffers.total()),
          .misuse = buffers.misuse};
}

void add_pattern(Registry& registry, CudaDevice& device, kernels::StreamPattern pattern) {
  struct State {
    kernels::StreamKernel kernel;
    kernels::StreamData data;
    Bytes x;
    Bytes y;
    Bytes out;

    [[nodiscard]] kernels::StreamOperands operands() const {
      return {.x = x.data(), .y = y.data(), .out = out.data(), .words = data.words()};
    }
  };
  const auto buffers = dram_buffers(registry, device, kernels::StreamKernel{.pattern = pattern}.buffers(),
                                    kernels::StreamKernel::granule);
  const kernels::StreamKernel kernel{.pattern = pattern, .bytes = buffers.bytes};
  const kernels::StreamData data{.data = kernel_data(registry.options().data)};
  const auto state = std::make_shared<State>();

  Case each = memory_case(registry, kernels::name(pattern), buffers);
  each.kernel = kernel.symbol();
  each.prepare = [=, &device] {
    require_room(buffers, device);
    *state = State{.kernel = kernel, .data = data};
    if (kernel.inputs() >= 1) state->x = Bytes(kernel.bytes);
    if (kernel.inputs() >= 2) state->y = Bytes(kernel.bytes);
    state->out = Bytes(kernel.output_bytes());
    check(kernels::fill_inputs(kernel, data, state->x.data(), state->y.data(), device.stream()));
  };
  each.release = [state] { *state = State{}; };
  each.work = [kernel] { return kernel.bytes_moved(); };
  each.poison = [state, &device] { state->out.fill_bytes(kPoison, device.stream()); };
  each.launch = [state, &device] { check(kernels::launch(state->kernel, state->operands(), device.stream())); };
  each.verify = [state, &device] {
    return verify_on_device(device.stream(),
                            state->kernel.sums() ? "the sum of every block's part, exact, against that of its positions"
                                                 : "every element bit for bit against its position, on the device",
                            kernels::items(state->kernel), [&](kernels::Mismatches* mismatches) {
                              return kernels::count_mismatches(state->kernel, state->data, state->operands(),
                                                               mismatches, device.stream());
                            });
  };
  registry.add(std::move(each));
}

/// cudaMemcpyAsync from one buffer to another.
void add_memcpy(Registry& registry, CudaDevice& device) {
  struct State {
    Bytes source;
    Bytes destination;
  };
  const auto buffers = dram_buffers(registry, device, 2, kernels::StreamKernel::granule);
  const kernels::Pattern pattern{.data = kernel_data(registry.options().data)};
  const auto state = std::make_shared<State>();

  Case each = memory_case(registry, "memcpy", buffers);
  each.prepare = [=, &device] {
    require_room(buffers, device);
    *state = State{.source = Bytes(buffers.bytes), .destination = Bytes(buffers.bytes)};
    check(kernels::fill(pattern, state->source.data(), buffers.bytes, device.stream()));
  };
  each.release = [state] { *state = State{}; };
  each.work = [total = buffers.total()] { return static_cast<double>(total); };
  each.poison = [state, &device] { state->destination.fill_bytes(kPoison, device.stream()); };
  each.launch = [state, &device] {
    check(cudaMemcpyAsync(state->destination.data(), state->source.data(), state->source.bytes(),
                          cudaMemcpyDeviceToDevice, device.stream()));
  };
  each.verify = [=, &device] {
    return verify_on_device(device.stream(), "every 8-byte word of the copy against its position, on the device",
                            buffers.bytes / 8, [&](kernels::Mismatches* mismatches) {
                              return kernels::count_mismatches(pattern, state->destination.data(), buffers.bytes,
                                                               mismatches, device.stream());
                            });
  };
  registry.add(std::move(each));
}

/// The byte that memset writes: what it can write depends on no position.
int byte_for(DataChoice data) {
  constexpr int anything = 0x3C;
  if (data == DataChoice::zero) return 0;
  return data == DataChoice::ones ? 0xFF : anything;
}

/// cudaMemsetAsync.
void add_memset(Registry& registry, CudaDevice& device) {
  struct State {
    Bytes out;
  };
  const auto buffers = dram_buffers(registry, device, 1, kernels::StreamKernel::granule);
  const int byte = byte_for(registry.options().data);
  const auto state = std::make_shared<State>();

  Case each = memory_case(registry, "memset", buffers);
  each.prepare = [=, &device] {
    require_room(buffers, device);
    *state = State{.out = Bytes(buffers.bytes)};
  };
  each.release = [state] { *state = State{}; };
  each.work = [total = buffers.total()] { return static_cast<double>(total); };
  // Not by what is measured.
  each.poison = [state, &device] {
    check(kernels::fill(kernels::Pattern{}, state->out.data(), state->out.count(), device.stream()));
  };
  each.launch = [=, &device] { state->out.fill_bytes(byte, device.stream()); };
  each.verify = [=, &device] {
    constexpr std::uint64_t in_every_byte = 0x0101010101010101;
    const kernels::WordSequence expected{.first = static_cast<std::uint64_t>(byte) * in_every_byte};
    return verify_on_device(device.stream(), "every 8-byte word against the byte that was set, on the device",
                            buffers.bytes / 8, [&](kernels::Mismatches* mismatches) {
                              return kernels::count_mismatches(expected, state->out.data(), buffers.bytes, mismatches,
                                                               device.stream());
                            });
  };
  registry.add(std::move(each));
}

}  // namespace

void add_cuda_stream(Registry& registry, CudaDevice& device) {
  for (const auto pattern : kernels::kStreamPatterns) add_pattern(registry, device, pattern);
  add_memcpy(registry, device);
  add_memset(registry, device);
}

}  // namespace peakproof::bench
