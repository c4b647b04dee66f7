// How fast are Hopper's tensor cores through wgmma, in every type, dense and sparse, with A in shared memory or registers?
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/registry.hpp"
#include "bench/harness/sm_blame.hpp"
#include "bench/harness/sm_rates.hpp"
#include "kernels/tensor/wgmma.hpp"

namespace peakproof::bench {
namespace {

using kernels::Wgmma;
using theory::Pipe;

kernels::WgmmaData wgmma_data(DataChoice choice) {
  switch (choice) {
    case DataChoice::zero:
      return kernels::WgmmaData::zero;
    case DataChoice::ones:
      return kernels::WgmmaData::ones;
    case DataChoice::random:
      break;
  }
  return kernels::WgmmaData::random;
}

/// A type as a report names it, and its pipes.
struct TypeRow {
  kernels::wgmma::Type type;
  const char* name;
  Pipe dense;
  Pipe sparse;
};
using kernels::wgmma::Type;
constexpr TypeRow kTypes[] = {
    {Type::f16, "fp16", Pipe::tensor_fp16, Pipe::tensor_fp16_sparse},
    {Type::f16_acc16, "fp16_acc16", Pipe::tensor_fp16_acc16, Pipe::tensor_fp16_acc16_sparse},
    {Type::bf16, "bf16", Pipe::tensor_bf16, Pipe::tensor_bf16_sparse},
    {Type::tf32, "tf32", Pipe::tensor_tf32, Pipe::tensor_tf32_sparse},
    {Type::e4m3, "fp8_e4m3", Pipe::tensor_fp8, Pipe::tensor_fp8_sparse},
    {Type::e5m2, "fp8_e5m2", Pipe::tensor_fp8, Pipe::tensor_fp8_sparse},
    {Type::s8, "int8", Pipe::tensor_int8, Pipe::tensor_int8_sparse},
};

/// Of the widest, which alone is published; sparse ones have no sourced floor.
std::optional<reports::Floor> floor_of(const Wgmma& chain, bool sweep) {
  if (sweep || chain.sparse || chain.n != Wgmma::widths.back()) return std::nullopt;
  return reports::Floor{.issue = 0.95,
                        .source =
                            "published: 98.6 to 98.7 % of the data sheet at n = 256 (FP16, TF32, E4M3, INT8) on H100 "
                            "SXM5, clock not recorded (HPMLL micro-benchmarks); the types differ in k alone"};
}

/// Where shared memory is slower than the tensor cores, and what is to be said of the options.
std::string remark_of(const Wgmma& chain, const Options& options) {
  std::string remark;
  if (const double share = chain.shared_memory_share(); share < 1)
    remark = fmt::format("predicted: shared memory, 128 bytes a clock, allows {:.0f} % of this peak", 100 * share);
  if (options.m || options.n || options.k)
    remark += fmt::format("{}--m --n --k do not apply: an instruction has its own shape (--sweep measures every n)",
                          remark.empty() ? "" : "; ");
  return remark;
}

/// Why this device cannot run it; nothing where it can.
std::optional<std::string> why_not(const CudaDevice& device) {
  constexpr theory::ComputeCapability kHopper{9, 0};
  const auto cc = device.spec().compute_capability;
  if (cc != kHopper)
    return fmt::format("wgmma is an instruction of compute capability 9.0 (sm_90a) alone, and this is {}",
                       to_string(cc));
  if (device.audit(Wgmma().symbol()).arch != "sm_90a")
    return "wgmma needs the machine code of sm_90a, which this build has not, or which was kept from being used";
  return std::nullopt;
}

struct State {
  Wgmma chain;
  kernels::WgmmaMatrices matrices;
  DeviceBuffer<std::uint32_t> operands;
  DeviceBuffer<std::uint32_t> out;
  DeviceBuffer<kernels::BlockTrace> trace;
};

State prepare_state(Wgmma chain, kernels::WgmmaData data, const CudaDevice& device) {
  chain.blocks = chain.blocks_per_sm() * device.spec().sm_count;
  check(kernels::prepare(chain));
  State state{.chain = chain,
              .matrices = kernels::wgmma_matrices(chain, data),
              .out = DeviceBuffer<std::uint32_t>(std::int64_t{chain.blocks} * Wgmma::threads),
              .trace = DeviceBuffer<kernels::BlockTrace>(chain.blocks)};
  const auto operands = kernels::wgmma_operands(chain, state.matrices);
  state.operands = DeviceBuffer<std::uint32_t>(static_cast<std::int64_t>(operands.size()));
  check(cudaMemcpy(state.operands.data(), operands.data(), state.operands.bytes(), cudaMemcpyHostToDevice));
  return state;
}

reports::Verification verify(const State& state, cudaStream_t stream) {
  const auto expected = kernels::wgmma_answer(state.chain, state.matrices);
  return verify_by_sm("every thread's accumulators bit for bit against their exact values", state.out.to_host(stream),
                      state.trace.to_host(stream), [&](std::size_t i) { return expected[i % expected.size()]; });
}

void add(Registry& registry, CudaDevice& device, const TypeRow& row, const Wgmma& chain) {
  const Options& options = registry.options();
  reports::Texts params = {{"type", row.name},
                           {"sparsity", chain.sparse ? "2:4" : "dense"},
                           {"a", chain.a_in_registers ? "registers" : "shared"},
                           {"n", std::to_string(chain.n)},
                           {"data", data_name(options.data)}};
  if (options.sweep) params.emplace("sweep", "n");
  const Pipe pipe = chain.sparse ? row.sparse : row.dense;
  const auto state = std::make_shared<State>();
  registry.add({
      .name = "wgmma",
      .params = std::move(params),
      .pipe = pipe,
      .unit = std::string(theory::unit(pipe)),
      .floor = floor_of(chain, options.sweep),
      .kernel = chain.symbol(),
      .remark = remark_of(chain, options),
      .burst = true,
      .prepare = [state, &device, chain,
                  data = wgmma_data(options.data)] { *state = prepare_state(chain, data, device); },
      .release = [state] { *state = State{}; },
      .set_length = [state](std::int64_t trips) { state->chain.trips = static_cast<int>(trips); },
      .work = [state] { return state->chain.operations(); },
      .poison =
          [state, &device] {
            constexpr int kPoison = 0xA5;
            state->out.fill_bytes(kPoison, device.stream());
          },
      .launch =
          [state, &device] {
            check(
                launch(state->chain, state->operands.data(), state->out.data(), state->trace.data(), device.stream()));
          },
      .verify = [state, &device] { return verify(*state, device.stream()); },
      .unit_maps =
          [state, &device] {
            return sm_maps(state->trace.to_host(device.stream()), state->chain.operations() / state->chain.blocks,
                           device.spec().sm_count);
          },
  });
}

}  // namespace

void declare_wgmma_cuda(Registry& registry, CudaDevice& device) {
  if (auto why = why_not(device)) return registry.skip("wgmma", std::move(*why));
  for (const TypeRow& row : kTypes)
    for (const bool sparse : {false, true})
      for (const bool a_in_registers : {false, true})
        for (const int n : Wgmma::widths)
          if (registry.options().sweep || n == Wgmma::widths.back())
            add(registry, device, row, {.type = row.type, .sparse = sparse, .a_in_registers = a_in_registers, .n = n});
}

}  // namespace peakproof::bench
