// Chains of matrix products (mma.sync, WMMA): which of them this device has, and what they are held against.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "bench/harness/cuda_chain.hpp"
#include "kernels/tensor/native.hpp"
#include "theory/throughput.hpp"

namespace peakproof::bench {

/// What a benchmark says of an instruction.
struct MatrixCase {
  std::string name;
  reports::Texts params;
  theory::Pipe pipe{};  ///< of the tensor cores
  bool largest = true;  ///< the shape that fills the pipe; smaller ones may be bound by something else
};

/// Why this device does not run the instruction itself; empty where it does. `code` is the architecture of the machine
/// code (or of the PTX, which is that of 8.0), since the kernel holds a trap where that lacks the instruction. Pure.
[[nodiscard]] std::string why_not_native(const kernels::Native& native, theory::ComputeCapability device,
                                         theory::ComputeCapability code);
/// The architecture of the machine code that runs on a device: of "sm_90a", or 8.0 where it is empty and PTX runs. Pure.
[[nodiscard]] theory::ComputeCapability code_architecture(const std::string& loaded);
/// The lowest E_issue that is accepted of mma.sync's largest shape, where a public measurement carries one.
[[nodiscard]] std::optional<reports::Floor> mma_floor(theory::ComputeCapability device, theory::Pipe tensor);

template <class Op>
void add_matrix_chain(Registry& registry, CudaDevice& device, const MatrixCase& what) {
  const auto cc = device.spec().compute_capability;
  const auto code = code_architecture(device.audit(kernels::Chain<Op>().symbol()).arch);
  if (const auto why = why_not_native(Op::native, cc, code); !why.empty())
    return registry.add({.name = what.name, .params = what.params, .skip = why});
  ChainCase chain{.name = what.name,
                  .params = what.params,
                  .pipe = theory::mma_ceiling(device.spec(), what.pipe),
                  .unit = std::string(theory::unit(what.pipe)),
                  .burst = true};
  if (what.largest) chain.floor = mma_floor(cc, what.pipe);
  if (!chain.pipe)
    chain.remark = "no ceiling of this instruction is known here: the tensor cores have a faster one, wgmma or tcgen05";
  add_cuda_chain<Op>(registry, device, chain);
}

}  // namespace peakproof::bench
