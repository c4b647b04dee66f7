// Kernels of the CPU on all workers of a pool: what a benchmark needs of each, in one struct per kind. A new arithmetic
// chain needs its kernel only: `CpuChainRun<kernels::cpu::Fp64Fma>` is the rest.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bench/harness/worker_pool.hpp"
#include "kernels/cpu/dram_copy.hpp"
#include "kernels/cpu/pattern.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// A kernel whose work is `trips` long, and which knows what it must return: one value per SIMD lane, of one thread.
template <class Kernel>
concept CpuChain = requires(Kernel kernel, const Kernel constant) {
  kernel.trips = std::int64_t{1};
  { constant.operations_per_thread() } -> std::convertible_to<double>;
  { constant.run() } -> std::same_as<std::vector<typename Kernel::Bits>>;
  { constant.answer() } -> std::same_as<std::vector<typename Kernel::Bits>>;
};

/// The same chain on every worker: all must return the same answer.
template <CpuChain Kernel>
class CpuChainRun {
 public:
  /// The pool outlives the run.
  explicit CpuChainRun(WorkerPool& pool) : pool_(pool), out_(static_cast<std::size_t>(pool.size())) {}

  void set_trips(std::int64_t trips) { kernel_.trips = trips; }
  [[nodiscard]] std::int64_t trips() const { return kernel_.trips; }
  /// Of one launch, all workers together.
  [[nodiscard]] double operations() const { return kernel_.operations_per_thread() * pool_.size(); }
  /// Forgets the latest launch's results, so that one that did nothing shows.
  void spoil() {
    for (auto& out : out_) out.clear();
  }
  void launch() {
    pool_.run([this](int worker) { out_[static_cast<std::size_t>(worker)] = kernel_.run(); });
  }
  /// Holds the latest launch against the answer. Takes about twice as long as a launch, on the calling thread.
  [[nodiscard]] reports::Verification verify() const {
    const std::vector<typename Kernel::Bits> answer = kernel_.answer();
    reports::Verification result{.method = "every SIMD lane of every core bit for bit against a replay on the host"};
    for (const auto& out : out_) {
      for (std::size_t lane = 0; lane < answer.size(); ++lane) {
        ++result.items;
        if (lane >= out.size() || out[lane] != answer[lane]) ++result.mismatches;
      }
    }
    return result;
  }

 private:
  WorkerPool& pool_;
  Kernel kernel_;
  std::vector<std::vector<typename Kernel::Bits>> out_;
};

/// A copy of one buffer to another, each worker its own contiguous part of both.
class CpuCopyRun {
 public:
  /// Each of the two buffers gets `bytes`, rounded down so that all parts are equal. The workers fill their own parts,
  /// so that the pages lie in their own NUMA node: the source with the pattern, the destination with its inverse.
  /// Throws std::invalid_argument if that is nothing, std::bad_alloc if there is no room. The pool outlives the run.
  CpuCopyRun(WorkerPool& pool, std::int64_t bytes, const kernels::cpu::Pattern& pattern = {});

  /// By one launch.
  [[nodiscard]] double bytes_moved() const { return copy_.bytes_moved() * static_cast<double>(repeats_); }
  [[nodiscard]] std::int64_t buffer_bytes() const { return copy_.bytes; }
  /// How many copies one launch makes, one behind the other.
  void set_repeats(std::int64_t repeats) { repeats_ = repeats; }
  void launch();
  /// Puts the inverse pattern back into the destination: what is not copied afterwards is a mismatch.
  void spoil_destination();
  /// Compares every word of the destination with the pattern, on all workers.
  [[nodiscard]] reports::Verification verify();
  /// The destination, for a test that breaks it.
  [[nodiscard]] std::span<std::uint64_t> destination() { return {destination_.get(), words()}; }

 private:
  struct Free {
    void operator()(std::uint64_t* memory) const noexcept;
  };
  using Buffer = std::unique_ptr<std::uint64_t[], Free>;
  static Buffer allocate(std::int64_t bytes);
  [[nodiscard]] std::size_t words() const { return static_cast<std::size_t>(copy_.bytes) / sizeof(std::uint64_t); }
  [[nodiscard]] std::size_t words_per_worker() const { return words() / static_cast<std::size_t>(pool_.size()); }

  WorkerPool& pool_;
  std::int64_t repeats_ = 1;
  kernels::cpu::DramCopy copy_;
  kernels::cpu::Pattern pattern_;
  Buffer source_;
  Buffer destination_;
};

}  // namespace peakproof::bench
