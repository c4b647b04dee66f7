// Multiply-accumulates of convolutions, matrix products, recurrent layers and attention. Inputs, outputs and attributes
// are those of ONNX's Operators.md.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "theory/operator_counts.hpp"

namespace peakproof::theory::counts {
namespace {

using Shape = std::vector<std::int64_t>;

// A sum that is kept as 8 bits again is scaled, rounded, shifted by the zero point and saturated.
constexpr double kRequantize = 4;

double per_step(const Tensor& x) { return static_cast<double>(x.shape[0]) * static_cast<double>(x.shape[1]); }

/// An attribute with one value for each dimension of space.
Shape spatial(const LayerView& layer, const std::string& name, std::size_t count, std::int64_t otherwise) {
  Shape values = layer.integers(name);
  if (values.empty()) values.assign(count, otherwise);
  if (values.size() != count)
    layer.fail("its attribute '" + name + "' has " + std::to_string(values.size()) + " values, and needs " +
               std::to_string(count));
  return values;
}

/// The output of a convolution against its input, kernel, strides, dilations and padding.
void check_window(const LayerView& layer, const Tensor& x, const Tensor& w, const Tensor& y) {
  const std::size_t dimensions = x.shape.size() - 2;
  const Shape strides = spatial(layer, "strides", dimensions, 1);
  const Shape dilations = spatial(layer, "dilations", dimensions, 1);
  const Shape pads = spatial(layer, "pads", 2 * dimensions, 0);
  const Shape kernel = layer.integers("kernel_shape");
  const std::string padding = layer.text("auto_pad", "NOTSET");
  const bool same = padding == "SAME_UPPER" || padding == "SAME_LOWER";
  if (!kernel.empty() && !std::equal(kernel.begin(), kernel.end(), w.shape.begin() + 2, w.shape.end()))
    layer.fail("its kernel_shape is " + shape_text(kernel) + ", but its weight has the shape " + shape_text(w.shape));
  for (std::size_t i = 0; i < dimensions; ++i) {
    if (strides[i] < 1 || dilations[i] < 1) layer.fail("its strides and dilations must be 1 or more");
    const auto in = static_cast<double>(x.shape[i + 2]);
    const auto stride = static_cast<double>(strides[i]);
    const double reach = static_cast<double>(w.shape[i + 2] - 1) * static_cast<double>(dilations[i]) + 1;
    const double padded =
        padding == "VALID" ? in : in + static_cast<double>(pads[i]) + static_cast<double>(pads[i + dimensions]);
    const double expected = same ? std::ceil(in / stride) : std::max(0.0, std::floor((padded - reach) / stride) + 1);
    if (expected != static_cast<double>(y.shape[i + 2]))
      layer.fail("an input of the shape " + shape_text(x.shape) + " and a weight of " + shape_text(w.shape) +
                 " do not give the output " + shape_text(y.shape));
  }
}

std::int64_t groups(const LayerView& layer) {
  const std::int64_t group = layer.integer("group", 1);
  if (group < 1) layer.fail("its attribute 'group' is " + std::to_string(group) + ", and must be 1 or more");
  return group;
}

void check_ranks(const LayerView& layer, const Tensor& x, const Tensor& w, const Tensor& y) {
  if (x.shape.size() < 3 || w.shape.size() != x.shape.size() || y.shape.size() != x.shape.size())
    layer.fail("its input " + shape_text(x.shape) + ", weight " + shape_text(w.shape) + " and output " +
               shape_text(y.shape) + " must have the same number of dimensions, at least 3");
}

void check_bias(const LayerView& layer, const Tensor* bias, std::int64_t channels) {
  if (bias != nullptr && bias->elements() != channels)
    layer.fail("its bias has " + std::to_string(bias->elements()) + " elements for " + std::to_string(channels) +
               " channels");
}

/// Output elements x input channels / groups x kernel elements: each output is that long a sum.
Operations convolution_of(const LayerView& layer, const Tensor& x, const Tensor& w, const Tensor* bias) {
  const Tensor& y = layer.output();
  check_ranks(layer, x, w, y);
  const std::int64_t group = groups(layer);
  if (x.shape[1] % group != 0 || x.shape[1] / group != w.shape[1] || w.shape[0] % group != 0)
    layer.fail("an input of " + std::to_string(x.shape[1]) + " channels in " + std::to_string(group) +
               " groups does not fit its weight " + shape_text(w.shape));
  if (y.shape[0] != x.shape[0] || y.shape[1] != w.shape[0])
    layer.fail("its output " + shape_text(y.shape) + " does not fit its input " + shape_text(x.shape) +
               " and its weight " + shape_text(w.shape));
  check_window(layer, x, w, y);
  check_bias(layer, bias, w.shape[0]);
  double length = 1;
  for (std::size_t i = 1; i < w.shape.size(); ++i) length *= static_cast<double>(w.shape[i]);
  return {numbers(y) * length, bias != nullptr ? numbers(y) : 0};
}

void transpose_last(Shape& shape) {
  if (shape.size() > 1) std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
}

/// numpy.matmul: vectors are rows on the left and columns on the right, the dimensions before the last two are stretched.
Operations matmul_of(const LayerView& layer, const Shape& a, Shape b) {
  const Tensor& y = layer.output();
  if (a.empty() || b.empty()) layer.fail("a product needs inputs of at least one dimension");
  const std::string inputs = shape_text(a) + " and " + shape_text(b);
  const bool row = a.size() == 1;
  const bool column = b.size() == 1;
  if (column) b.push_back(1);
  const std::int64_t inner = a.back();
  if (b[b.size() - 2] != inner) layer.fail("the inner dimensions of its inputs " + inputs + " differ");
  Shape expected;
  const std::size_t rank = std::max(a.size(), b.size()) - 2;
  for (std::size_t i = 0; i < rank; ++i) {
    const auto at = [&](const Shape& shape) {
      const std::size_t missing = rank + 2 - shape.size();
      return i < missing ? 1 : shape[i - missing];
    };
    if (at(a) != at(b) && at(a) != 1 && at(b) != 1) layer.fail("its inputs " + inputs + " cannot be stretched to one");
    expected.push_back(at(a) == 1 ? at(b) : at(a));
  }
  if (!row) expected.push_back(a[a.size() - 2]);
  if (!column) expected.push_back(b.back());
  if (expected != y.shape)
    layer.fail("inputs of the shapes " + inputs + " do not give the output " + shape_text(y.shape));
  return {numbers(y) * static_cast<double>(inner), 0};
}

Operations with_activation(const LayerView& layer, Operations operations) {
  if (!layer.text("activation", "").empty()) operations.others += numbers(layer.output());
  return operations;
}

}  // namespace

Count convolution(const LayerView& layer) {
  return convolution_of(layer, layer.needed(0), layer.needed(1), layer.input(2));
}

Count fused_convolution(const LayerView& layer) {
  Operations operations = with_activation(layer, *convolution(layer));
  if (layer.has(3)) operations.others += numbers(layer.output());  // Z, which is added before the activation
  return operations;
}

Count integer_convolution(const LayerView& layer) {
  return convolution_of(layer, layer.needed(0), layer.needed(1), nullptr);
}

Count quantized_convolution(const LayerView& layer) {
  Operations operations = convolution_of(layer, layer.needed(0), layer.needed(3), layer.input(8));
  operations.others += kRequantize * numbers(layer.output());
  return operations;
}

Count transposed_convolution(const LayerView& layer) {
  const Tensor& x = layer.needed(0);
  const Tensor& w = layer.needed(1);
  const Tensor& y = layer.output();
  check_ranks(layer, x, w, y);
  const std::int64_t group = groups(layer);
  if (x.shape[1] != w.shape[0] || w.shape[0] % group != 0)
    layer.fail("an input of " + std::to_string(x.shape[1]) + " channels in " + std::to_string(group) +
               " groups does not fit its weight " + shape_text(w.shape));
  if (y.shape[0] != x.shape[0] || y.shape[1] % group != 0 || y.shape[1] / group != w.shape[1])
    layer.fail("its output " + shape_text(y.shape) + " does not fit its input " + shape_text(x.shape) +
               " and its weight " + shape_text(w.shape));
  check_bias(layer, layer.input(2), y.shape[1]);
  double length = 1;
  for (std::size_t i = 1; i < w.shape.size(); ++i) length *= static_cast<double>(w.shape[i]);
  return Operations{numbers(x) * length, layer.has(2) ? numbers(y) : 0};
}

Count gemm(const LayerView& layer) {
  Shape a = layer.needed(0).shape;
  Shape b = layer.needed(1).shape;
  if (a.size() != 2 || b.size() != 2)
    layer.fail("its inputs " + shape_text(a) + " and " + shape_text(b) + " must have two dimensions");
  if (layer.integer("transA", 0) != 0) transpose_last(a);
  if (layer.integer("transB", 0) != 0) transpose_last(b);
  Operations operations = matmul_of(layer, a, std::move(b));
  if (layer.has(2)) operations.others = numbers(layer.output());
  return operations;
}

Count fused_gemm(const LayerView& layer) { return with_activation(layer, *gemm(layer)); }

Count matmul(const LayerView& layer) { return matmul_of(layer, layer.needed(0).shape, layer.needed(1).shape); }

Count fused_matmul(const LayerView& layer) {
  if (layer.integer("transBatchA", 0) != 0 || layer.integer("transBatchB", 0) != 0) return std::nullopt;
  Shape a = layer.needed(0).shape;
  Shape b = layer.needed(1).shape;
  if (layer.integer("transA", 0) != 0) transpose_last(a);
  if (layer.integer("transB", 0) != 0) transpose_last(b);
  return matmul_of(layer, a, std::move(b));
}

Count quantized_matmul(const LayerView& layer) {
  Operations operations = matmul_of(layer, layer.needed(0).shape, layer.needed(3).shape);
  operations.others = kRequantize * numbers(layer.output());
  return operations;
}

Count einsum(const LayerView& layer) {
  std::string equation = layer.text("equation", "");
  std::erase(equation, ' ');
  const std::size_t comma = equation.find(',');
  const std::size_t arrow = equation.find("->");
  const bool plain = layer.inputs() == 2 && comma != std::string::npos && arrow != std::string::npos && comma < arrow &&
                     equation.find(',', comma + 1) == std::string::npos && equation.find('.') == std::string::npos;
  if (!plain) return std::nullopt;
  const std::array<std::string, 3> terms = {equation.substr(0, comma), equation.substr(comma + 1, arrow - comma - 1),
                                            equation.substr(arrow + 2)};
  const std::array<const Tensor*, 3> tensors = {&layer.needed(0), &layer.needed(1), &layer.output()};
  std::map<char, std::int64_t> sizes;
  std::map<char, unsigned> where;  // bits of the terms that have the label
  for (std::size_t t = 0; t < terms.size(); ++t) {
    if (terms[t].size() != tensors[t]->shape.size())
      layer.fail("its equation '" + equation + "' does not fit the shape " + shape_text(tensors[t]->shape));
    for (std::size_t i = 0; i < terms[t].size(); ++i) {
      const std::int64_t size = tensors[t]->shape[i];
      const auto [known, added] = sizes.emplace(terms[t][i], size);
      if (!added && known->second != size && (size == 1 || known->second == 1)) return std::nullopt;  // stretched
      if (!added && known->second != size)
        layer.fail("its equation '" + equation + "' gives one label sizes of " + std::to_string(known->second) +
                   " and " + std::to_string(size));
      if ((where[terms[t][i]] & (1U << t)) != 0) return std::nullopt;  // a diagonal
      where[terms[t][i]] |= 1U << t;
    }
  }
  // A label is summed over both inputs or kept; one that is summed within an input alone is no part of the product.
  bool sums = false;
  double macs = 1;
  for (const auto& [label, terms_with_it] : where) {
    if (terms_with_it < 3U || terms_with_it == 4U) return std::nullopt;
    sums = sums || terms_with_it == 3U;
    macs *= static_cast<double>(sizes[label]);
  }
  return sums ? std::optional(Operations{macs, 0}) : std::nullopt;
}

Count recurrent(const LayerView& layer) {
  const bool lstm = layer.operation() == "LSTM";
  const bool gru = layer.operation() == "GRU";
  const std::int64_t gates = lstm ? 4 : (gru ? 3 : 1);
  const Tensor& x = layer.needed(0);
  const Tensor& w = layer.needed(1);
  const Tensor& r = layer.needed(2);
  if (x.shape.size() != 3 || w.shape.size() != 3 || r.shape.size() != 3)
    layer.fail("its inputs X " + shape_text(x.shape) + ", W " + shape_text(w.shape) + " and R " + shape_text(r.shape) +
               " must have three dimensions");
  const std::int64_t hidden = r.shape[2];
  const bool fits = w.shape[2] == x.shape[2] && w.shape[0] == r.shape[0] && w.shape[1] == r.shape[1] &&
                    r.shape[1] % gates == 0 && r.shape[1] / gates == hidden;
  if (!fits)
    layer.fail("its inputs X " + shape_text(x.shape) + ", W " + shape_text(w.shape) + " and R " + shape_text(r.shape) +
               " do not fit each other");
  // Every item of every step meets all of W and R. A gate adds its bias and has an activation; the new cell of an LSTM
  // is f x c + i x g and the new state o x tanh(c); a GRU has r x …, and (1 - z) x n + z x h.
  const double items = per_step(x);
  const double states = items * static_cast<double>(w.shape[0]) * static_cast<double>(hidden);
  double others = static_cast<double>(gates) * (layer.has(3) ? 2 : 1);
  if (lstm || gru) others += 5;
  if (lstm && layer.has(7)) others += 6;  // peepholes: three weights of the cell
  return Operations{items * (numbers(w) + numbers(r)), others * states};
}

Count attention(const LayerView& layer) {
  const Tensor& q = layer.needed(0);
  const Tensor& k = layer.needed(1);
  const Tensor& v = layer.needed(2);
  const std::size_t rank = q.shape.size();
  if ((rank != 3 && rank != 4) || k.shape.size() != rank || v.shape.size() != rank)
    layer.fail("its inputs Q " + shape_text(q.shape) + ", K " + shape_text(k.shape) + " and V " + shape_text(v.shape) +
               " must have three or four dimensions");
  const std::int64_t query_heads = rank == 4 ? q.shape[1] : layer.integer("q_num_heads", 0);
  const std::int64_t heads = rank == 4 ? k.shape[1] : layer.integer("kv_num_heads", 0);
  if (query_heads < 1 || heads < 1 || query_heads % heads != 0)
    layer.fail("it has " + std::to_string(query_heads) + " heads of queries and " + std::to_string(heads) + " of keys");
  const std::int64_t wide = rank == 4 ? 1 : query_heads;  // heads within the last dimension
  const std::int64_t wide_kv = rank == 4 ? 1 : heads;
  const bool fits = q.shape[0] == k.shape[0] && k.shape[0] == v.shape[0] && k.shape[rank - 2] == v.shape[rank - 2] &&
                    q.shape.back() % wide == 0 && k.shape.back() % wide_kv == 0 && v.shape.back() % wide_kv == 0 &&
                    q.shape.back() / wide == k.shape.back() / wide_kv && (rank == 3 || k.shape[1] == v.shape[1]);
  if (!fits)
    layer.fail("its inputs Q " + shape_text(q.shape) + ", K " + shape_text(k.shape) + " and V " + shape_text(v.shape) +
               " do not fit each other");
  auto keys = static_cast<double>(k.shape[rank - 2]);
  if (const Tensor* const past = layer.input(4)) {
    if (past->shape.size() != 4) layer.fail("its past keys " + shape_text(past->shape) + " must have four dimensions");
    keys += static_cast<double>(past->shape[2]);
  }
  const double scores = static_cast<double>(q.shape[0]) * static_cast<double>(query_heads) *
                        static_cast<double>(q.shape[rank - 2]) * keys;
  const std::int64_t depth = q.shape.back() / wide + v.shape.back() / wide_kv;
  return Operations{scores * static_cast<double>(depth),
                    scores * (layer.has(3) ? 7 : 6)};  // scale, mask, and the softmax's 5
}

}  // namespace peakproof::theory::counts
