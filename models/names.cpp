#include "models/names.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace peakproof::models {
namespace {

// The length of the UTF-8 character that the text begins with; 0: none, or one that does not print.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80U) {
    return first >= 0x20U && first != 0x7FU ? 1 : 0;
  }
  if (first >= 0xC2U && first <= 0xDFU) {
    return follows(1) && (first != 0xC2U || byte(1) >= 0xA0U) ? 2 : 0;  // no control characters of the second set
  }
  if (first >= 0xE0U && first <= 0xEFU && follows(1) && follows(2)) {
    const bool overlong = first == 0xE0U && byte(1) < 0xA0U;
    const bool surrogate = first == 0xEDU && byte(1) >= 0xA0U;
    // U+2028 to U+202E and U+2066 to U+2069 end lines or turn the direction of writing.
    const bool turns = first == 0xE2U && ((byte(1) == 0x80U && byte(2) >= 0xA8U && byte(2) <= 0xAEU) ||
                                          (byte(1) == 0x81U && byte(2) >= 0xA6U && byte(2) <= 0xA9U));
    return overlong || surrogate || turns ? 0 : 3;
  }
  if (first >= 0xF0U && first <= 0xF4U && follows(1) && follows(2) && follows(3)) {
    const bool outside = (first == 0xF0U && byte(1) < 0x90U) || (first == 0xF4U && byte(1) >= 0x90U);
    return outside ? 0 : 4;
  }
  return 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      out += '?';
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string in_quotes(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  if (name.size() <= kLongest) {
    return fmt::format("'{}'", printable(name));
  }
  return fmt::format("'{}...{}'", printable(name.substr(0, kLongest / 2)),
                     printable(name.substr(name.size() - kLongest / 2)));
}

std::string shape_text(std::span<const std::int64_t> shape) {
  if (shape.empty()) {
    return "scalar";
  }
  std::string text;
  for (const std::int64_t dimension : shape) {
    if (!text.empty()) {
      text += " x ";
    }
    text += std::to_string(dimension);
  }
  return text;
}

std::int64_t element_count(std::span<const std::int64_t> shape) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  std::int64_t count = 1;
  bool zero = false;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) {
      return -1;
    }
    zero = zero || dimension == 0;
  }
  if (zero) {
    return 0;
  }
  for (const std::int64_t dimension : shape) {
    if (dimension > kMost / count) {
      return -1;
    }
    count *= dimension;
  }
  return count;
}

}  // namespace peakproof::models
