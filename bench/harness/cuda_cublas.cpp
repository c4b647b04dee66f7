#include "bench/harness/cuda_cublas.hpp"

#include <fmt/format.h>

#include <memory>
#include <span>

#include "bench/harness/cublas_product.hpp"
#include "bench/harness/errors.hpp"

namespace peakproof::bench {
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
                *product = std::make_unique<CublasProduct>(
                    device, cublas_workspace(device, "choose smaller --m --n --k"), types, choices, shape, sets);
              },
          .release = [product] { product->reset(); },
          .launch = [product](const kernels::GemmShape& /*shape*/, const GemmOperands& operands, std::size_t /*set*/,
                              cudaStream_t stream) { (*product)->launch(operands, stream); },
          .found =
              [product] {
                if (!*product) return std::string();
                return cublas_name() + ", " + (*product)->found() + cublas_warning();
              }};
}

}  // namespace peakproof::bench
