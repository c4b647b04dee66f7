#include "bench/harness/cuda_cublas.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "bench/harness/cublas_choice.hpp"
#include "bench/harness/errors.hpp"

namespace peakproof::bench {
namespace {

/// The largest power of two up to 256 that every matrix's address is a multiple of.
std::uint32_t common_alignment(std::span<const GemmOperands> sets) {
  std::uintptr_t bits = 256;
  for (const auto& set : sets)
    for (const void* address : {set.a, set.b, static_cast<const void*>(set.c)})
      bits |= reinterpret_cast<std::uintptr_t>(address);
  return static_cast<std::uint32_t>(bits & (~bits + 1));  // the lowest bit that is set in any
}

std::string said(const kernels::CublasStatus& status) { return fmt::format("{}: {}", status.call, status.name()); }

/// The library may wait for the device when it goes, after a fault for ever.
struct KeepAfterFault {
  void operator()(const kernels::CublasGemm* gemm) const noexcept {
    if (!DeviceFault::happened) delete gemm;
  }
};

/// One product of one shape, with the algorithm that was chosen.
class CublasProduct {
 public:
  CublasProduct(CudaDevice& device, const kernels::GemmTypes& types, const kernels::CublasChoices& choices,
                const kernels::GemmShape& shape, std::span<const GemmOperands> sets)
      : workspace_(take_workspace(device)),
        operations_(shape.operations()),
        unit_(kernels::is_integer(types.operand) ? "OP/s" : "FLOP/s") {
    auto used = choices;
    used.alignment = common_alignment(sets);
    if (const auto status = gemm_->open(types, shape, used); !status.ok())
      throw MeasurementError(
          fmt::format("cuBLASLt offers no algorithm for this product on this device: {}", said(status)));
    choose_fastest(sets, device.stream());
  }

  void launch(const GemmOperands& operands, cudaStream_t stream) const { launch(choice_.best, operands, stream); }

  [[nodiscard]] std::string found() const {
    const auto version = kernels::cublas_version();
    std::string text = fmt::format("cuBLASLt {}.{}.{}, {}", version.major, version.minor, version.patch,
                                   describe(choice_, operations_, unit_));
    for (const auto& variable : cublas_overrides([](const char* name) -> const char* { return std::getenv(name); }))
      text += fmt::format("; {} is set, which may change what cuBLASLt computes with", variable);
    return text;
  }

 private:
  static DeviceBuffer<std::byte> take_workspace(const CudaDevice& device) {
    constexpr auto bytes = static_cast<std::int64_t>(kernels::CublasGemm::workspace_bytes);
    if (const std::int64_t free = device.free_bytes(); free < bytes)
      throw MeasurementError(fmt::format(
          "too little memory: {} bytes are free beside the matrices, cuBLASLt's workspace needs {}: choose smaller "
          "--m --n --k",
          free, bytes));
    return DeviceBuffer<std::byte>(bytes);
  }

  void choose_fastest(std::span<const GemmOperands> sets, cudaStream_t stream) {
    const Event begin = make_event();
    const Event end = make_event();
    std::size_t next = 0;  // the operands rotate here too
    choice_ = choose(gemm_->candidates(), [&](int candidate, int launches) {
      check(cudaEventRecord(begin.get(), stream));
      for (int i = 0; i < launches; ++i) launch(candidate, sets[next++ % sets.size()], stream);
      check(cudaEventRecord(end.get(), stream));
      wait_for(end.get());
      float milliseconds = 0;
      check(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()));
      return 1e-3 * static_cast<double>(milliseconds);
    });
    if (choice_.best < 0) throw MeasurementError("cuBLASLt: " + describe(choice_, operations_, unit_));
  }

  void launch(int candidate, const GemmOperands& operands, cudaStream_t stream) const {
    const auto status = gemm_->launch(candidate, operands.a, operands.b, operands.c, workspace_.data(), stream);
    if (status.ok()) return;
    static_cast<void>(cudaGetLastError());  // it is told below, and must not be found by the next call
    wait_for(stream);                       // a device that is lost says so here
    throw MeasurementError(said(status));
  }

  DeviceBuffer<std::byte> workspace_;
  std::unique_ptr<kernels::CublasGemm, KeepAfterFault> gemm_{new kernels::CublasGemm};
  double operations_;
  std::string unit_;
  CublasChoice choice_;
};

}  // namespace

std::optional<std::string> cublas_lacks(const theory::DeviceSpec& device, const kernels::GemmTypes& types) {
  if (!kernels::cublas_formats(types))
    return fmt::format("cuBLASLt has no product of {} and {} with sums in {} and a result in {}",
                       kernels::name_of(types.operand), kernels::name_of(types.operand),
                       kernels::name_of(types.accumulate), kernels::name_of(types.out));
  constexpr int kMajor = 10;
  const int least = kernels::cublas_least_architecture(types.operand);
  const auto& has = device.compute_capability;
  if (kMajor * has.major + has.minor >= least) return std::nullopt;
  return fmt::format("cuBLASLt multiplies {} from compute capability {}.{} on", kernels::name_of(types.operand),
                     least / kMajor, least % kMajor);
}

GemmReference cublas_reference(CudaDevice& device, const kernels::GemmTypes& types,
                               const kernels::CublasChoices& choices) {
  const auto product = std::make_shared<std::unique_ptr<CublasProduct>>();
  return {.name = "cuBLASLt",
          .prepare =
              [product, &device, types, choices](const kernels::GemmShape& shape, std::span<const GemmOperands> sets) {
                if (const auto why = cublas_lacks(device.spec(), types)) throw MeasurementError(*why);
                *product = std::make_unique<CublasProduct>(device, types, choices, shape, sets);
              },
          .release = [product] { product->reset(); },
          .launch = [product](const kernels::GemmShape& /*shape*/, const GemmOperands& operands, std::size_t /*set*/,
                              cudaStream_t stream) { (*product)->launch(operands, stream); },
          .found = [product] { return *product ? (*product)->found() : std::string(); }};
}

}  // namespace peakproof::bench
