// What the STREAM patterns work on, by position, and counting where their answers differ from it.
#include "kernels/memory/stream_check.hpp"

#include <bit>
#include <cmath>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/mismatches.hpp"
#include "tests/stand_in/models/numbers.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::Data;
using kernels::StreamData;
using kernels::StreamInput;
using kernels::StreamPattern;

std::uint64_t bits(double number) { return std::bit_cast<std::uint64_t>(number); }

std::uint64_t random_word(const StreamData& data, StreamInput which, std::int64_t index) {
  return splitmix64(data.seed + static_cast<std::uint64_t>(which), static_cast<std::uint64_t>(index));
}

/// As a word of x where words are moved.
std::uint64_t word(const StreamData& data, std::int64_t index) {
  if (data.data == Data::zero) return 0;
  return data.data == Data::ones ? ~0ULL : random_word(data, StreamInput::x, index);
}

/// As a number: the sign is the random word's highest bit, the fraction the lowest 52, or of them the highest 19.
double number(const StreamData& data, StreamPattern pattern, StreamInput which, std::int64_t index) {
  if (data.data == Data::zero) return 0;
  if (data.data == Data::ones) return 1;
  constexpr int fraction_bits = 52;
  constexpr int fraction_bits_of_dot = 19;
  const std::uint64_t random = random_word(data, which, index);
  std::uint64_t fraction = random % (1ULL << fraction_bits);
  if (pattern == StreamPattern::dot) fraction -= fraction % (1ULL << (fraction_bits - fraction_bits_of_dot));
  const double size = 1 + std::ldexp(static_cast<double>(fraction), -fraction_bits);
  return random >> 63U ? -size : size;
}

std::uint64_t input(const StreamData& data, StreamPattern pattern, StreamInput which, std::int64_t index) {
  if (pattern == StreamPattern::read || pattern == StreamPattern::copy) return word(data, index);
  return bits(number(data, pattern, which, index));
}

std::uint64_t written_word(const StreamData& data, std::int64_t index) {
  if (data.data == Data::zero) return 0;
  return data.data == Data::ones ? ~0ULL : data.seed + static_cast<std::uint64_t>(index) * 0x9E3779B97F4A7C15ULL;
}

std::uint64_t output(const StreamData& data, StreamPattern pattern, double scalar, std::int64_t index) {
  const auto x = [&] { return number(data, pattern, StreamInput::x, index); };
  const auto y = [&] { return number(data, pattern, StreamInput::y, index); };
  switch (pattern) {
    case StreamPattern::write:
      return written_word(data, index);
    case StreamPattern::scale:
      return bits(scalar * x());
    case StreamPattern::add:
      return bits(x() + y());
    case StreamPattern::triad:
      return bits(std::fma(scalar, y(), x()));
    default:
      return word(data, index);
  }
}

std::uint64_t sum(const StreamData& data, StreamPattern pattern, std::int64_t first, std::int64_t count) {
  std::uint64_t words = 0;
  double products = 0;
  for (std::int64_t i = first; i < first + count; ++i)
    if (pattern == StreamPattern::read)
      words += word(data, i);
    else
      products += number(data, pattern, StreamInput::x, i) * number(data, pattern, StreamInput::y, i);
  return pattern == StreamPattern::read ? words : bits(products);
}

/// Counts where `expected` of an index is not what lies there. The arguments' places: the buffer, how many, the counter.
template <class Expected>
cudaError_t count_mismatches(const Launch& launch, int place, int count_place, int counter_place,
                             const Expected& expected) {
  const auto count = launch.argument<std::int64_t>(count_place);
  const auto* out = elements(launch.argument<const std::uint64_t*>(place), count);
  auto* mismatches = elements(launch.argument<kernels::Mismatches*>(counter_place), 1);
  if (!out || !mismatches) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < count; ++i) note(*mismatches, i, out[i], expected(i));
  written(mismatches);
  return cudaSuccess;
}

cudaError_t fill(const Launch& launch) {
  const auto data = launch.argument<StreamData>(0);
  const auto pattern = launch.argument<StreamPattern>(1);
  const auto which = launch.argument<StreamInput>(2);
  const auto words = launch.argument<std::int64_t>(4);
  auto* out = elements(launch.argument<std::uint64_t*>(3), words);
  if (!out) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < words; ++i) out[i] = input(data, pattern, which, i);
  written(out);
  return cudaSuccess;
}

cudaError_t elements_differ(const Launch& launch) {
  const auto data = launch.argument<StreamData>(0);
  const auto pattern = launch.argument<StreamPattern>(1);
  const auto scalar = launch.argument<double>(2);
  return count_mismatches(launch, 3, 4, 5, [&](std::int64_t i) { return output(data, pattern, scalar, i); });
}

cudaError_t sums_differ(const Launch& launch) {
  const auto data = launch.argument<StreamData>(0);
  const auto pattern = launch.argument<StreamPattern>(1);
  const auto words = launch.argument<std::int64_t>(4);
  return count_mismatches(launch, 2, 3, 5, [&](std::int64_t i) { return sum(data, pattern, i * words, words); });
}

cudaError_t words_differ(const Launch& launch) {
  const auto words = launch.argument<kernels::WordSequence>(0);
  return count_mismatches(launch, 1, 2, 3,
                          [&](std::int64_t i) { return words.first + static_cast<std::uint64_t>(i) * words.step; });
}

/// Eight bytes for each of those that the argument at `place` counts.
std::function<Cost(const Launch&)> words_at(int place) {
  return [place](const Launch& launch) {
    return Cost{.dram_bytes = 8.0 * static_cast<double>(launch.argument<std::int64_t>(place))};
  };
}

const Model kFill({.name = "stream_fill", .cost = words_at(4), .answer = fill});
const Model kElements({.name = "stream_mismatches", .cost = words_at(4), .answer = elements_differ});
const Model kSums({.name = "stream_sum_mismatches", .cost = words_at(3), .answer = sums_differ});
const Model kWords({.name = "word_mismatches", .cost = words_at(2), .answer = words_differ});

}  // namespace
}  // namespace peakproof::stand_in
