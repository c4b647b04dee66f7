// Memory bandwidth of the CPU in the patterns of STREAM (McCalpin): one thread's part.
//
//   idea     every thread streams its own contiguous part: vector loads, which the hardware prefetchers run ahead of,
//            and for what is written non-temporal vector stores
//   work     read         sum += a        1 array      add    c = a + b       3
//            write        c = position    1            triad  c = a + 3 b     3
//            copy         c = a           2            dot    sum += a b      2
//            scale        c = 3 a         2            copy_cached: copy with ordinary stores
//            Bytes read + bytes written, each once. An ordinary store that misses reads its line first (a read for
//            ownership): a copy then moves half as much again, which is not counted and seems a quarter to a third
//            slower. A non-temporal store of whole lines avoids that read, so that the counted bytes are what moves. It
//            also leaves the caches: copy_cached is there for working sets that a cache shall hold, where its lines are
//            owned from the first pass on
//   machine  8 vectors of each array per trip, and the loop counter (tests/cpu/machine_code_test.py): loads, what the
//            pattern makes of them, then stores: vmovntdq on x86-64, stnt1d with SVE, and one fence at the end. NEON has
//            no such store in GCC; Arm's cores stop allocating by themselves in a long run of full-line stores (write
//            streaming mode). Sums have 8 accumulators, so that loads limit them: integer adds take one cycle, and no
//            core loads more vectors a cycle than it adds
//   limit    Pipe::l1 for a read that the first-level cache holds: loads a clock x bytes of a register. Pipe::dram for
//            what no cache holds; the peak of a CPU's memory is unknown without its modules' facts: reported, not judged
//   answer   the inputs depend on the position, and every word that is written is compared. FP64 numbers are whole and of
//            ten bits: 3 a, a + b, a + 3 b and any sum of up to 2^33 products below 2^20 are exact. Sums are compared
//            with those of the inputs as they were made, modulo 2^64
#include "kernels/cpu/stream.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/stream.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef PEAKPROOF_KERNELS_CPU_STREAM_PART
#define PEAKPROOF_KERNELS_CPU_STREAM_PART
namespace peakproof::kernels::cpu {

/// One thread's part: its arrays, and the words that `write` makes, start + i x step.
struct StreamPart {
  const std::uint64_t* a = nullptr;
  const std::uint64_t* b = nullptr;
  std::uint64_t* c = nullptr;
  std::size_t words = 0;
  std::uint64_t start = 0;
  std::uint64_t step = 0;
  std::int64_t passes = 1;
};

}  // namespace peakproof::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace peakproof::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<std::uint64_t>;
using Vector = hn::Vec<Words>;
template <std::size_t>
using VectorAt = Vector;
constexpr std::size_t vectors = 8;  // of each array in a trip
using Trip = std::make_index_sequence<vectors>;
constexpr std::size_t most_lanes = Stream::alignment / sizeof(std::uint64_t);

// The next pass reads and writes everything again, whatever the compiler knows of the one before.
HWY_INLINE void start_over() { asm volatile("" ::: "memory"); }

#if HWY_HAVE_FLOAT64
using Numbers = hn::ScalableTag<double>;
HWY_INLINE hn::Vec<Numbers> number(const std::uint64_t* from) {
  return hn::BitCast(Numbers(), hn::Load(Words(), from));
}
HWY_INLINE Vector word(hn::Vec<Numbers> number) { return hn::BitCast(Words(), number); }
#endif

/// The vector that is written at `at`.
template <StreamPattern pattern>
HWY_INLINE Vector made(StreamPart part, std::size_t at) {
  using enum StreamPattern;
  if constexpr (pattern == copy || pattern == copy_cached) return hn::Load(Words(), part.a + at);
#if HWY_HAVE_FLOAT64
  const auto s = hn::Set(Numbers(), Stream::scalar);
  if constexpr (pattern == scale) return word(hn::Mul(s, number(part.a + at)));
  if constexpr (pattern == add) return word(hn::Add(number(part.a + at), number(part.b + at)));
  if constexpr (pattern == triad) return word(hn::MulAdd(s, number(part.b + at), number(part.a + at)));
#endif
  return hn::Zero(Words());
}

/// The sum with the vector at `at`.
template <StreamPattern pattern>
HWY_INLINE Vector added(Vector sum, StreamPart part, std::size_t at) {
#if HWY_HAVE_FLOAT64
  if constexpr (pattern == StreamPattern::dot)
    return word(hn::MulAdd(number(part.a + at), number(part.b + at), hn::BitCast(Numbers(), sum)));
#endif
  return hn::Add(sum, hn::Load(Words(), part.a + at));
}

template <StreamPattern pattern>
HWY_INLINE Vector added(Vector sum, Vector other) {
#if HWY_HAVE_FLOAT64
  if constexpr (pattern == StreamPattern::dot)
    return word(hn::Add(hn::BitCast(Numbers(), sum), hn::BitCast(Numbers(), other)));
#endif
  return hn::Add(sum, other);
}

