// How much of the tensor cores does the vendor's own library reach, for every type that it multiplies?
#include <array>
#include <optional>
#include <string>

#include "bench/harness/cuda_cublas.hpp"
#include "bench/harness/cuda_gemm.hpp"
#include "theory/throughput.hpp"

namespace peakproof::bench {
namespace {

using kernels::Element;
using theory::Pipe;

struct Product {
  const char* type;
  kernels::GemmTypes types;
  Pipe pipe;
  const char* accumulation = "";  ///< of FP8: where its sums are kept
  double floor = 0;               ///< 0: none is sourced
};
// C is what a user takes: the accumulator's format, and BF16 of BF16 and FP8. From 9.0 on the library uses wgmma and
// tcgen05, so that the limit is the tensor pipe itself.
constexpr std::array kProducts = {
    Product{"fp64", {Element::f64, Element::f64, Element::f64}, Pipe::tensor_fp64},
    Product{"fp32", {Element::f32, Element::f32, Element::f32}, Pipe::fp32_fma},
    Product{"tf32", {Element::tf32, Element::f32, Element::f32}, Pipe::tensor_tf32},
    Product{"fp16", {Element::f16, Element::f32, Element::f32}, Pipe::tensor_fp16},
    Product{"fp16_acc16", {Element::f16, Element::f16, Element::f16}, Pipe::tensor_fp16_acc16},
    Product{"bf16", {Element::bf16, Element::f32, Element::bf16}, Pipe::tensor_bf16, "", 0.75},
    Product{"fp8_e4m3", {Element::e4m3, Element::f32, Element::bf16}, Pipe::tensor_fp8, "fast", 0.85},
    Product{"fp8_e4m3", {Element::e4m3, Element::f32, Element::bf16}, Pipe::tensor_fp8, "precise"},
    Product{"fp8_e5m2", {Element::e5m2, Element::f32, Element::bf16}, Pipe::tensor_fp8},
    Product{"int8", {Element::s8, Element::s32, Element::s32}, Pipe::tensor_int8},
};

/// What published runs reach on H200, of their large shape alone.
std::optional<reports::Floor> floor_of(const Product& product, const Registry& registry) {
  const auto& device = registry.device();
  const auto& options = registry.options();
  const bool own_shape = options.m || options.n || options.k;
  if (product.floor == 0 || own_shape || device.compute_capability != theory::ComputeCapability{9, 0} ||
      device.variant != theory::Variant::datacenter_pro)
    return std::nullopt;
  return reports::Floor{product.floor,
                        product.types.operand == Element::bf16
                            ? "moe-kernels: cuBLAS at 8192 x 8192 x 8192 reaches 83 to 86 % at its clock on H200"
                            : "moe-kernels: cuBLAS at 8192 x 8192 x 8192 reaches 95 to 97 % at its clock on H200"};
}

/// Nothing where the library may use FP64 tensor cores whose rate is not known, as on 8.6 ("for program correctness")
/// and H800: neither their rate nor that of the vector units is then a limit. Before 8.0, on 10.3 and on 11.0 there are
/// none (CUDA programming guide 13, table of tensor core input types).
std::optional<Pipe> pipe_of(const Product& product, const theory::DeviceSpec& device) {
  using theory::ComputeCapability;
  const auto& cc = device.compute_capability;
  if (product.pipe != Pipe::tensor_fp64 || theory::find_throughput(cc, device.variant, product.pipe) != nullptr)
    return product.pipe;
  const bool vector = cc.major < 8 || cc == ComputeCapability{10, 3} || cc == ComputeCapability{11, 0};
  return vector ? std::optional(Pipe::fp64_fma) : std::nullopt;
}

/// Only the tensor cores of 8.9 and 9.0 keep sums of FP8 products in fewer bits than FP32 has.
bool promotes(const theory::DeviceSpec& device) {
  return device.compute_capability == theory::ComputeCapability{8, 9} ||
         device.compute_capability == theory::ComputeCapability{9, 0};
}

}  // namespace

void declare_cublas_gemm_cuda(Registry& registry, CudaDevice& device) {
  const auto& spec = registry.device();
  for (const Product& product : kProducts) {
    const std::string accumulation = promotes(spec) ? product.accumulation : "";
    const bool precise = product.accumulation == std::string("precise");
    if (precise && accumulation.empty()) continue;
    const auto cublas = cublas_reference(device, product.types, {.fast_accumulation = !precise});
    reports::Texts params = {{"type", product.type}};
    if (!accumulation.empty()) params["accumulation"] = accumulation;
    const auto pipe = pipe_of(product, spec);
    add_cuda_gemm(registry, device,
                  {.name = "cublas_gemm",
                   .params = params,
                   .types = product.types,
                   .pipe = pipe,
                   .floor = floor_of(product, registry),
                   .tile = kernels::cublas_tile(product.types),
                   .wave = kernels::GemmTile{.m = 128, .n = 256, .k = 64},
                   .remark = pipe ? "" : "the rate of the FP64 tensor cores that the library may use here is not known",
                   .skip = cublas_lacks(spec, product.types),
                   .prepare = cublas.prepare,
                   .release = cublas.release,
                   .launch = cublas.launch,
                   .found = cublas.found});
  }
}

}  // namespace peakproof::bench
