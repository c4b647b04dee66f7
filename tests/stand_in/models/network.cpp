// The layers of networks that are no products: what follows a product, softmax, normalisation, pooling. Written from the
// data sheets in kernels/network/layers.hpp, number by number in double precision.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/network/layers.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/gemm.hpp"
#include "tests/stand_in/models/numbers.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::Element;
using kernels::HeadOrder;
using kernels::LayerOut;

double bytes_of_out(const LayerOut& out) {
  return (out.wide != nullptr ? width_of(out.wide_format) / 8.0 : 0) + (out.narrow != nullptr ? 1.0 : 0);
}
bool in_memory(const LayerOut& out, std::int64_t count) {
  return (out.wide == nullptr || matrix_at(out.wide, out.wide_format, count) != nullptr) &&
         (out.narrow == nullptr || matrix_at(out.narrow, out.narrow_format, count) != nullptr);
}
const void* place_of(const LayerOut& out) { return out.wide != nullptr ? out.wide : out.narrow; }

double read(const void* array, Element format, std::int64_t index) {
  if (format == Element::f32) return static_cast<double>(static_cast<const float*>(array)[index]);  // quicker
  return value_of(format, read_bits(format, array, index));
}

/// Of s8 both ends are alike, and what is no number is its largest one.
std::uint64_t narrow_bits(Element format, double value) {
  if (format == Element::e4m3) return bits_of_value(format, value);
  const double limited = std::isnan(value) ? 127 : std::clamp(value, -127.0, 127.0);
  return bits_of_value(format, std::nearbyint(limited));
}
void write(const LayerOut& out, std::int64_t index, double value) {
  const auto single = static_cast<float>(value);
  if (out.wide != nullptr && out.wide_format == Element::f32)
    static_cast<float*>(out.wide)[index] = single;
  else if (out.wide != nullptr)
    write_bits(out.wide_format, out.wide, index, bits_of_value(out.wide_format, static_cast<double>(single)));
  if (out.narrow != nullptr)
    write_bits(out.narrow_format, out.narrow, index,
               narrow_bits(out.narrow_format, static_cast<double>(single * out.narrow_factor)));
}

/// The flaws of a layer, in numbers of its output: which one is another, and how many are left out at the end.
void spoil(Flaw flaw, std::vector<double>& values) {
  double& victim = values[values.size() / 2];
  if (flaw == Flaw::wrong) victim += 1;
  if (flaw == Flaw::nan) victim = std::numeric_limits<double>::quiet_NaN();
  if (flaw == Flaw::dropped) values.front() = 0;
}
void write_all(const LayerOut& out, Flaw flaw, std::vector<double> values) {
  spoil(flaw, values);
  constexpr std::size_t vector = 8;
  const std::size_t count = values.size() - (flaw == Flaw::shorter ? std::min(vector, values.size()) : 0);
  for (std::size_t i = 0; i < count; ++i) write(out, static_cast<std::int64_t>(i), values[i]);
  for (void* array : {out.wide, out.narrow})
    if (array != nullptr) written(array);
}

/// The bits of everything that a launch was told, so that another launch is not taken for the same.
template <class Layer>
std::vector<std::uint64_t> words_of(const Layer& layer, Flaw flaw) {
  std::vector<std::uint64_t> words((sizeof layer + 7) / 8 + 1);
  std::memcpy(words.data(), &layer, sizeof layer);
  words.back() = static_cast<std::uint64_t>(flaw);
  return words;
}
std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// ---- what follows a product ----

Cost finish_cost(const Launch& launch) {
  const auto layer = launch.argument<kernels::FinishLayer>(0);
  return {.dram_bytes = static_cast<double>(layer.rows) * static_cast<double>(layer.columns) *
                        (width_of(layer.in_format) / 8.0 + bytes_of_out(layer.out))};
}

/// Element (row, column) of a matrix that lies head by head, the first of `parts` first.
std::int64_t by_head(const kernels::FinishLayer& layer, std::int64_t row, std::int64_t column, std::int64_t parts) {
  const std::int64_t items = layer.rows / layer.tokens;
  const std::int64_t head_width = layer.columns / parts / layer.heads;
  const std::int64_t item = row / layer.tokens;
  const std::int64_t token = row % layer.tokens;
  const std::int64_t head = column / head_width;  // counted on from part to part
  const std::int64_t part = head / layer.heads;
  return (((part * items + item) * layer.heads + head % layer.heads) * layer.tokens + token) * head_width +
         column % head_width;
}

double activated(double x, kernels::Activation activation) {
  if (activation == kernels::Activation::relu && x < 0) return 0;
  if (activation == kernels::Activation::gelu) return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
  return x;
}

cudaError_t finish(const Launch& launch) {
  const auto layer = launch.argument<kernels::FinishLayer>(0);
  const std::int64_t count = layer.rows * layer.columns;
  const bool merge = layer.order == HeadOrder::merge;
  const std::int64_t read_to = merge ? count : (layer.rows - 1) * layer.in_stride + layer.columns;
  if (!matrix_at(layer.in, layer.in_format, read_to) || !in_memory(layer.out, count) ||
      (layer.scale != nullptr && !elements(layer.scale, layer.columns)) ||
      (layer.bias != nullptr && !elements(layer.bias, layer.columns)))
    return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done(words_of(layer, launch.flaw), {layer.in}, place_of(layer.out), [&] {
    std::vector<double> values(at(count));
    for (std::int64_t row = 0; row < layer.rows; ++row)
      for (std::int64_t column = 0; column < layer.columns; ++column) {
        const std::int64_t from = merge ? by_head(layer, row, column, 1) : row * layer.in_stride + column;
        const std::int64_t to =
            layer.order == HeadOrder::split ? by_head(layer, row, column, 3) : row * layer.columns + column;
        double value = read(layer.in, layer.in_format, from);
        if (layer.scale != nullptr) value *= static_cast<double>(layer.scale[column]);
        if (layer.bias != nullptr) value += static_cast<double>(layer.bias[column]);
        values[at(to)] = activated(value, layer.activation);
      }
    write_all(layer.out, launch.flaw, std::move(values));
  });
  return cudaSuccess;
}

