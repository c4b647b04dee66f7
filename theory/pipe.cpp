#include "theory/pipe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace peakproof::theory {
namespace {

struct PipeInfo {
  Pipe pipe;
  std::string_view name;
  std::string_view unit;
  int operations_per_result;
  ClockDomain domain;
};

constexpr std::string_view kFlop = "FLOP/s";
constexpr std::string_view kOp = "OP/s";
constexpr std::string_view kByte = "B/s";
constexpr auto kVector = ClockDomain::vector;
constexpr auto kTensor = ClockDomain::tensor;
constexpr auto kNone = ClockDomain::none;

constexpr std::array kPipes = {
    PipeInfo{Pipe::fp64_fma, "fp64_fma", kFlop, 2, kVector},
    PipeInfo{Pipe::fp32_fma, "fp32_fma", kFlop, 2, kVector},
    PipeInfo{Pipe::fp32x2_fma, "fp32x2_fma", kFlop, 2, kVector},
    PipeInfo{Pipe::fp16x2_fma, "fp16x2_fma", kFlop, 2, kVector},
    PipeInfo{Pipe::bf16x2_fma, "bf16x2_fma", kFlop, 2, kVector},
    PipeInfo{Pipe::int32_mad, "int32_mad", kOp, 2, kVector},
    PipeInfo{Pipe::int32_add, "int32_add", kOp, 1, kVector},
    PipeInfo{Pipe::int32_logic, "int32_logic", kOp, 1, kVector},
    PipeInfo{Pipe::dp4a, "dp4a", kOp, 8, kVector},
    PipeInfo{Pipe::sfu, "sfu", kOp, 1, kVector},
    PipeInfo{Pipe::shuffle, "shuffle", kOp, 1, kVector},
    PipeInfo{Pipe::convert, "convert", kOp, 1, kVector},
    PipeInfo{Pipe::convert_small_int, "convert_small_int", kOp, 1, kVector},
    PipeInfo{Pipe::convert_64bit, "convert_64bit", kOp, 1, kVector},
    PipeInfo{Pipe::convert_int_to_float, "convert_int_to_float", kOp, 1, kVector},
    PipeInfo{Pipe::convert_pack, "convert_pack", kOp, 1, kVector},
    PipeInfo{Pipe::issue, "issue", kOp, 1, kVector},
    PipeInfo{Pipe::tensor_fp16, "tensor_fp16", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp16_acc16, "tensor_fp16_acc16", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_bf16, "tensor_bf16", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_tf32, "tensor_tf32", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp64, "tensor_fp64", kFlop, 2, kVector},
    PipeInfo{Pipe::tensor_int8, "tensor_int8", kOp, 2, kTensor},
    PipeInfo{Pipe::tensor_int4, "tensor_int4", kOp, 2, kTensor},
    PipeInfo{Pipe::tensor_b1, "tensor_b1", kOp, 2, kTensor},
    PipeInfo{Pipe::tensor_fp8, "tensor_fp8", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp8_acc16, "tensor_fp8_acc16", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp6, "tensor_fp6", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp4, "tensor_fp4", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp16_sparse, "tensor_fp16_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp16_acc16_sparse, "tensor_fp16_acc16_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_bf16_sparse, "tensor_bf16_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_tf32_sparse, "tensor_tf32_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_int8_sparse, "tensor_int8_sparse", kOp, 2, kTensor},
    PipeInfo{Pipe::tensor_int4_sparse, "tensor_int4_sparse", kOp, 2, kTensor},
    PipeInfo{Pipe::tensor_fp8_sparse, "tensor_fp8_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp8_acc16_sparse, "tensor_fp8_acc16_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp6_sparse, "tensor_fp6_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::tensor_fp4_sparse, "tensor_fp4_sparse", kFlop, 2, kTensor},
    PipeInfo{Pipe::mma_fp16, "mma_fp16", kFlop, 2, kTensor},
    PipeInfo{Pipe::mma_bf16, "mma_bf16", kFlop, 2, kTensor},
    PipeInfo{Pipe::mma_tf32, "mma_tf32", kFlop, 2, kTensor},
    PipeInfo{Pipe::mma_int8, "mma_int8", kOp, 2, kTensor},
    PipeInfo{Pipe::mma_fp8, "mma_fp8", kFlop, 2, kTensor},
    PipeInfo{Pipe::dram, "dram", kByte, 0, kNone},
    PipeInfo{Pipe::l2, "l2", kByte, 0, kVector},
    PipeInfo{Pipe::l1, "l1", kByte, 0, kVector},
    PipeInfo{Pipe::shared, "shared", kByte, 0, kVector},
    PipeInfo{Pipe::pcie, "pcie", kByte, 0, kNone},
    PipeInfo{Pipe::nvlink, "nvlink", kByte, 0, kNone},
};

constexpr bool in_order_of_the_enumeration() {
  for (std::size_t i = 0; i < kPipes.size(); ++i)
    if (kPipes[i].pipe != static_cast<Pipe>(i)) return false;
  return kPipes.back().pipe == Pipe::nvlink;
}
static_assert(in_order_of_the_enumeration(), "one line per pipe, in the order of the enumeration");

constexpr auto kAll = [] {
  std::array<Pipe, kPipes.size()> pipes{};
  for (std::size_t i = 0; i < pipes.size(); ++i) pipes[i] = kPipes[i].pipe;
  return pipes;
}();

const PipeInfo& info(Pipe pipe) { return kPipes.at(static_cast<std::size_t>(pipe)); }

}  // namespace

std::span<const Pipe> all_pipes() { return kAll; }

std::string_view name(Pipe pipe) { return info(pipe).name; }

std::optional<Pipe> pipe_from_name(std::string_view name) {
  const auto* found = std::find_if(kPipes.begin(), kPipes.end(), [&](const PipeInfo& p) { return p.name == name; });
  if (found == kPipes.end()) return std::nullopt;
  return found->pipe;
}

std::string_view unit(Pipe pipe) { return info(pipe).unit; }

int operations_per_result(Pipe pipe) { return info(pipe).operations_per_result; }

ClockDomain clock_domain(Pipe pipe) { return info(pipe).domain; }

}  // namespace peakproof::theory
