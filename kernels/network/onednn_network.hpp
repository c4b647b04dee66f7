// A program on the host CPU by oneDNN: each core has a share of the batch and runs it alone, with the library's
// single-threaded code; all cores read the same packed weights. A build without oneDNN has the same functions, and
// onednn_lacks() says so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/network/program.hpp"

namespace peakproof::kernels {

/// fp32: all of it. bf16: weights and activations, sums in FP32. int8: weights (scaled per output) and inputs of dense
/// and convolution, sums in INT32; attention, normalisation and what only they read in FP32.
enum class HostPrecision : int { fp32, bf16, int8 };

/// Why there is no such arithmetic here; nothing: there is.
[[nodiscard]] std::optional<std::string> onednn_lacks(HostPrecision precision);
/// "oneDNN 2.6.3, avx512_core_bf16"; empty where there is none.
[[nodiscard]] std::string onednn_found();

/// What all cores share: the packed weights. Outlives the shares. The program and its weights outlive it.
class OneDnnProgram {
 public:
  /// `largest`: the largest |input|, then the largest |output| of each step; scales of int8.
  OneDnnProgram(const Program& program, const ProgramWeights& weights, HostPrecision precision,
                std::vector<double> largest);
  OneDnnProgram(const OneDnnProgram&) = delete;
  OneDnnProgram& operator=(const OneDnnProgram&) = delete;
  ~OneDnnProgram();

  /// Of all weights and biases, as they were packed for the shares that were made.
  [[nodiscard]] double weight_bytes() const;
  /// The library's names of the code that it chose for each step, "hidden1 brgemm:avx512_core".
  [[nodiscard]] std::string implementations() const;

 private:
  friend class OneDnnShare;
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

/// Some items of the batch on one core: made and run by the thread that is pinned to it.
class OneDnnShare {
 public:
  /// Throws std::runtime_error where the library refuses.
  OneDnnShare(OneDnnProgram& program, std::span<const float> inputs, std::int64_t items);
  OneDnnShare(const OneDnnShare&) = delete;
  OneDnnShare& operator=(const OneDnnShare&) = delete;
  ~OneDnnShare();

  void run();
  /// One step alone, on what the last run left in its input.
  void run_step(int step);
  /// Makes the outputs not numbers.
  void poison();
  [[nodiscard]] std::vector<float> outputs() const;

 private:
  struct Built;
  std::unique_ptr<Built> built_;
};

}  // namespace peakproof::kernels
