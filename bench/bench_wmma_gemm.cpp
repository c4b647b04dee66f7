// How much of the tensor cores does a hand-written WMMA matrix product reach, and how near does it come to cuBLAS?
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/registry.hpp"
#include "kernels/tensor/cublas_gemm.hpp"
#include "kernels/tensor/gemm_check.hpp"
#include "kernels/tensor/wmma_gemm.hpp"
#include "theory/throughput.hpp"

namespace peakproof::bench {
namespace {

constexpr std::int64_t kDefaultSide = 8192;
constexpr std::uint64_t kSeedA = 1;
constexpr std::uint64_t kSeedB = 2;

/// The operands, the product, and what checks it.
struct GemmState {
  kernels::WmmaGemm gemm;
  kernels::MatrixData data{};
  DeviceBuffer<__half> a;
  DeviceBuffer<__half> b;
  DeviceBuffer<float> c;
  DeviceBuffer<kernels::GemmErrors> errors;
  kernels::CublasHandle cublas;
};

void fill_operands(const GemmState& state, kernels::MatrixData data, cudaStream_t stream) {
  check(kernels::fill_matrix(data, kSeedA, state.a.data(), state.a.count(), stream));
  check(kernels::fill_matrix(data, kSeedB, state.b.data(), state.b.count(), stream));
}

void poison(const GemmState& state, cudaStream_t stream) {
  constexpr int kNan = 0xFF;  // four bytes of ones are a NaN
  state.c.fill_bytes(kNan, stream);
}

kernels::GemmErrors compare(const GemmState& state, cudaStream_t stream) {
  state.errors.fill_bytes(0, stream);
  // In strips of rows, each well below a second on any card: a display's watchdog and the limit of a wait stay away.
  constexpr std::int64_t kStripOperations = 50'000'000'000;
  constexpr std::int64_t kFewestRows = 128;
  const auto& shape = state.gemm.shape;
  const std::int64_t rows = std::max(kFewestRows, kStripOperations / (2 * shape.n * shape.k));
  for (std::int64_t row = 0; row < shape.m; row += rows) {
    const kernels::GemmShape strip{.m = std::min(rows, shape.m - row), .n = shape.n, .k = shape.k};
    check(kernels::check_gemm(strip, state.a.data() + row * shape.k, state.b.data(), state.c.data() + row * shape.n,
                              state.errors.data(), stream));
    wait_for(stream);
  }
  return state.errors.to_host(stream).front();
}

/// Two ulp of FP32 for every 16-deep step of the accumulation: tensor cores truncate, so that errors add up in a line.
double tolerance(const kernels::GemmShape& shape) { return 0x1p-23 * (static_cast<double>(shape.k) / 16 + 16); }

/// First what the timed launches left, on their own operands against FP64; then one launch on small integers, where
/// every element is exact.
reports::Verification verify(const GemmState& state, cudaStream_t stream) {
  const auto& shape = state.gemm.shape;
  reports::Verification result{
      .method =
          "||out - ref|| / ||ref|| and the worst element against FP64, then every element exact on small integers",
      .tolerance = tolerance(shape)};
  const kernels::GemmErrors timed = compare(state, stream);
  const double error = std::sqrt(timed.sum_difference2);
  result.relative_error = timed.sum_reference2 > 0 ? error / std::sqrt(timed.sum_reference2) : error;
  // Elements of a product of uniform operands in [-1, 1) have a root mean square of sqrt(k) / 3.
  const double worst_allowed = tolerance(shape) * 4 * std::sqrt(static_cast<double>(shape.k));
  if (state.data != kernels::MatrixData::ones && !(timed.max_difference <= worst_allowed)) ++result.mismatches;

  fill_operands(state, kernels::MatrixData::small_integers, stream);
  poison(state, stream);
  check(kernels::launch(state.gemm, state.a.data(), state.b.data(), state.c.data(), stream));
  const kernels::GemmErrors exact = compare(state, stream);
  fill_operands(state, state.data, stream);
  result.items = static_cast<std::int64_t>(timed.compared + exact.compared);
  result.mismatches += static_cast<std::int64_t>(exact.mismatches);
  const auto expected = static_cast<unsigned long long>(shape.m) * static_cast<unsigned long long>(shape.n);
  if (timed.compared != expected || exact.compared != expected) ++result.mismatches;
  return result;
}

kernels::GemmShape shape_of(const Options& options) {
  using kernels::WmmaGemm;
  const kernels::GemmShape shape{.m = options.m.value_or(kDefaultSide),
                                 .n = options.n.value_or(kDefaultSide),
                                 .k = options.k.value_or(kDefaultSide)};
  if (!WmmaGemm{shape}.fits())
    throw UsageError(fmt::format("m, n and k must be multiples of {}, {} and {}, not {}, {} and {}: change --m --n --k",
                                 WmmaGemm::tile_m, WmmaGemm::tile_n, WmmaGemm::tile_k, shape.m, shape.n, shape.k));
  return shape;
}

GemmState prepare(const kernels::GemmShape& shape, kernels::MatrixData data, const CudaDevice& device) {
  const std::int64_t needed = 2 * (shape.m * shape.k + shape.k * shape.n) + 4 * shape.m * shape.n;
  if (needed > device.free_bytes())
    throw MeasurementError(
        fmt::format("too little memory: {} bytes are free, the matrices need {}: choose smaller --m --n --k",
                    device.free_bytes(), needed));
  int status = 0;
  auto cublas = kernels::make_cublas(&status);
  if (!cublas) throw MeasurementError(fmt::format("cuBLAS does not start: {}", kernels::cublas_status_name(status)));
  return {.gemm = {shape},
          .data = data,
          .a = DeviceBuffer<__half>(shape.m * shape.k),
          .b = DeviceBuffer<__half>(shape.k * shape.n),
          .c = DeviceBuffer<float>(shape.m * shape.n),
          .errors = DeviceBuffer<kernels::GemmErrors>(1),
          .cublas = std::move(cublas)};
}

}  // namespace

void declare_wmma_gemm_cuda(Registry& registry, CudaDevice& device) {
  const kernels::GemmShape shape = shape_of(registry.options());
  const auto data = matrix_data(registry.options().data);
  const cudaStream_t stream = device.stream();
  const auto state = std::make_shared<GemmState>();
  registry.add({
      .name = "wmma_gemm",
      .params = {{"m", std::to_string(shape.m)},
                 {"n", std::to_string(shape.n)},
                 {"k", std::to_string(shape.k)},
                 {"data", data_name(registry.options().data)}},
      .pipe = theory::mma_pipe(registry.device(), theory::Pipe::tensor_fp16),
      .unit = "FLOP/s",
      .kernel = kernels::WmmaGemm::symbol,
      .prepare =
          [state, &device, shape, data] {
            *state = prepare(shape, data, device);
            fill_operands(*state, data, device.stream());
          },
      .release = [state] { *state = GemmState{}; },
      .work = [shape] { return shape.operations(); },
      .poison = [state, stream] { poison(*state, stream); },
      .launch =
          [state, stream] {
            check(kernels::launch(state->gemm, state->a.data(), state->b.data(), state->c.data(), stream));
          },
      .verify = [state, stream] { return verify(*state, stream); },
      .reference = ReferenceLaunch{.name = "cuBLAS",
                                   .launch =
                                       [state, stream] {
                                         const int error = kernels::launch_cublas(
                                             state->cublas.get(), state->gemm.shape, state->a.data(), state->b.data(),
                                             state->c.data(), stream);
                                         if (error != 0)
                                           throw MeasurementError(
                                               fmt::format("cublasGemmEx: {}", kernels::cublas_status_name(error)));
                                       }},
  });
}

}  // namespace peakproof::bench
