#include "bench/harness/cuda_network_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "bench/harness/errors.hpp"
#include "kernels/network/cudnn_convolution.hpp"
#include "theory/units.hpp"

namespace peakproof::bench {
namespace {

using kernels::Element;
using kernels::HeadOrder;

constexpr int kNan = 0xFF;  // bytes of it are NaN in every floating-point format

/// Weights, one row for each output, as the operands of a product, and what gives the numbers back.
struct Weights {
  DeviceBuffer<std::byte> numbers;
  float scale = 1;                ///< of all
  std::vector<float> row_scales;  ///< of each output; empty: 1
};

float largest(const float* numbers, std::int64_t count) {
  float most = 0;
  for (std::int64_t i = 0; i < count; ++i) most = std::max(most, std::abs(numbers[i]));
  return most;
}

/// e4m3 has one scale for all, which a product takes as its factor; s8, coarser, one for each output. Rows are added up
/// to the multiple that 8-bit products take, as zeros.
Weights load_weights(const StepOrder& order, std::int64_t inputs) {
  const Element operand = order.formats.product.operand;
  const std::int64_t rows = order.step->out;
  std::vector<float> numbers = order.parameters->weights;
  Weights weights;
  const auto scale_for = [&](std::int64_t first, std::int64_t count) {
    const float most = largest(&numbers[static_cast<std::size_t>(first)], count);
    return most > 0 ? most / largest_of(operand) : 1.0F;
  };
  const auto divide = [&](std::int64_t first, std::int64_t count, float scale) {
    const auto begin = numbers.begin() + first;
    std::for_each(begin, begin + count, [scale](float& number) { number /= scale; });
  };
  if (operand == Element::e4m3) {
    weights.scale = scale_for(0, rows * inputs);
    divide(0, rows * inputs, weights.scale);
  } else if (operand == Element::s8) {
    for (std::int64_t row = 0; row < rows; ++row) {
      weights.row_scales.push_back(scale_for(row * inputs, inputs));
      divide(row * inputs, inputs, weights.row_scales.back());
    }
  }
  numbers.resize(static_cast<std::size_t>(padded(rows, order.formats.narrow()) * inputs), 0.0F);
  weights.numbers = order.memory->upload_parameters(numbers, operand);
  return weights;
}

/// Scale and bias of each output, and the activation: what follows a product or a convolution.
class Finish {
 public:
  Finish(const StepOrder& order, std::vector<float> scales, const void* in, Element in_format, std::int64_t in_stride,
         std::int64_t rows)
      : stream_(order.memory->stream()) {
    if (!scales.empty()) scale_ = order.memory->upload_parameters(scales, Element::f32);
    bias_ = order.memory->upload_parameters(order.parameters->bias, Element::f32);
    layer_ = {.in = in,
              .in_format = in_format,
              .in_stride = in_stride,
              .out = order.out->out(order.formats),
              .scale = reinterpret_cast<const float*>(scale_.data()),
              .bias = reinterpret_cast<const float*>(bias_.data()),
              .activation = order.step->activation,
              .rows = rows,
              .columns = order.step->out,
              .order = order.feeds_attention ? HeadOrder::split : HeadOrder::none,
              .tokens = order.rows_per_item,
              .heads = order.heads};
  }
  void launch() const { check(kernels::finish_layer(layer_, stream_)); }

 private:
  cudaStream_t stream_;
  DeviceBuffer<std::byte> scale_;
  DeviceBuffer<std::byte> bias_;
  kernels::FinishLayer layer_;
};

/// What gives an output back from its sum of 8-bit products, one for each output; empty: 1.
std::vector<float> sum_scales(const Weights& weights, float in_scale) {
  std::vector<float> scales = weights.row_scales;
  for (float& scale : scales) scale *= in_scale;
  return scales;
}

class Dense final : public NetworkStep {
 public:
  explicit Dense(const StepOrder& order)
      : stream_(order.memory->stream()), weights_(load_weights(order, order.step->in)) {
    if (!fuse(order)) build_plain(order);
  }
  void launch() override {
    product_->launch(operands_, stream_);
    if (finish_) finish_->launch();
  }
  [[nodiscard]] std::string found() const override { return product_->brief(); }
  void poison() override {
    if (raw_.data() != nullptr) raw_.fill_bytes(kNan, stream_);
  }

 private:
  /// Bias and activation within the product, where the library has such a one.
  bool fuse(const StepOrder& order) {
    const bool simple = order.step->activation != kernels::Activation::gelu && !order.feeds_attention;
    if (order.formats.narrow() || !simple) return false;
    const auto ending = order.step->activation == kernels::Activation::relu ? kernels::CublasEnding::relu_bias
                                                                            : kernels::CublasEnding::bias;
    auto bias = order.memory->upload(order.parameters->bias, order.formats.product.out);
    operands_ = {order.in->operand(order.formats), weights_.numbers.data(), order.out->wide.data()};
    try {
      build_product(order, {.ending = ending, .bias = bias.data()});
    } catch (const DeviceFault&) {
      throw;
    } catch (const MeasurementError&) {
      return false;  // the plain product says what the matter is, if that is refused too
    }
    order.memory->count_parameters(bias);
    bias_ = std::move(bias);
    return true;
  }

