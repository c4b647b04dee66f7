#include "bench/harness/cpu_runs.hpp"

#include <limits>
#include <numeric>
#include <stdexcept>

namespace peakproof::bench {

using kernels::cpu::ChaseLine;
using kernels::cpu::PointerChase;
using kernels::cpu::Stream;

CpuStreamRun::CpuStreamRun(WorkerPool& pool, const Stream& stream, std::int64_t bytes)
    : pool_(pool), stream_(stream), bytes_(bytes), sums_(static_cast<std::size_t>(pool.size())) {
  if (bytes % Stream::block_bytes != 0 || bytes < Stream::block_bytes * pool.size()) {
    throw std::invalid_argument("cpu stream: an array needs a multiple of 4096 bytes, at least one for each core");
  }
  for (int i = 0; i < stream_.arrays(); ++i) arrays_.emplace_back(bytes);
  pool_.run([this](int worker) {
    for (int input = 0; input < stream_.inputs(); ++input) {
      std::uint64_t index = part(worker).first;
      for (std::uint64_t& word : words(input, worker)) word = stream_.input(input, index++);
    }
  });
  spoil();
}

CpuStreamRun::Part CpuStreamRun::part(int worker) const {
  constexpr std::size_t block_words = Stream::block_bytes / sizeof(std::uint64_t);
  const auto blocks = static_cast<std::size_t>(bytes_ / Stream::block_bytes);
  const auto workers = static_cast<std::size_t>(pool_.size());
  const auto begin = [&](std::size_t index) { return blocks * index / workers * block_words; };
  const auto index = static_cast<std::size_t>(worker);
  return {begin(index), begin(index + 1) - begin(index)};
}

std::span<std::uint64_t> CpuStreamRun::words(int array, int worker) const {
  if (array < 0 || array >= stream_.arrays()) return {};
  const Part mine = part(worker);
  return arrays_[static_cast<std::size_t>(array)].words().subspan(mine.first, mine.words);
}

std::uint64_t CpuStreamRun::sum(int worker) const {
  const Part mine = part(worker);
  return static_cast<std::uint64_t>(passes_) * stream_.sum(mine.first, mine.words);
}

void CpuStreamRun::launch() {
  const int inputs = stream_.inputs();
  pool_.run([&](int worker) {
    sums_[static_cast<std::size_t>(worker)] =
        stream_.run(words(inputs > 0 ? 0 : -1, worker), words(inputs > 1 ? 1 : -1, worker),
                    words(stream_.writes() ? inputs : -1, worker), part(worker).first, passes_);
  });
}

void CpuStreamRun::spoil() {
  pool_.run([this](int worker) {
    if (!stream_.writes()) {
      sums_[static_cast<std::size_t>(worker)] = ~sum(worker);
      return;
    }
    std::uint64_t index = part(worker).first;
    for (std::uint64_t& word : words(stream_.inputs(), worker)) word = ~stream_.output(index++);
  });
}

reports::Verification CpuStreamRun::verify() {
  std::vector<std::int64_t> mismatches(static_cast<std::size_t>(pool_.size()));
  pool_.run([&](int worker) {
    const auto mine = static_cast<std::size_t>(worker);
    if (!stream_.writes()) {
      mismatches[mine] = sums_[mine] == sum(worker) ? 0 : 1;
      return;
    }
    std::int64_t wrong = 0;
    std::uint64_t index = part(worker).first;
    for (const std::uint64_t word : words(stream_.inputs(), worker)) wrong += word == stream_.output(index++) ? 0 : 1;
    mismatches[mine] = wrong;
  });
  const char* sums = stream_.is_fp64() ? "each core's dot product of whole numbers, exactly"
                                       : "each core's sum of all 64-bit words modulo 2^64";
  return {.method = stream_.writes() ? "every 64-bit word of the output against the pattern, bit for bit" : sums,
          .items = stream_.writes() ? bytes_ / 8 : std::int64_t{pool_.size()},
          .mismatches = std::accumulate(mismatches.begin(), mismatches.end(), std::int64_t{0})};
}

CpuChaseRun::CpuChaseRun(WorkerPool& pool, std::int64_t bytes, Pages pages) : pool_(pool) {
  constexpr std::uint64_t seed = 1;
  const std::int64_t lines = bytes / PointerChase::line_bytes;
  order_ = PointerChase::order(lines % 2 == 0 ? lines - 1 : lines, seed);
  memory_ = HostMemory(bytes, pages);
  pool_.run([this](int) { PointerChase::link(order_, memory()); }, 1);
  spoil();
}

std::span<ChaseLine> CpuChaseRun::memory() const { return {static_cast<ChaseLine*>(memory_.data()), order_.size()}; }

void CpuChaseRun::set_trips(std::int64_t trips) {
  chase_.trips = trips;
  if (chase_.steps() % lines() == 0) ++chase_.trips;
}

void CpuChaseRun::launch() {
  begin_ = end_;
  pool_.run([this](int) { end_ = chase_.walk(begin_); }, 1);
}

void CpuChaseRun::spoil() { begin_ = end_ = memory().data(); }

double CpuChaseRun::cycles_per_step() const {
  const WorkerReading& core = pool_.last().workers.front();
  if (!(core.before.clock_hz > 0) || !(core.after.clock_hz > 0)) return std::numeric_limits<double>::quiet_NaN();
  return core.seconds * (core.before.clock_hz + core.after.clock_hz) / 2 / steps();
}

reports::Verification CpuChaseRun::verify() const {
  const std::span<const ChaseLine> lines = memory();
  reports::Verification result{
      .method = "the line at the end against a walk through the order, and every line's successor",
      .items = static_cast<std::int64_t>(lines.size()) + 1};
  for (std::size_t i = 0; i < lines.size(); ++i) result.mismatches += lines[i].next == &lines[order_[i]] ? 0 : 1;
  const auto begin = static_cast<std::uint32_t>(begin_ - lines.data());
  result.mismatches += end_ == &lines[PointerChase::answer(order_, begin, chase_.steps())] ? 0 : 1;
  return result;
}

}  // namespace peakproof::bench
