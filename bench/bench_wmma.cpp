// How fast are the tensor cores through nvcuda::wmma, in every type, operands in registers?
#include "bench/harness/cuda_matrix_chain.hpp"
#include "kernels/tensor/wmma.hpp"

namespace peakproof::bench {
namespace {

template <class Op>
void add(Registry& registry, CudaDevice& device, const char* type, theory::Pipe pipe, bool largest = true) {
  add_matrix_chain<Op>(registry, device,
                       {.name = "wmma", .params = {{"type", type}}, .pipe = pipe, .largest = largest});
}

}  // namespace

void declare_wmma_cuda(Registry& registry, CudaDevice& device) {
  using theory::Pipe;
  add<kernels::WmmaF16>(registry, device, "fp16", Pipe::tensor_fp16);
  add<kernels::WmmaF16Acc16>(registry, device, "fp16_acc16", Pipe::tensor_fp16_acc16);
  add<kernels::WmmaBf16>(registry, device, "bf16", Pipe::tensor_bf16);
  const bool small_shapes_suffice = device.spec().compute_capability.major == 8;
  add<kernels::WmmaTf32>(registry, device, "tf32", Pipe::tensor_tf32, small_shapes_suffice);  // four of m16n8k4
  add<kernels::WmmaF64>(registry, device, "fp64", Pipe::tensor_fp64);
  add<kernels::WmmaS8>(registry, device, "int8", Pipe::tensor_int8, small_shapes_suffice);  // two of m16n8k16
  add<kernels::WmmaS4>(registry, device, "int4", Pipe::tensor_int4);
  add<kernels::WmmaB1Xor>(registry, device, "b1_xor", Pipe::tensor_b1);
  add<kernels::WmmaB1And>(registry, device, "b1_and", Pipe::tensor_b1);
}

}  // namespace peakproof::bench
