#include "bench/harness/cpu_runs.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <new>
#include <numeric>
#include <stdexcept>

namespace peakproof::bench {

using kernels::cpu::DramCopy;

void CpuCopyRun::Free::operator()(std::uint64_t* memory) const noexcept { std::free(memory); }

CpuCopyRun::Buffer CpuCopyRun::allocate(std::int64_t bytes) {
  constexpr std::size_t huge_page = std::size_t{2} << 20U;
  const std::size_t size = (static_cast<std::size_t>(bytes) + huge_page - 1) / huge_page * huge_page;
  Buffer buffer(static_cast<std::uint64_t*>(std::aligned_alloc(huge_page, size)));
  if (!buffer) throw std::bad_alloc();
  // Fewer address translations; a kernel that has no huge pages says no, and the copy runs all the same.
  (void)madvise(buffer.get(), size, MADV_HUGEPAGE);
  return buffer;
}

CpuCopyRun::CpuCopyRun(WorkerPool& pool, std::int64_t bytes, const kernels::cpu::Pattern& pattern)
    : pool_(pool), pattern_(pattern) {
  const std::int64_t step = DramCopy::block_bytes * pool.size();
  copy_.bytes = bytes / step * step;
  if (copy_.bytes <= 0) {
    throw std::invalid_argument("cpu dram_copy: a buffer needs at least 4096 bytes per core that is used");
  }
  source_ = allocate(copy_.bytes);
  destination_ = allocate(copy_.bytes);
  pool_.run([this](int worker) {
    const std::size_t count = words_per_worker();
    const std::size_t first = count * static_cast<std::size_t>(worker);
    kernels::cpu::fill(pattern_, first, {source_.get() + first, count});
  });
  spoil_destination();
}

void CpuCopyRun::spoil_destination() {
  pool_.run([this](int worker) {
    const std::size_t count = words_per_worker();
    const std::size_t first = count * static_cast<std::size_t>(worker);
    kernels::cpu::fill_inverse(pattern_, first, {destination_.get() + first, count});
  });
}

void CpuCopyRun::launch() {
  pool_.run([this](int worker) {
    const std::size_t count = words_per_worker();
    const std::size_t first = count * static_cast<std::size_t>(worker);
    for (std::int64_t i = 0; i < repeats_; ++i)
      DramCopy::copy({source_.get() + first, count}, {destination_.get() + first, count});
  });
}

reports::Verification CpuCopyRun::verify() {
  std::vector<std::int64_t> mismatches(static_cast<std::size_t>(pool_.size()));
  pool_.run([&](int worker) {
    const std::size_t count = words_per_worker();
    const std::size_t first = count * static_cast<std::size_t>(worker);
    mismatches[static_cast<std::size_t>(worker)] =
        kernels::cpu::count_mismatches(pattern_, first, {destination_.get() + first, count});
  });
  return {.method = "every 64-bit word of the destination against the pattern",
          .items = static_cast<std::int64_t>(words()),
          .mismatches = std::accumulate(mismatches.begin(), mismatches.end(), std::int64_t{0})};
}

}  // namespace peakproof::bench