  void build_plain(const StepOrder& order) {
    const bool narrow = order.formats.narrow();
    const std::int64_t rows = order.batch * order.rows_per_item;
    const std::int64_t stride = padded(order.step->out, narrow);
    raw_ = order.memory->take(bytes_of(order.formats.product.out, padded(rows, narrow) * stride));
    operands_ = {order.in->operand(order.formats), weights_.numbers.data(), raw_.data()};
    const bool floating = order.formats.product.operand == Element::e4m3;
    build_product(order, {.factor = floating ? order.in->scale * weights_.scale : 1});
    finish_.emplace(order, sum_scales(weights_, order.in->scale), raw_.data(), order.formats.product.out, stride, rows);
  }

  void build_product(const StepOrder& order, const kernels::CublasChoices& choices) {
    const bool narrow = order.formats.narrow();
    const kernels::GemmShape shape{.m = padded(order.batch * order.rows_per_item, narrow),
                                   .n = padded(order.step->out, narrow),
                                   .k = order.step->in};
    product_.emplace(order.memory->device(), order.workspace, order.formats.product, choices, shape,
                     std::array{operands_});
  }

  cudaStream_t stream_;
  Weights weights_;
  DeviceBuffer<std::byte> bias_;  ///< in the product's format
  DeviceBuffer<std::byte> raw_;   ///< the product, where it is not the output
  GemmOperands operands_{};
  std::optional<CublasProduct> product_;
  std::optional<Finish> finish_;
};

/// softmax(Q K^T / sqrt(head)) V for each item and head, as two batched products.
class Attention final : public NetworkStep {
 public:
  explicit Attention(const StepOrder& order) : stream_(order.memory->stream()) {
    const kernels::Step& step = *order.step;
    const std::int64_t tokens = order.rows_per_item;
    const std::int64_t width = step.in / step.heads;
    const std::int64_t units = order.batch * step.heads;
    const kernels::GemmTypes types = order.formats.attention();
    const Element wide = order.formats.wide;
    const auto take = [&](std::int64_t numbers) { return order.memory->take(bytes_of(wide, numbers)); };
    scores_ = take(units * tokens * tokens);
    shares_ = take(units * tokens * tokens);
    heads_ = take(units * tokens * width);
    const std::int64_t part = bytes_of(wide, units * tokens * width);  // of queries, of keys and of values
    const std::byte* queries = order.in->wide.data();
    score_operands_ = {queries, queries + part, scores_.data()};
    value_operands_ = {shares_.data(), queries + 2 * part, heads_.data()};
    const auto product = [&](const GemmOperands& operands, const kernels::GemmShape& shape,
                             const kernels::CublasChoices& choices) {
      return std::make_unique<CublasProduct>(order.memory->device(), order.workspace, types, choices, shape,
                                             std::array{operands});
    };
    score_ = product(score_operands_, {.m = tokens, .n = tokens, .k = width},
                     {.batches = units, .factor = static_cast<float>(1 / std::sqrt(static_cast<double>(width)))});
    value_ = product(value_operands_, {.m = tokens, .n = width, .k = tokens}, {.b_turned = true, .batches = units});
    softmax_ = {.in = scores_.data(), .out = shares_.data(), .format = wide, .rows = units * tokens, .columns = tokens};
    merge_ = {.in = heads_.data(),
              .in_format = wide,
              .out = order.out->out(order.formats),
              .rows = order.batch * tokens,
              .columns = step.out,
              .order = HeadOrder::merge,
              .tokens = tokens,
              .heads = step.heads};
  }
  void launch() override {
    score_->launch(score_operands_, stream_);
    check(kernels::softmax_rows(softmax_, stream_));
    value_->launch(value_operands_, stream_);
    check(kernels::finish_layer(merge_, stream_));
  }
  [[nodiscard]] std::string found() const override { return score_->brief() + ", " + value_->brief(); }
  void poison() override {
    for (const auto* buffer : {&scores_, &shares_, &heads_}) buffer->fill_bytes(kNan, stream_);
  }

