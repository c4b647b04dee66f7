#include "theory/network.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "theory/layer_view.hpp"

namespace peakproof::theory {

std::int64_t Tensor::elements() const {
  const auto fail = [&](const char* what) {
    throw std::invalid_argument("tensor '" + name + "': its shape " + shape_text(shape) + what);
  };
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t dimension) { return dimension < 0; }))
    fail(" has a negative dimension");
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t dimension) { return dimension == 0; })) return 0;
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) {
    if (product > std::numeric_limits<std::int64_t>::max() / dimension) fail(" has more elements than 64 bits count");
    product *= dimension;
  }
  return product;
}

}  // namespace peakproof::theory