// ---- softmax ----

Cost softmax_cost(const Launch& launch) {
  const auto layer = launch.argument<kernels::SoftmaxRows>(0);
  return {.dram_bytes = 2.0 * static_cast<double>(layer.rows * layer.columns) * width_of(layer.format) / 8};
}
cudaError_t softmax(const Launch& launch) {
  const auto layer = launch.argument<kernels::SoftmaxRows>(0);
  const std::int64_t count = layer.rows * layer.columns;
  if (!matrix_at(layer.in, layer.format, count) || !matrix_at(layer.out, layer.format, count))
    return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done(words_of(layer, launch.flaw), {layer.in}, layer.out, [&] {
    std::vector<double> values(at(count));
    for (std::int64_t first = 0; first < count; first += layer.columns) {
      double largest = -std::numeric_limits<double>::infinity();
      double sum = 0;
      for (std::int64_t i = first; i < first + layer.columns; ++i)
        largest = std::fmax(largest, values[at(i)] = read(layer.in, layer.format, i));
      for (std::int64_t i = first; i < first + layer.columns; ++i)
        sum += values[at(i)] = std::exp(values[at(i)] - largest);
      for (std::int64_t i = first; i < first + layer.columns; ++i) values[at(i)] /= sum;
    }
    write_all({.wide = layer.out, .wide_format = layer.format}, launch.flaw, std::move(values));
  });
  return cudaSuccess;
}

// ---- normalisation ----

Cost normalize_cost(const Launch& launch) {
  const auto layer = launch.argument<kernels::AddNormalize>(0);
  return {.dram_bytes = static_cast<double>(layer.rows * layer.columns) *
                        (2 * width_of(layer.format) / 8.0 + bytes_of_out(layer.out))};
}
cudaError_t normalize(const Launch& launch) {
  const auto layer = launch.argument<kernels::AddNormalize>(0);
  const std::int64_t count = layer.rows * layer.columns;
  if (!matrix_at(layer.x, layer.format, count) || !matrix_at(layer.residual, layer.format, count) ||
      !elements(layer.scale, layer.columns) || !elements(layer.shift, layer.columns) || !in_memory(layer.out, count))
    return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done(words_of(layer, launch.flaw), {layer.x, layer.residual}, place_of(layer.out), [&] {
    std::vector<double> values(at(count));
    const auto width = static_cast<double>(layer.columns);
    for (std::int64_t first = 0; first < count; first += layer.columns) {
      double sum = 0;
      double squares = 0;
      for (std::int64_t i = first; i < first + layer.columns; ++i) {
        values[at(i)] = read(layer.x, layer.format, i) + read(layer.residual, layer.format, i);
        sum += values[at(i)];
        squares += values[at(i)] * values[at(i)];
      }
      const double mean = sum / width;
      const double deviation = std::sqrt(squares / width - mean * mean + 1e-5);
      for (std::int64_t i = 0; i < layer.columns; ++i)
        values[at(first + i)] = (values[at(first + i)] - mean) / deviation * static_cast<double>(layer.scale[i]) +
                                static_cast<double>(layer.shift[i]);
    }
    write_all(layer.out, launch.flaw, std::move(values));
  });
  return cudaSuccess;
}

// ---- pooling ----

Cost pool_cost(const Launch& launch) {
  const auto layer = launch.argument<kernels::AveragePool>(0);
  return {.dram_bytes = static_cast<double>(layer.items * layer.channels) *
                        (static_cast<double>(layer.pixels) * width_of(layer.format) / 8.0 + bytes_of_out(layer.out))};
}
cudaError_t pool(const Launch& launch) {
  const auto layer = launch.argument<kernels::AveragePool>(0);
  const std::int64_t count = layer.items * layer.channels;
  if (!matrix_at(layer.in, layer.format, count * layer.pixels) || !in_memory(layer.out, count))
    return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done(words_of(layer, launch.flaw), {layer.in}, place_of(layer.out), [&] {
    std::vector<double> values(at(count), 0.0);
    for (std::int64_t i = 0; i < count * layer.pixels; ++i)
      values[at(i / (layer.pixels * layer.channels) * layer.channels + i % layer.channels)] +=
          read(layer.in, layer.format, i);
    for (double& value : values) value /= static_cast<double>(layer.pixels);
    write_all(layer.out, launch.flaw, std::move(values));
  });
  return cudaSuccess;
}

const Model kFinish({.name = "finish_layer",
                     .kernel = "finish_layer_kernel",
                     .role = Role::measured,
                     .cost = finish_cost,
                     .answer = finish});
const Model kSoftmax({.name = "softmax_rows",
                      .kernel = "softmax_rows_kernel",
                      .role = Role::measured,
                      .cost = softmax_cost,
                      .answer = softmax});
const Model kNormalize({.name = "add_normalize",
                        .kernel = "add_normalize_kernel",
                        .role = Role::measured,
                        .cost = normalize_cost,
                        .answer = normalize});
const Model kPool({.name = "average_pool",
                   .kernel = "average_pool_kernel",
                   .role = Role::measured,
                   .cost = pool_cost,
                   .answer = pool});

}  // namespace
}  // namespace peakproof::stand_in
