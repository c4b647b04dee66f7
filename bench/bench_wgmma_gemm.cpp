// How much of Hopper's tensor cores does a hand-written matrix product reach, and how near does it come to cuBLASLt?
#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/cuda_cublas.hpp"
#include "bench/harness/cuda_gemm.hpp"
#include "kernels/tensor/wgmma_gemm.hpp"

namespace peakproof::bench {
namespace {

using kernels::WgmmaGemm;
using kernels::WgmmaGemmPlan;

/// Why this device does not run the kernel; nothing where it does.
std::optional<std::string> why_skipped(const CudaDevice& device, const std::string& kernel) {
  const auto cc = device.spec().compute_capability;
  if (cc.major != 9 || cc.minor != 0) return fmt::format("needs wgmma, which {} lacks: only 9.0 has it", to_string(cc));
  if (device.audit(kernel).arch != "sm_90a")
    return "needs the machine code of sm_90a: PTX that the driver compiles has no wgmma";
  return std::nullopt;
}

/// What cuBLAS reaches is public with its clock, and this design is public at the rate of cuBLAS: 10 % of room. Smaller
/// products than the usual one may be bound by their launch.
std::optional<reports::Floor> floor_of(const Options& options, kernels::Element operand) {
  if (options.m || options.n || options.k) return std::nullopt;
  const bool bf16 = operand == kernels::Element::bf16;
  return reports::Floor{
      .issue = 0.75,
      .source = bf16
                    ? "published: cuBLAS at 83 to 86 % of the clock under load, 8192^3 on H200 SXM (moe-kernels); this "
                      "design at 101.5 % of cuBLAS on H100 SXM (fast.cu)"
                    : "published: cuBLAS at 95 to 97 % of the clock under load on H200 SXM (moe-kernels)"};
}

void add(Registry& registry, CudaDevice& device, const char* type, kernels::Element operand, theory::Pipe pipe) {
  const WgmmaGemm any{operand, {}};
  const auto plans = std::make_shared<std::vector<WgmmaGemmPlan>>();
  const auto prepare = [plans, operand](const kernels::GemmShape& shape, std::span<const GemmOperands> sets) {
    plans->clear();
    for (const auto& set : sets) check(make_plan({operand, shape}, set.a, set.b, set.c, &plans->emplace_back()));
  };
  const auto launch_set = [plans](const kernels::GemmShape&, const GemmOperands&, std::size_t set,
                                  cudaStream_t stream) { check(launch(plans->at(set), stream)); };
  const std::string kernel = any.symbol();
  const auto no_reference = cublas_lacks(device.spec(), any.types());
  const auto reference = no_reference ? std::nullopt : std::optional(cublas_reference(device, any.types()));
  add_cuda_gemm(registry, device,
                {.name = "wgmma_gemm",
                 .params = {{"type", type}},
                 .types = any.types(),
                 .pipe = pipe,
                 .floor = floor_of(registry.options(), operand),
                 .tile = any.tile(),
                 .kernel = kernel,
                 .remark = no_reference.value_or(""),
                 .skip = why_skipped(device, kernel),
                 .prepare = prepare,
                 .release = [plans] { *plans = {}; },
                 .launch = launch_set,
                 .reference = reference});
}

}  // namespace

void declare_wgmma_gemm_cuda(Registry& registry, CudaDevice& device) {
  add(registry, device, "bf16", kernels::Element::bf16, theory::Pipe::tensor_bf16);
  add(registry, device, "fp8_e4m3", kernels::Element::e4m3, theory::Pipe::tensor_fp8);
  add(registry, device, "fp8_e5m2", kernels::Element::e5m2, theory::Pipe::tensor_fp8);
}

}  // namespace peakproof::bench