template <StreamPattern pattern>
HWY_INLINE void stored(Vector vector, std::uint64_t* to) {
  if constexpr (pattern == StreamPattern::copy_cached)
    hn::Store(vector, Words(), to);
  else
    hn::Stream(vector, Words(), to);
}

// Packs of variables, because a vector of unknown length (SVE) fits in no array.
template <StreamPattern pattern, std::size_t... k>
HWY_INLINE void store_all(std::uint64_t* to, std::index_sequence<k...> /*trip*/, VectorAt<k>... vector) {
  (stored<pattern>(vector, to + k * hn::Lanes(Words())), ...);
}

template <StreamPattern pattern, std::size_t... k>
HWY_INLINE void map(StreamPart part, std::index_sequence<k...> trip) {
  const std::size_t lanes = hn::Lanes(Words());
  for (; part.passes > 0; --part.passes) {
    for (std::size_t i = 0; i < part.words; i += vectors * lanes)
      store_all<pattern>(part.c + i, trip, made<pattern>(part, i + k * lanes)...);
    start_over();
  }
}

template <std::size_t... k>
HWY_INLINE void write_positions(StreamPart part, std::index_sequence<k...> /*trip*/) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  alignas(Stream::alignment) std::uint64_t first[most_lanes];
  for (std::size_t lane = 0; lane < lanes; ++lane) first[lane] = part.start + lane * part.step;
  const Vector stride = hn::Set(d, lanes * part.step);
  for (; part.passes > 0; --part.passes) {
    Vector next = hn::Load(d, first);
    for (std::size_t i = 0; i < part.words; i += vectors * lanes)
      ((stored<StreamPattern::write>(next, part.c + i + k * lanes), next = hn::Add(next, stride)), ...);
    start_over();
  }
}

template <StreamPattern pattern, std::size_t... k>
HWY_INLINE Vector sum_all(StreamPart part, std::index_sequence<k...> /*trip*/, VectorAt<k>... sum) {
  const std::size_t lanes = hn::Lanes(Words());
  for (; part.passes > 0; --part.passes) {
    for (std::size_t i = 0; i < part.words; i += vectors * lanes)
      ((sum = added<pattern>(sum, part, i + k * lanes)), ...);
    start_over();
  }
  Vector total = hn::Zero(Words());
  ((total = added<pattern>(total, sum)), ...);
  return total;
}

template <StreamPattern pattern, std::size_t... k>
HWY_INLINE std::uint64_t reduce(StreamPart part, std::index_sequence<k...> trip) {
  const Words d;
  alignas(Stream::alignment) std::uint64_t lane[most_lanes];
  hn::Store(sum_all<pattern>(part, trip, VectorAt<k>(hn::Zero(d))...), d, lane);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < hn::Lanes(d); ++i)
    sum += pattern == StreamPattern::dot ? static_cast<std::uint64_t>(std::bit_cast<double>(lane[i])) : lane[i];
  return sum;
}

template <StreamPattern pattern>
HWY_NOINLINE std::uint64_t stream(StreamPart part) {
  if constexpr (!Stream{pattern}.writes()) return reduce<pattern>(part, Trip());
  if constexpr (pattern == StreamPattern::write)
    write_positions(part, Trip());
  else
    map<pattern>(part, Trip());
  if constexpr (pattern != StreamPattern::copy_cached) hwy::FlushStream();
  return 0;
}

std::uint64_t stream_of(StreamPattern pattern, const StreamPart& part) {
  using enum StreamPattern;
  switch (pattern) {
    case read:
      return stream<read>(part);
    case write:
      return stream<write>(part);
    case copy:
      return stream<copy>(part);
    case scale:
      return stream<scale>(part);
    case add:
      return stream<add>(part);
    case triad:
      return stream<triad>(part);
    case dot:
      return stream<dot>(part);
    case copy_cached:
      return stream<copy_cached>(part);
  }
  return 0;
}

const char* stream_target() { return hwy::TargetName(HWY_TARGET); }
int stream_simd_bits() { return static_cast<int>(64 * hn::Lanes(Words())); }
bool stream_has_fp64() { return HWY_HAVE_FLOAT64 != 0; }

}  // namespace peakproof::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peakproof::kernels::cpu {

HWY_EXPORT(stream_of);
HWY_EXPORT(stream_target);
HWY_EXPORT(stream_simd_bits);
HWY_EXPORT(stream_has_fp64);

