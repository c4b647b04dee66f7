// Memory bandwidth of the CPU in the patterns of STREAM: one thread's part. The kernel and its data sheet are in
// stream.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kernels/cpu/pattern.hpp"

namespace peakproof::kernels::cpu {

/// What is done with the inputs a and b and the output c. `copy_cached` is `copy` with ordinary stores.
enum class StreamPattern { read, write, copy, scale, add, triad, dot, copy_cached };

/// Those that measure a memory, in the order of reports.
inline constexpr std::array memory_patterns = {StreamPattern::read,  StreamPattern::write, StreamPattern::copy,
                                               StreamPattern::scale, StreamPattern::add,   StreamPattern::triad,
                                               StreamPattern::dot};

/// "read", "triad", …: the same words as for a GPU.
[[nodiscard]] std::string_view name(StreamPattern pattern);

struct Stream {
  static constexpr const char* symbol = "cpu_stream";
  static constexpr std::int64_t block_bytes = 4096;  ///< what a thread's part is a multiple of
  static constexpr std::size_t alignment = 256;      ///< of all arrays: the longest vector there is
  static constexpr double scalar = 3;                ///< of scale and triad
  /// Of a thread's part of one array: up to here every partial sum of a dot product is a whole number below 2^53.
  static constexpr std::int64_t most_bytes = std::int64_t{1} << 36;

  StreamPattern pattern = StreamPattern::copy;
  Data data = Data::random;
  std::uint64_t seed = 1;

  /// Arrays that are read: 0 to 2.
  [[nodiscard]] constexpr int inputs() const {
    if (pattern == StreamPattern::write) return 0;
    const bool two = pattern == StreamPattern::add || pattern == StreamPattern::triad || pattern == StreamPattern::dot;
    return two ? 2 : 1;
  }
  /// Whether an array is written; read and dot return a sum instead.
  [[nodiscard]] constexpr bool writes() const {
    return pattern != StreamPattern::read && pattern != StreamPattern::dot;
  }
  [[nodiscard]] constexpr int arrays() const { return inputs() + (writes() ? 1 : 0); }
  /// Whether the words are FP64 numbers. They are whole numbers of ten bits, so that whatever the pattern makes of them
  /// is exact, whether a CPU rounds once or twice or adds in another order.
  [[nodiscard]] constexpr bool is_fp64() const {
    return pattern == StreamPattern::scale || pattern == StreamPattern::add || pattern == StreamPattern::triad ||
           pattern == StreamPattern::dot;
  }
  /// Bytes moved by one pass over arrays of this size: read and written both counted, each once.
  [[nodiscard]] constexpr double bytes_moved(std::int64_t bytes) const { return arrays() * static_cast<double>(bytes); }

  /// The word at `index` of an input: 0 is a, 1 is b.
  [[nodiscard]] std::uint64_t input(int array, std::uint64_t index) const;
  /// The word that must be written at `index`.
  [[nodiscard]] std::uint64_t output(std::uint64_t index) const;
  /// The sum that one pass over `words` words from `first` on must return.
  [[nodiscard]] std::uint64_t sum(std::uint64_t first, std::uint64_t words) const;

  /// Runs the pattern `passes` times on the calling thread, over parts of the arrays that begin at the word `first` of
  /// the whole. Returns the sum of all passes modulo 2^64: of the words (read), of the products (dot), else 0. The parts
  /// that the pattern has are of one size, a multiple of block_bytes up to most_bytes, and aligned; throws
  /// std::invalid_argument otherwise.
  [[nodiscard]] std::uint64_t run(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b,
                                  std::span<std::uint64_t> c, std::uint64_t first, std::int64_t passes) const;

  /// Highway's name of the target that is used.
  [[nodiscard]] static std::string target();
  /// Of its registers.
  [[nodiscard]] static int simd_bits();
  /// Whether they hold FP64.
  [[nodiscard]] static bool has_fp64();
  /// Bytes of one array for a test of the memory: four times the last-level cache, at least 512 MiB, at most a quarter
  /// of the available memory; a multiple of block_bytes. 0 where the last two contradict a working set beyond the cache.
  [[nodiscard]] static std::int64_t plan_bytes(std::int64_t last_level_cache_bytes, std::int64_t available_bytes);
};

}  // namespace peakproof::kernels::cpu
