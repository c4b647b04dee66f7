#include "bench/harness/cublas_product.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

#include "bench/harness/errors.hpp"
#include "theory/units.hpp"

namespace peakproof::bench {
namespace {

/// The largest power of two up to 256 that the address of every matrix is a multiple of, those of a batch included.
std::uint32_t common_alignment(std::span<const GemmOperands> sets, const kernels::GemmTypes& types,
                               const kernels::GemmShape& shape, std::int64_t batches) {
  std::uintptr_t bits = 256;
  for (const auto& set : sets)
    for (const void* address : {set.a, set.b, static_cast<const void*>(set.c)})
      bits |= reinterpret_cast<std::uintptr_t>(address);
  if (batches > 1)
    for (const std::int64_t apart :
         {bytes_of(types.operand, shape.m * shape.k), bytes_of(types.operand, shape.n * shape.k),
          bytes_of(types.out, shape.m * shape.n)})
      bits |= static_cast<std::uintptr_t>(apart);
  return static_cast<std::uint32_t>(bits & (~bits + 1));  // the lowest bit that is set in any
}

std::string said(const kernels::CublasStatus& status) { return fmt::format("{}: {}", status.call, status.name()); }

}  // namespace

std::string cublas_name() {
  const auto version = kernels::cublas_version();
  return fmt::format("cuBLASLt {}.{}.{}", version.major, version.minor, version.patch);
}

std::string cublas_warning() {
  std::string text;
  for (const auto& variable : cublas_overrides([](const char* name) -> const char* { return std::getenv(name); }))
    text += fmt::format("; {} is set, which may change what cuBLASLt computes with", variable);
  return text;
}

CublasWorkspace cublas_workspace(const CudaDevice& device, const std::string& advice) {
  constexpr auto bytes = static_cast<std::int64_t>(kernels::CublasGemm::workspace_bytes);
  if (const std::int64_t free = device.free_bytes(); free < bytes)
    throw MeasurementError(
        fmt::format("too little memory: {} bytes are free beside the matrices, cuBLASLt's workspace needs {}: {}", free,
                    bytes, advice));
  return std::make_shared<DeviceBuffer<std::byte>>(bytes);
}

CublasProduct::CublasProduct(const CudaDevice& device, CublasWorkspace workspace, const kernels::GemmTypes& types,
                             const kernels::CublasChoices& choices, const kernels::GemmShape& shape,
                             std::span<const GemmOperands> sets)
    : workspace_(std::move(workspace)),
      operations_(shape.operations() * static_cast<double>(choices.batches)),
      unit_(kernels::is_integer(types.operand) ? "OP/s" : "FLOP/s") {
  auto used = choices;
  used.alignment = common_alignment(sets, types, shape, choices.batches);
  if (const auto status = gemm_->open(types, shape, used); !status.ok())
    throw MeasurementError(
        fmt::format("cuBLASLt offers no algorithm for this product on this device: {}", said(status)));
  choose_fastest(sets, device.stream());
}

std::string CublasProduct::brief() const {
  return fmt::format("{} (candidate {} of {})", theory::si(operations_ / seconds(), unit_), choice_.best + 1,
                     choice_.candidates.size());
}

double CublasProduct::seconds() const { return choice_.candidates[static_cast<std::size_t>(choice_.best)].seconds; }

void CublasProduct::choose_fastest(std::span<const GemmOperands> sets, cudaStream_t stream) {
  std::size_t next = 0;  // the operands rotate here too
  choice_ = choose(gemm_->candidates(), [&](int candidate, int launches) {
    return timed_launches(stream, launches, [&] { launch(candidate, sets[next++ % sets.size()], stream); });
  });
  if (choice_.best < 0) throw MeasurementError("cuBLASLt: " + describe(choice_, operations_, unit_));
}

void CublasProduct::launch(int candidate, const GemmOperands& operands, cudaStream_t stream) const {
  const auto status = gemm_->launch(candidate, operands.a, operands.b, operands.c, workspace_->data(), stream);
  if (status.ok()) return;
  static_cast<void>(cudaGetLastError());  // it is told below, and must not be found by the next call
  wait_for(stream);                       // a device that is lost says so here
  throw MeasurementError(said(status));
}

}  // namespace peakproof::bench
