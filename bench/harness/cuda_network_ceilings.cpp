#include "bench/harness/cuda_network_ceilings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "bench/harness/cublas_product.hpp"
#include "bench/harness/cuda_network_memory.hpp"
#include "bench/harness/errors.hpp"
#include "kernels/launch/launch_cost.hpp"
#include "kernels/memory/stream.hpp"
#include "kernels/tensor/gemm_check.hpp"
#include "reports/sample.hpp"

namespace peakproof::bench {
namespace {

/// Seconds of one call: the median of five series of at least 2 ms, after one that wakes the device.
double settled_seconds(cudaStream_t stream, const std::function<void()>& launch) {
  constexpr int kSeries = 5;
  constexpr double kSeriesSeconds = 0.002;
  constexpr double kMostLaunches = 1000;
  static_cast<void>(timed_launches(stream, 1, launch));
  const double once = timed_launches(stream, 1, launch);
  if (!(once > 0)) throw MeasurementError("no time passed");
  const auto launches = static_cast<std::int64_t>(std::clamp(std::ceil(kSeriesSeconds / once), 1.0, kMostLaunches));
  std::vector<double> seconds(kSeries);
  for (double& each : seconds) each = timed_launches(stream, launches, launch) / static_cast<double>(launches);
  const double median = reports::quantile(seconds, 0.5);
  if (!(median > 0)) throw MeasurementError("no time passed");
  return median;
}

}  // namespace

NetworkCeilings::Rate NetworkCeilings::measure_product(theory::Precision precision) const {
  constexpr std::int64_t kSide = 8192;      // as bench_cublas_gemm has it
  constexpr std::int64_t kSmallSide = 512;  // of a device of a few SMs
  const std::int64_t side = large_ ? kSide : kSmallSide;
  const auto types = network_formats(precision).value().product;
  const NetworkMemory memory(device_);
  const auto a = memory.take(bytes_of(types.operand, side * side));
  const auto b = memory.take(bytes_of(types.operand, side * side));
  const auto c = memory.take(bytes_of(types.out, side * side));
  std::uint64_t seed = 1;
  for (const auto* operand : {&a, &b})
    check(kernels::fill_matrix(kernels::MatrixData::random, types.operand, seed++, operand->data(), side * side,
                               device_.stream()));
  const GemmOperands operands{a.data(), b.data(), c.data()};
  const kernels::GemmShape shape{side, side, side};
  const CublasProduct product(device_, cublas_workspace(device_, "leave this precision out by --benchmark_filter"),
                              types, {}, shape, std::array{operands});
  const double seconds = settled_seconds(device_.stream(), [&] { product.launch(operands, device_.stream()); });
  return {.per_second = shape.operations() / seconds,
          .source = fmt::format("measured: {} at {} x {} x {}", cublas_name(), side, side, side)};
}

NetworkCeilings::Rate NetworkCeilings::measure_copy(double bytes) const {
  constexpr double kLargest = 2e9;
  constexpr double kSmallest = 8e6;  // of less it is the launch that is timed
  const double wanted = std::isfinite(bytes) ? std::clamp(bytes, kSmallest, kLargest) : kLargest;
  const double bounded = std::min(wanted, static_cast<double>(device_.free_bytes()) / 2);
  constexpr std::int64_t granule = kernels::StreamKernel::granule;
  const std::int64_t parts = std::max<std::int64_t>(1, static_cast<std::int64_t>(bounded / 2) / granule);
  const kernels::StreamKernel copy{.pattern = kernels::StreamPattern::copy, .bytes = parts * granule};
  const NetworkMemory memory(device_);
  const auto from = memory.take(copy.bytes);
  const auto to = memory.take(copy.bytes);
  from.fill_bytes(1, device_.stream());
  const kernels::StreamOperands operands{.x = from.data(), .out = to.data()};
  const double seconds =
      settled_seconds(device_.stream(), [&] { check(kernels::launch(copy, operands, device_.stream())); });
  return {.per_second = copy.bytes_moved() / seconds,
          .source = fmt::format("measured: a copy through {:.0f} MB", copy.bytes_moved() * 1e-6)};
}

double NetworkCeilings::measure_launch() const {
  constexpr int kChain = 200;
  return settled_seconds(device_.stream(),
                         [&] { check(kernels::launch_empty_chain(kChain, nullptr, device_.stream())); }) /
         kChain;
}

std::optional<theory::Ceilings> NetworkCeilings::measure(const CeilingsOrder& order) {
  if (!network_formats(order.precision)) return std::nullopt;
  if (!products_.contains(order.precision)) products_[order.precision] = measure_product(order.precision);
  if (!launch_s_) launch_s_ = measure_launch();
  const Rate& product = products_.at(order.precision);
  const Rate copy = measure_copy(order.bytes);
  theory::Ceilings ceilings{.matrix_per_second = product.per_second,
                            .bytes_per_second = copy.per_second,
                            .launch_s = *launch_s_,
                            .matrix_source = product.source,
                            .bytes_source = copy.source};
  if (const auto rated = theory::rated_ceilings(device_.spec(), theory::Precision::fp32)) {
    ceilings.vector_per_second = rated->vector_per_second;
    ceilings.vector_source = rated->vector_source;
  }
  return ceilings;
}

}  // namespace peakproof::bench