namespace {

constexpr std::uint64_t golden_step = 0x9E3779B97F4A7C15U;  // odd: no two positions below 2^64 have one word
constexpr std::uint64_t other_seed = std::uint64_t{1} << 48U;
constexpr std::uint64_t number_bits = 1023;
static_assert(static_cast<std::uint64_t>(Stream::most_bytes / 8) <=
                  (std::uint64_t{1} << 53U) / (number_bits * number_bits),
              "the sum of so many products is a whole number below 2^53");

/// What `write` adds from one word to the next.
std::uint64_t step_of(Data data) { return data == Data::random ? golden_step : 0; }

std::uint64_t written_at(const Stream& stream, std::uint64_t index) {
  return stream.data == Data::ones ? ~std::uint64_t{0} : (stream.seed + index) * step_of(stream.data);
}

double number_at(const Stream& stream, int array, std::uint64_t index) {
  return std::bit_cast<double>(stream.input(array, index));
}

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("cpu stream: ") + what);
}

void require_part(std::span<const std::uint64_t> part, std::size_t words) {
  require(part.size() == words && part.size_bytes() % Stream::block_bytes == 0,
          "all parts must have one size, a multiple of 4096 bytes");
  require(part.size_bytes() <= static_cast<std::size_t>(Stream::most_bytes), "a part may have up to 64 GiB");
  require(reinterpret_cast<std::uintptr_t>(part.data()) % Stream::alignment == 0,
          "all parts must begin at a multiple of 256 bytes");
}

}  // namespace

std::string_view name(StreamPattern pattern) {
  switch (pattern) {
    case StreamPattern::read:
      return "read";
    case StreamPattern::write:
      return "write";
    case StreamPattern::copy:
      return "copy";
    case StreamPattern::scale:
      return "scale";
    case StreamPattern::add:
      return "add";
    case StreamPattern::triad:
      return "triad";
    case StreamPattern::dot:
      return "dot";
    case StreamPattern::copy_cached:
      return "copy_cached";
  }
  return "";
}

std::uint64_t Stream::input(int array, std::uint64_t index) const {
  const std::uint64_t word = Pattern{data, array == 0 ? seed : seed + other_seed}.word(index);
  return is_fp64() ? std::bit_cast<std::uint64_t>(static_cast<double>(word & number_bits)) : word;
}

std::uint64_t Stream::output(std::uint64_t index) const {
  const auto number = [&](int array) { return number_at(*this, array, index); };
  switch (pattern) {
    case StreamPattern::write:
      return written_at(*this, index);
    case StreamPattern::scale:
      return std::bit_cast<std::uint64_t>(scalar * number(0));
    case StreamPattern::add:
      return std::bit_cast<std::uint64_t>(number(0) + number(1));
    case StreamPattern::triad:
      return std::bit_cast<std::uint64_t>(number(0) + scalar * number(1));
    default:
      return input(0, index);
  }
}

std::uint64_t Stream::sum(std::uint64_t first, std::uint64_t words) const {
  std::uint64_t sum = 0;
  for (std::uint64_t i = first; i < first + words; ++i)
    sum += pattern == StreamPattern::dot ? static_cast<std::uint64_t>(number_at(*this, 0, i) * number_at(*this, 1, i))
                                         : input(0, i);
  return sum;
}

std::uint64_t Stream::run(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b,
                          std::span<std::uint64_t> c, std::uint64_t first, std::int64_t passes) const {
  const std::size_t words = inputs() > 0 ? a.size() : c.size();
  if (inputs() > 0) require_part(a, words);
  if (inputs() > 1) require_part(b, words);
  if (writes()) require_part(c, words);
  require(!is_fp64() || has_fp64(), "this CPU has no vectors of FP64");
  StreamPart part{a.data(), b.data(), c.data(), words, written_at(*this, first), step_of(data), passes};
  if (pattern != StreamPattern::dot) return HWY_DYNAMIC_DISPATCH(stream_of)(pattern, part);
  // The exact sum of one pass is a whole number below 2^53, that of many would not be.
  part.passes = 1;
  std::uint64_t sum = 0;
  for (; passes > 0; --passes) sum += HWY_DYNAMIC_DISPATCH(stream_of)(pattern, part);
  return sum;
}

std::string Stream::target() { return HWY_DYNAMIC_DISPATCH(stream_target)(); }
int Stream::simd_bits() { return HWY_DYNAMIC_DISPATCH(stream_simd_bits)(); }
bool Stream::has_fp64() { return HWY_DYNAMIC_DISPATCH(stream_has_fp64)(); }

std::int64_t Stream::plan_bytes(std::int64_t last_level_cache_bytes, std::int64_t available_bytes) {
  constexpr std::int64_t smallest = std::int64_t{512} << 20;
  const std::int64_t wanted = std::max(4 * last_level_cache_bytes, smallest);
  const std::int64_t possible = std::min(wanted, available_bytes / 4);
  const bool beyond_cache = possible >= 2 * last_level_cache_bytes;
  return beyond_cache ? possible / block_bytes * block_bytes : 0;
}

}  // namespace peakproof::kernels::cpu
#endif  // HWY_ONCE
