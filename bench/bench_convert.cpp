// How many conversions a second does the GPU do, by the groups of the throughput table?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/convert.hpp"

namespace peakproof::bench {
namespace {

template <class Op>
void add(Registry& registry, CudaDevice& device, const std::string& name, theory::Pipe pipe) {
  add_cuda_chain<Op>(registry, device, {.name = "convert", .params = {{"case", name}}, .pipe = pipe});
}

}  // namespace

void declare_convert_cuda(Registry& registry, CudaDevice& device) {
  using theory::Pipe;
  const auto cc = device.spec().compute_capability;
  add<kernels::ConvertF32ToS32>(registry, device, "f32_to_s32", Pipe::convert);
  add<kernels::ConvertF32ToF16>(registry, device, "f32_to_f16", Pipe::convert);
  const bool by_special_function_unit = cc < theory::ComputeCapability{8, 6};  // I2F, later I2FP
  add<kernels::ConvertS32ToF32>(registry, device, "s32_to_f32",
                                by_special_function_unit ? Pipe::convert : Pipe::convert_int_to_float);
  add<kernels::ConvertS16ToS32>(registry, device, "s16_to_s32", Pipe::convert_small_int);
  add<kernels::ConvertF64ToF32>(registry, device, "f64_to_f32", Pipe::convert_64bit);
  add<kernels::ConvertF32ToF64>(registry, device, "f32_to_f64", Pipe::convert_64bit);
  if (cc < theory::ComputeCapability{8, 0})
    registry.add({.name = "convert",
                  .params = {{"case", "f32_to_f16x2"}},
                  .skip = "there is no packed conversion before compute capability 8.0"});
  else
    add<kernels::ConvertPack>(registry, device, "f32_to_f16x2", Pipe::convert_pack);
}

}  // namespace peakproof::bench
