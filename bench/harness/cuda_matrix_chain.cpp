#include "bench/harness/cuda_matrix_chain.hpp"

#include <fmt/format.h>

#include <array>

namespace peakproof::bench {
namespace {

int number(theory::ComputeCapability cc) { return 10 * cc.major + cc.minor; }

struct FloorRow {
  theory::ComputeCapability cc;
  theory::Pipe pipe;
  double issue;
  const char* source;
};

constexpr const char* kA100Half = "published: 311.2 of 312 TFLOP/s on an A100 by WMMA (GPUInspector.jl)";
constexpr const char* kA100Tf32 = "published: 155.6 of 156 TFLOP/s on an A100 by WMMA (GPUInspector.jl)";
constexpr const char* kA100Int8 = "published: 620 of 624 TOP/s on an A100 by WMMA (GPUInspector.jl)";
constexpr const char* kAdaInt8 = "published: 2048.4 of 2048 operations per clock and SM (a laptop RTX 40)";
constexpr const char* kHopper =
    "published: m16n8k16 reaches 60 to 66.5 % of wgmma on H800 and H100 (arXiv 2501.12084, HPMLL), 0.9 of the ceiling "
    "that is carried";

constexpr auto kFloors = std::to_array<FloorRow>({
    {{8, 0}, theory::Pipe::tensor_fp16, 0.95, kA100Half},
    {{8, 0}, theory::Pipe::tensor_tf32, 0.95, kA100Tf32},
    {{8, 0}, theory::Pipe::tensor_int8, 0.95, kA100Int8},
    {{8, 9}, theory::Pipe::tensor_int8, 0.95, kAdaInt8},
    {{9, 0}, theory::Pipe::tensor_fp16, 0.90, kHopper},
    {{9, 0}, theory::Pipe::tensor_bf16, 0.90, kHopper},
    {{9, 0}, theory::Pipe::tensor_int8, 0.90, kHopper},
});

}  // namespace

theory::ComputeCapability code_architecture(const std::string& loaded) {
  constexpr theory::ComputeCapability kPtx{8, 0};
  const auto digits = loaded.find_first_of("0123456789");
  if (digits == std::string::npos) return kPtx;
  const int number = std::stoi(loaded.substr(digits));
  return {number / 10, number % 10};
}

std::string why_not_native(const kernels::Native& native, theory::ComputeCapability device,
                           theory::ComputeCapability code) {
  if (native.on(number(device)) && native.on(number(code))) return {};
  if (number(device) < native.first && native.first < kernels::Native::kNever)
    return fmt::format("needs compute capability {}.{}", native.first / 10, native.first % 10);
  if (native.on(number(device)))
    return fmt::format("the machine code of this build is for {}, which lacks the instruction", to_string(code));
  return fmt::format("emulated: the compiler makes other instructions of it on compute capability {}",
                     to_string(device));
}

std::optional<reports::Floor> mma_floor(theory::ComputeCapability device, theory::Pipe tensor) {
  for (const auto& row : kFloors)
    if (row.cc == device && row.pipe == tensor) return reports::Floor{row.issue, row.source};
  return std::nullopt;
}

}  // namespace peakproof::bench
