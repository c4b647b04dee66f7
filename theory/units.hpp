// Numbers for people: decimal SI prefixes K, M, G, T, P, E.
#pragma once

#include <string>
#include <string_view>

namespace peakproof::theory {

/// `value` with a decimal SI prefix, e.g. (66.9e12, "FLOP/s") -> "66.9 TFLOP/s", (2.039e12, "B/s", 4) -> "2.039 TB/s".
/// Rounded to `digits` significant digits, never with an exponent. Below 1 there is no prefix; from 1e21 on it stays
/// with E ("1000 EFLOP/s"). "unknown" for NaN, "infinite" for infinity.
[[nodiscard]] std::string si(double value, std::string_view unit, int digits = 3);

/// A clock in GHz with at least three decimals, and up to six where it needs them: "1.980 GHz", "1.976432 GHz".
[[nodiscard]] std::string gigahertz(double clock_hz);

/// The shortest text of a number to at most `digits` significant digits, without an exponent for any number in use:
/// "128", "6.402".
[[nodiscard]] std::string plain(double value, int digits = 6);

}  // namespace peakproof::theory
