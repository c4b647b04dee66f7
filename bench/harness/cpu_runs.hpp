// Kernels of the CPU on all workers of a pool: what a benchmark needs of each, in one struct per kind. A new arithmetic
// chain needs its kernel only: `CpuChainRun<kernels::cpu::Fp64Fma>` is the rest.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bench/harness/host_memory.hpp"
#include "bench/harness/worker_pool.hpp"
#include "kernels/cpu/pointer_chase.hpp"
#include "kernels/cpu/stream.hpp"
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

/// A STREAM pattern, each worker on its own contiguous part of every array.
class CpuStreamRun {
 public:
  /// Each array gets `bytes`, a multiple of Stream::block_bytes with at least one block per worker; the parts differ by a
  /// block at most. The workers fill their own parts, so that the pages lie in their own NUMA node: inputs with what the
  /// pattern reads, the output with the inverse of what it must write. Throws std::invalid_argument for another size,
  /// std::bad_alloc if there is no room. The pool outlives the run.
  CpuStreamRun(WorkerPool& pool, const kernels::cpu::Stream& stream, std::int64_t bytes);

  /// By one launch.
  [[nodiscard]] double bytes_moved() const { return stream_.bytes_moved(bytes_) * static_cast<double>(passes_); }
  /// How many passes over the arrays one launch makes, one behind the other.
  void set_passes(std::int64_t passes) { passes_ = passes; }
  void launch();
  /// Puts the inverse of the answer into the output or the sums: what is not written or summed afterwards is a mismatch.
  void spoil();
  /// Compares every word of the output, or every worker's sum, with what it must be, on all workers.
  [[nodiscard]] reports::Verification verify();

  /// For a test that breaks them: the inputs and then the output; each worker's sum.
  [[nodiscard]] std::span<std::uint64_t> array(int index) const {
    return arrays_.at(static_cast<std::size_t>(index)).words();
  }
  [[nodiscard]] std::span<std::uint64_t> sums() { return sums_; }

 private:
  struct Part {
    std::size_t first = 0;
    std::size_t words = 0;
  };
  [[nodiscard]] Part part(int worker) const;
  /// Of the worker's part; empty where the pattern has no such array.
  [[nodiscard]] std::span<std::uint64_t> words(int array, int worker) const;
  [[nodiscard]] std::uint64_t sum(int worker) const;

  WorkerPool& pool_;
  kernels::cpu::Stream stream_;
  std::int64_t bytes_ = 0;
  std::int64_t passes_ = 1;
  std::vector<HostMemory> arrays_;
  std::vector<std::uint64_t> sums_;
};

/// A walk through memory on the first worker; the others sleep. A launch goes on where the one before it ended, so that a
/// large working set is not walked through the same few lines again and again.
class CpuChaseRun {
 public:
  /// In a working set of `bytes`, less a line where that is an even number of lines: with an odd one no launch comes back
  /// to where it began. Throws as CpuStreamRun does. The pool outlives the run.
  CpuChaseRun(WorkerPool& pool, std::int64_t bytes, Pages pages);

  [[nodiscard]] std::int64_t lines() const { return static_cast<std::int64_t>(order_.size()); }
  [[nodiscard]] double steps() const { return static_cast<double>(chase_.steps()); }
  void set_trips(std::int64_t trips);
  void launch();
  /// Puts the walk back to the first line, as if a launch had ended there.
  void spoil();
  /// Of the latest launch: cycles that each step took, by the walking core's clock right before and after it; NaN where
  /// that is unknown.
  [[nodiscard]] double cycles_per_step() const;
  /// The end of the latest launch, and every line's successor.
  [[nodiscard]] reports::Verification verify() const;
  [[nodiscard]] std::optional<double> huge_share() const { return memory_.huge_share(); }

  /// For a test that breaks it.
  [[nodiscard]] std::span<kernels::cpu::ChaseLine> memory() const;

 private:
  WorkerPool& pool_;
  kernels::cpu::PointerChase chase_;
  std::vector<std::uint32_t> order_;
  HostMemory memory_;
  const kernels::cpu::ChaseLine* begin_ = nullptr;  ///< of the latest launch
  const kernels::cpu::ChaseLine* end_ = nullptr;
};

}  // namespace peakproof::bench
