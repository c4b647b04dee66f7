// What a benchmark file sees: a device to declare cases for, and the options.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/harness/case.hpp"
#include "bench/harness/options.hpp"
#include "theory/device_spec.hpp"

namespace peakproof::bench {

class CudaDevice;
class CpuBackend;

/// Collects the cases of one run.
class Registry {
 public:
  Registry(const Options& options, const theory::DeviceSpec& device) : options_(options), device_(device) {}
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const theory::DeviceSpec& device() const { return device_; }
  void add(Case benchmark_case) { cases_.push_back(std::move(benchmark_case)); }
  /// A case that this device cannot do at all.
  void skip(std::string name, std::string why) { cases_.push_back({.name = std::move(name), .skip = std::move(why)}); }
  [[nodiscard]] const std::vector<Case>& cases() const { return cases_; }

 private:
  const Options& options_;
  const theory::DeviceSpec& device_;
  std::vector<Case> cases_;
};

/// One benchmark: a bench_<name> executable, and a part of `peakproof run`. A function that is null is a device that
/// the benchmark does not serve (or that this build was made without).
struct Benchmark {
  std::string_view name;
  void (*declare_cuda)(Registry&, CudaDevice&) = nullptr;
  void (*declare_cpu)(Registry&, CpuBackend&) = nullptr;
};

/// Every benchmark of this build, in the order of bench/CMakeLists.txt, which the table is generated from.
[[nodiscard]] std::span<const Benchmark> suite();
/// The benchmarks of these names, in the order given; all if there are none. Throws UsageError for an unknown name.
[[nodiscard]] std::vector<Benchmark> select(const std::vector<std::string>& names);

}  // namespace peakproof::bench
