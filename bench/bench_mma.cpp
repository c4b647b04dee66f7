// How fast are the tensor cores through mma.sync, in every type and shape, operands in registers?
#include "bench/harness/cuda_matrix_chain.hpp"
#include "kernels/tensor/mma.hpp"

namespace peakproof::bench {
namespace {

/// As the report names an instruction.
struct Instruction {
  const char* type;
  const char* shape;
  bool sparse = false;
};

/// `largest`: of the shapes of a type, which is the one that a floor is for.
template <class Op>
void add(Registry& registry, CudaDevice& device, const Instruction& instruction, theory::Pipe pipe,
         bool largest = true) {
  reports::Texts params = {{"type", instruction.type}, {"shape", instruction.shape}};
  if (instruction.sparse) params["sparsity"] = "2:4";
  add_matrix_chain<Op>(registry, device,
                       {.name = "mma", .params = std::move(params), .pipe = pipe, .largest = largest});
}

}  // namespace

void declare_mma_cuda(Registry& registry, CudaDevice& device) {
  using theory::Pipe;
  add<kernels::MmaF16K8>(registry, device, {"fp16", "m16n8k8"}, Pipe::tensor_fp16, false);
  add<kernels::MmaF16K16>(registry, device, {"fp16", "m16n8k16"}, Pipe::tensor_fp16);
  add<kernels::MmaF16Acc16K8>(registry, device, {"fp16_acc16", "m16n8k8"}, Pipe::tensor_fp16_acc16, false);
  add<kernels::MmaF16Acc16K16>(registry, device, {"fp16_acc16", "m16n8k16"}, Pipe::tensor_fp16_acc16);
  add<kernels::MmaBf16K8>(registry, device, {"bf16", "m16n8k8"}, Pipe::tensor_bf16, false);
  add<kernels::MmaBf16K16>(registry, device, {"bf16", "m16n8k16"}, Pipe::tensor_bf16);
  add<kernels::MmaSparseF16K16>(registry, device, {"fp16", "m16n8k16", true}, Pipe::tensor_fp16_sparse, false);
  add<kernels::MmaSparseF16K32>(registry, device, {"fp16", "m16n8k32", true}, Pipe::tensor_fp16_sparse);
  add<kernels::MmaSparseBf16K16>(registry, device, {"bf16", "m16n8k16", true}, Pipe::tensor_bf16_sparse, false);
  add<kernels::MmaSparseBf16K32>(registry, device, {"bf16", "m16n8k32", true}, Pipe::tensor_bf16_sparse);
  add<kernels::MmaSparseF16Acc16K16>(registry, device, {"fp16_acc16", "m16n8k16", true}, Pipe::tensor_fp16_acc16_sparse,
                                     false);
  add<kernels::MmaSparseF16Acc16K32>(registry, device, {"fp16_acc16", "m16n8k32", true},
                                     Pipe::tensor_fp16_acc16_sparse);
  add<kernels::MmaTf32K4>(registry, device, {"tf32", "m16n8k4"}, Pipe::tensor_tf32, false);
  add<kernels::MmaTf32K8>(registry, device, {"tf32", "m16n8k8"}, Pipe::tensor_tf32);
  add<kernels::MmaSparseTf32K8>(registry, device, {"tf32", "m16n8k8", true}, Pipe::tensor_tf32_sparse, false);
  add<kernels::MmaSparseTf32K16>(registry, device, {"tf32", "m16n8k16", true}, Pipe::tensor_tf32_sparse);
  add<kernels::MmaF64M8K4>(registry, device, {"fp64", "m8n8k4"}, Pipe::tensor_fp64, false);
  add<kernels::MmaF64K4>(registry, device, {"fp64", "m16n8k4"}, Pipe::tensor_fp64, false);
  add<kernels::MmaF64K8>(registry, device, {"fp64", "m16n8k8"}, Pipe::tensor_fp64, false);
  add<kernels::MmaF64K16>(registry, device, {"fp64", "m16n8k16"}, Pipe::tensor_fp64);
  add<kernels::MmaS8M8K16>(registry, device, {"int8", "m8n8k16"}, Pipe::tensor_int8, false);
  add<kernels::MmaS8K16>(registry, device, {"int8", "m16n8k16"}, Pipe::tensor_int8, false);
  add<kernels::MmaS8K32>(registry, device, {"int8", "m16n8k32"}, Pipe::tensor_int8);
  add<kernels::MmaSparseS8K32>(registry, device, {"int8", "m16n8k32", true}, Pipe::tensor_int8_sparse, false);
  add<kernels::MmaSparseS8K64>(registry, device, {"int8", "m16n8k64", true}, Pipe::tensor_int8_sparse);
  add<kernels::MmaS4M8K32>(registry, device, {"int4", "m8n8k32"}, Pipe::tensor_int4, false);
  add<kernels::MmaS4K32>(registry, device, {"int4", "m16n8k32"}, Pipe::tensor_int4, false);
  add<kernels::MmaS4K64>(registry, device, {"int4", "m16n8k64"}, Pipe::tensor_int4);
  add<kernels::MmaSparseS4K64>(registry, device, {"int4", "m16n8k64", true}, Pipe::tensor_int4_sparse, false);
  add<kernels::MmaSparseS4K128>(registry, device, {"int4", "m16n8k128", true}, Pipe::tensor_int4_sparse);
  add<kernels::MmaB1XorM8K128>(registry, device, {"b1_xor", "m8n8k128"}, Pipe::tensor_b1, false);
  add<kernels::MmaB1XorK128>(registry, device, {"b1_xor", "m16n8k128"}, Pipe::tensor_b1, false);
  add<kernels::MmaB1XorK256>(registry, device, {"b1_xor", "m16n8k256"}, Pipe::tensor_b1);
  add<kernels::MmaB1AndM8K128>(registry, device, {"b1_and", "m8n8k128"}, Pipe::tensor_b1, false);
  add<kernels::MmaB1AndK128>(registry, device, {"b1_and", "m16n8k128"}, Pipe::tensor_b1, false);
  add<kernels::MmaB1AndK256>(registry, device, {"b1_and", "m16n8k256"}, Pipe::tensor_b1);
  add<kernels::MmaE4m3K16>(registry, device, {"fp8_e4m3", "m16n8k16"}, Pipe::tensor_fp8, false);
  add<kernels::MmaE4m3K32>(registry, device, {"fp8_e4m3", "m16n8k32"}, Pipe::tensor_fp8);
  add<kernels::MmaE4m3Acc16K16>(registry, device, {"fp8_e4m3_acc16", "m16n8k16"}, Pipe::tensor_fp8_acc16, false);
  add<kernels::MmaE4m3Acc16K32>(registry, device, {"fp8_e4m3_acc16", "m16n8k32"}, Pipe::tensor_fp8_acc16);
  add<kernels::MmaSparseE4m3K64>(registry, device, {"fp8_e4m3", "m16n8k64", true}, Pipe::tensor_fp8_sparse);
  add<kernels::MmaSparseE4m3Acc16K64>(registry, device, {"fp8_e4m3_acc16", "m16n8k64", true},
                                      Pipe::tensor_fp8_acc16_sparse);
  add<kernels::MmaE5m2K16>(registry, device, {"fp8_e5m2", "m16n8k16"}, Pipe::tensor_fp8, false);
  add<kernels::MmaE5m2K32>(registry, device, {"fp8_e5m2", "m16n8k32"}, Pipe::tensor_fp8);
  add<kernels::MmaE5m2Acc16K16>(registry, device, {"fp8_e5m2_acc16", "m16n8k16"}, Pipe::tensor_fp8_acc16, false);
  add<kernels::MmaE5m2Acc16K32>(registry, device, {"fp8_e5m2_acc16", "m16n8k32"}, Pipe::tensor_fp8_acc16);
  add<kernels::MmaSparseE5m2K64>(registry, device, {"fp8_e5m2", "m16n8k64", true}, Pipe::tensor_fp8_sparse);
  add<kernels::MmaSparseE5m2Acc16K64>(registry, device, {"fp8_e5m2_acc16", "m16n8k64", true},
                                      Pipe::tensor_fp8_acc16_sparse);
  add<kernels::MmaE3m2K32>(registry, device, {"fp6_e3m2", "m16n8k32"}, Pipe::tensor_fp6);
  add<kernels::MmaSparseE3m2K64>(registry, device, {"fp6_e3m2", "m16n8k64", true}, Pipe::tensor_fp6_sparse);
  add<kernels::MmaE2m3K32>(registry, device, {"fp6_e2m3", "m16n8k32"}, Pipe::tensor_fp6);
  add<kernels::MmaSparseE2m3K64>(registry, device, {"fp6_e2m3", "m16n8k64", true}, Pipe::tensor_fp6_sparse);
  add<kernels::MmaE2m1K32>(registry, device, {"fp4_e2m1", "m16n8k32"}, Pipe::tensor_fp6);
  add<kernels::MmaSparseE2m1K64>(registry, device, {"fp4_e2m1", "m16n8k64", true}, Pipe::tensor_fp6_sparse);
  add<kernels::MmaMxE4m3K32>(registry, device, {"mxfp8_e4m3", "m16n8k32"}, Pipe::tensor_fp8);
  add<kernels::MmaMxE5m2K32>(registry, device, {"mxfp8_e5m2", "m16n8k32"}, Pipe::tensor_fp8);
  add<kernels::MmaMxE3m2K32>(registry, device, {"mxfp6_e3m2", "m16n8k32"}, Pipe::tensor_fp6);
  add<kernels::MmaMxE2m3K32>(registry, device, {"mxfp6_e2m3", "m16n8k32"}, Pipe::tensor_fp6);
  add<kernels::MmaMxE2m1K32>(registry, device, {"mxfp4_e2m1", "m16n8k32"}, Pipe::tensor_fp6);
  add<kernels::MmaMxf4K64>(registry, device, {"mxfp4", "m16n8k64"}, Pipe::tensor_fp4);
  add<kernels::MmaNvf4K64>(registry, device, {"nvfp4", "m16n8k64"}, Pipe::tensor_fp4);
  add<kernels::MmaSparseMxf4K128>(registry, device, {"mxfp4", "m16n8k128", true}, Pipe::tensor_fp4_sparse);
  add<kernels::MmaSparseNvf4K128>(registry, device, {"nvfp4", "m16n8k128", true}, Pipe::tensor_fp4_sparse);
}

}  // namespace peakproof::bench
