// The pipes, memories and links of a machine: what a peak is the peak of.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace peakproof::theory {

/// One execution pipe, memory level or link. The names are those of the command line and of the JSON (see `name`).
/// `tensor_…` accumulates in FP32 or INT32 unless it says acc16; `…_sparse` is the 2:4 structured-sparse rate; `mma_…`
/// is the ceiling of mma.sync and WMMA on architectures where it is lower than the tensor core's own rate. Of the
/// conversions, `convert` is every one that has no pipe of its own: `convert_small_int` widens 8 and 16-bit integers to
/// 32 bits, `convert_64bit` reads or writes a 64-bit type, `convert_int_to_float` is the I2FP instruction of 8.6 and
/// later, `convert_pack` makes two FP32 a packed half2 (a result is one of the two values). `issue` is no unit but what
/// the warp schedulers can issue: thread instructions of any kind, the limit of every mix.
enum class Pipe {
  fp64_fma,
  fp32_fma,
  fp32x2_fma,
  fp16x2_fma,
  bf16x2_fma,
  int32_mad,
  int32_add,
  int32_logic,
  dp4a,
  sfu,
  shuffle,
  convert,
  convert_small_int,
  convert_64bit,
  convert_int_to_float,
  convert_pack,
  issue,
  tensor_fp16,
  tensor_fp16_acc16,
  tensor_bf16,
  tensor_tf32,
  tensor_fp64,
  tensor_int8,
  tensor_int4,
  tensor_b1,
  tensor_fp8,
  tensor_fp8_acc16,
  tensor_fp6,
  tensor_fp4,
  tensor_fp16_sparse,
  tensor_fp16_acc16_sparse,
  tensor_bf16_sparse,
  tensor_tf32_sparse,
  tensor_int8_sparse,
  tensor_int4_sparse,
  tensor_fp8_sparse,
  tensor_fp8_acc16_sparse,
  tensor_fp6_sparse,
  tensor_fp4_sparse,
  mma_fp16,
  mma_bf16,
  mma_tf32,
  mma_int8,
  mma_fp8,
  dram,
  l2,
  l1,
  shared,
  pcie,
  nvlink,
};

/// Which clock a pipe follows. A board's data sheet may rate its vector and tensor pipes at different clocks.
enum class ClockDomain {
  vector,  ///< the SM clock at the board's boost
  tensor,  ///< the SM clock at the board's tensor boost (H100 SXM: 1830 MHz, not 1980)
  none,    ///< memory and links: not the SM clock
};

/// Every pipe, in the order of the enumeration.
[[nodiscard]] std::span<const Pipe> all_pipes();
/// The command-line and JSON name, e.g. "fp32_fma".
[[nodiscard]] std::string_view name(Pipe pipe);
/// The pipe of that name, or nothing.
[[nodiscard]] std::optional<Pipe> pipe_from_name(std::string_view name);
/// "FLOP/s", "OP/s" or "B/s".
[[nodiscard]] std::string_view unit(Pipe pipe);
/// Operations counted for one result: FMA and integer multiply-add 2, DP4A 8, everything else 1; 0 for memories and
/// links.
[[nodiscard]] int operations_per_result(Pipe pipe);
/// The clock that the pipe follows. Tensor pipes follow the tensor clock, but for FP64 tensor, which boards rate at the
/// vector clock; L2, L1 and shared memory follow the vector clock; device memory and links none.
[[nodiscard]] ClockDomain clock_domain(Pipe pipe);

}  // namespace peakproof::theory
