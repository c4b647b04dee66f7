#include "theory/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace peakproof::theory {
namespace {

std::string fixed(double value, int decimals) {
  std::array<char, 400> text{};  // the longest double has 309 digits before the point
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

/// Decimals that leave `digits` significant digits of a value; the value's own rounding up to the next power of ten is
/// counted (9.996 to three digits is 10.0).
int decimals_for(double value, int digits) {
  if (value == 0) return 0;
  int decimals = std::max(digits - 1 - static_cast<int>(std::floor(std::log10(value))), 0);
  const double scale = std::pow(10.0, decimals);
  const double rounded = std::round(value * scale) / scale;
  if (rounded > 0) decimals = std::max(digits - 1 - static_cast<int>(std::floor(std::log10(rounded))), 0);
  return decimals;
}

void strip_zeros(std::string& text, std::size_t keep_decimals) {
  const auto point = text.find('.');
  if (point == std::string::npos) return;
  while (text.back() == '0' && text.size() - point - 1 > keep_decimals) text.pop_back();
  if (text.back() == '.') text.pop_back();
}

}  // namespace

std::string si(double value, std::string_view unit, int digits) {
  if (std::isnan(value)) return "unknown";
  if (std::isinf(value)) return "infinite";
  constexpr std::array<std::string_view, 7> prefixes = {"", "K", "M", "G", "T", "P", "E"};
  double scaled = std::abs(value);
  std::size_t prefix = 0;
  // The rounded value decides: 999.96 G to three digits is 1.00 T.
  const auto rounds_to_1000 = [&] {
    const double scale = std::pow(10.0, decimals_for(scaled, digits));
    return std::round(scaled * scale) / scale >= 1000;
  };
  while (prefix + 1 < prefixes.size() && rounds_to_1000()) {
    scaled /= 1000;
    ++prefix;
  }
  std::string text = value < 0 ? "-" : "";
  text += fixed(scaled, decimals_for(scaled, digits));
  const auto prefix_text = prefixes.at(prefix);
  if (!prefix_text.empty() || !unit.empty()) text += ' ';
  text += prefix_text;
  text += unit;
  return text;
}

std::string gigahertz(double clock_hz) {
  std::string text = fixed(clock_hz * 1e-9, 6);
  strip_zeros(text, 3);
  return text + " GHz";
}

std::string plain(double value, int digits) {
  std::string text = fixed(std::abs(value), decimals_for(std::abs(value), digits));
  strip_zeros(text, 0);
  return value < 0 ? "-" + text : text;
}

}  // namespace peakproof::theory
