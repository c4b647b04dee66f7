// Names, shapes and formats of a file as a message tells them: on one line, printable, quoted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace peakproof::models {

/// With '?' for what is no printable UTF-8, such as control characters and line ends.
[[nodiscard]] std::string printable(std::string_view text);
/// 'name', printable and shortened where it is long.
[[nodiscard]] std::string in_quotes(std::string_view name);
/// "1 x 3 x 224 x 224"; "scalar".
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

/// The product of a shape; -1 where a dimension is negative or the product is no exact double (2^53 and more).
[[nodiscard]] std::int64_t element_count(std::span<const std::int64_t> shape);

}  // namespace peakproof::models