 private:
  cudaStream_t stream_;
  DeviceBuffer<std::byte> scores_;
  DeviceBuffer<std::byte> shares_;
  DeviceBuffer<std::byte> heads_;
  GemmOperands score_operands_{};
  GemmOperands value_operands_{};
  std::unique_ptr<CublasProduct> score_;
  std::unique_ptr<CublasProduct> value_;
  kernels::SoftmaxRows softmax_;
  kernels::FinishLayer merge_;
};

class Convolution final : public NetworkStep {
 public:
  explicit Convolution(const StepOrder& order)
      : stream_(order.memory->stream()),
        weights_(load_weights(order, order.step->kernel * order.step->kernel * order.step->in)),
        in_(order.in->operand(order.formats)) {
    const kernels::Step& step = *order.step;
    const Element operand = order.formats.product.operand;
    const kernels::ConvolutionShape shape{.items = order.batch,
                                          .height = step.height,
                                          .width = step.width,
                                          .in = step.in,
                                          .out = step.out,
                                          .kernel = step.kernel,
                                          .stride = step.stride,
                                          .pad = step.pad};
    const std::int64_t rows = shape.items * shape.out_height() * shape.out_width();
    const Element raw = kernels::convolution_out(operand);
    operations_ = shape.operations();
    unit_ = operand == Element::s8 ? "OP/s" : "FLOP/s";
    raw_ = order.memory->take(bytes_of(raw, rows * shape.out));
    constexpr std::size_t kMostWorkspace = std::size_t{256} << 20U;
    if (const auto failure = convolution_->open(operand, shape, kMostWorkspace, stream_); !failure.empty())
      throw MeasurementError("cuDNN offers no algorithm for this convolution on this device: " + failure);
    std::size_t workspace = 0;
    for (int i = 0; i < convolution_->candidates(); ++i)
      workspace = std::max(workspace, convolution_->workspace_bytes(i));
    if (workspace > 0) workspace_ = order.memory->take(static_cast<std::int64_t>(workspace));
    choice_ = choose(convolution_->candidates(), [&](int candidate, int launches) {
      return timed_launches(stream_, launches, [&] { launch(candidate); });
    });
    if (choice_.best < 0) throw MeasurementError("cuDNN: " + describe(choice_, operations_, unit_));
    finish_.emplace(order, sum_scales(weights_, order.in->scale), raw_.data(), raw, step.out, rows);
  }
  void launch() override {
    launch(choice_.best);
    finish_->launch();
  }
  [[nodiscard]] std::string found() const override {
    const double seconds = choice_.candidates[static_cast<std::size_t>(choice_.best)].seconds;
    return fmt::format("{} ({}, one of {})", theory::si(operations_ / seconds, unit_),
                       convolution_->candidate_name(choice_.best), choice_.candidates.size());
  }
  void poison() override { raw_.fill_bytes(kNan, stream_); }

 private:
  void launch(int candidate) const {
    const auto failure = convolution_->launch(candidate, in_, weights_.numbers.data(), raw_.data(), workspace_.data());
    if (failure.empty()) return;
    static_cast<void>(cudaGetLastError());  // it is told below, and must not be found by the next call
    wait_for(stream_);                      // a device that is lost says so here
    throw MeasurementError(failure);
  }

  /// The library may wait for the device when it goes, after a fault for ever.
  struct KeepAfterFault {
    void operator()(const kernels::CudnnConvolution* convolution) const noexcept {
      if (!DeviceFault::happened) delete convolution;
    }
  };
  cudaStream_t stream_;
  Weights weights_;
  const void* in_;
  double operations_ = 0;
  std::string unit_;
  DeviceBuffer<std::byte> raw_;
  DeviceBuffer<std::byte> workspace_;
  std::unique_ptr<kernels::CudnnConvolution, KeepAfterFault> convolution_{new kernels::CudnnConvolution};
  CublasChoice choice_;
  std::optional<Finish> finish_;
};

class Normalization final : public NetworkStep {
 public:
  explicit Normalization(const StepOrder& order)
      : stream_(order.memory->stream()),
        scale_(order.memory->upload_parameters(order.parameters->weights, Element::f32)),
        shift_(order.memory->upload_parameters(order.parameters->bias, Element::f32)),
        layer_{.x = order.in->wide.data(),
               .residual = order.residual->wide.data(),
               .format = order.formats.wide,
               .scale = reinterpret_cast<const float*>(scale_.data()),
               .shift = reinterpret_cast<const float*>(shift_.data()),
               .out = order.out->out(order.formats),
               .rows = order.batch * order.rows_per_item,
               .columns = order.step->in} {}
  void launch() override { check(kernels::add_normalize(layer_, stream_)); }

 private:
  cudaStream_t stream_;
  DeviceBuffer<std::byte> scale_;
  DeviceBuffer<std::byte> shift_;
  kernels::AddNormalize layer_;
};

class Pool final : public NetworkStep {
 public:
  explicit Pool(const StepOrder& order)
      : stream_(order.memory->stream()),
        layer_{.in = order.in->wide.data(),
               .format = order.formats.wide,
               .out = order.out->out(order.formats),
               .items = order.batch,
               .pixels = order.step->height * order.step->width,
               .channels = order.step->in} {}
  void launch() override { check(kernels::average_pool(layer_, stream_)); }

 private:
  cudaStream_t stream_;
  kernels::AveragePool layer_;
};

}  // namespace

std::unique_ptr<NetworkStep> make_step(const StepOrder& order) {
  switch (order.step->kind) {
    case kernels::StepKind::dense:
      return std::make_unique<Dense>(order);
    case kernels::StepKind::convolution:
      return std::make_unique<Convolution>(order);
    case kernels::StepKind::attention:
      return std::make_unique<Attention>(order);
    case kernels::StepKind::add_normalize:
      return std::make_unique<Normalization>(order);
    case kernels::StepKind::average_pool:
      break;
  }
  return std::make_unique<Pool>(order);
}

}  // namespace peakproof::bench
