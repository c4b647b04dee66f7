// A program's steps as layers with ONNX's names.
#include <utility>

#include "bench/harness/inference_parts.hpp"

namespace peakproof::bench {
namespace {

using kernels::Activation;
using kernels::Step;
using kernels::StepKind;
using Shape = std::vector<std::int64_t>;

class Builder {
 public:
  Builder(const kernels::Program& program, std::int64_t batch) : program_(program), batch_(batch) {
    out_.network.name = program.name;
    const Step& first = program.steps.front();
    Shape shape = {rows(), program.numbers_per_row};
    if (first.kind == StepKind::convolution) shape = {batch, first.in, first.height, first.width};
    last_ = input_ = tensor("input", shape);
    out_.network.inputs = {input_};
  }

  StepNetwork build() && {
    for (step_ = 0; step_ < program_.steps.size(); ++step_) {
      add(program_.steps[step_]);
      ends_.push_back(last_);
    }
    out_.network.outputs = {last_};
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::int64_t rows() const { return batch_ * program_.rows_per_item; }

  std::size_t tensor(const std::string& name, Shape shape, bool parameter = false) {
    out_.network.tensors.push_back(
        {.name = name, .shape = std::move(shape), .parameter = parameter, .constant = parameter});
    return out_.network.tensors.size() - 1;
  }
  std::size_t parameter(const std::string& what, Shape shape) {
    return tensor(program_.steps[step_].name + "." + what, std::move(shape), true);
  }

  /// A layer of the present step; its first output becomes the latest one.
  theory::Layer& layer_to(std::vector<std::size_t> outputs, const std::string& operation,
                          std::vector<std::size_t> inputs) {
    last_ = outputs.front();
    out_.step.push_back(step_);
    return out_.network.layers.emplace_back(theory::Layer{.name = program_.steps[step_].name + "." + operation,
                                                          .operation = operation,
                                                          .inputs = std::move(inputs),
                                                          .outputs = std::move(outputs)});
  }
  theory::Layer& layer(const std::string& operation, std::vector<std::size_t> inputs, Shape shape) {
    return layer_to({tensor(program_.steps[step_].name + "." + operation, std::move(shape))}, operation,
                    std::move(inputs));
  }

  void activate(Activation activation) {
    const Shape shape = out_.network.tensors[last_].shape;
    if (activation == Activation::relu) layer("Relu", {last_}, shape);
    if (activation == Activation::gelu) layer("Gelu", {last_}, shape);
  }

  void add_attention(const Step& step) {
    // The heads are moved apart, and the second product puts them side by side again. The scale is part of the first.
    const std::int64_t tokens = program_.rows_per_item;
    const std::int64_t head = step.in / step.heads;
    const Shape by_row = {batch_, step.heads, tokens, head};
    const Shape square = {batch_, step.heads, tokens, tokens};
    std::vector<std::size_t> parts;
    for (const char* part : {".q", ".k", ".v"}) parts.push_back(tensor(step.name + part, {rows(), step.in}));
    layer_to(parts, "Split", {last_}).integers = {{"axis", {1}}};
    const auto heads_of = [&](std::size_t part, Shape shape) {
      layer("Reshape", {parts[part]}, std::move(shape));
      return last_;
    };
    const std::size_t q = heads_of(0, by_row);
    const std::size_t k = heads_of(1, {batch_, step.heads, head, tokens});
    const std::size_t v = heads_of(2, by_row);
    layer("MatMul", {q, k}, square);
    layer("Softmax", {last_}, square).integers = {{"axis", {-1}}};
    layer("MatMul", {last_, v}, by_row);
    layer("Reshape", {last_}, {rows(), step.out});
  }

  void add(const Step& step) {
    switch (step.kind) {
      case StepKind::dense:
        layer("Gemm", {last_, parameter("W", {step.out, step.in}), parameter("b", {step.out})}, {rows(), step.out})
            .integers = {{"transB", {1}}};
        activate(step.activation);
        break;
      case StepKind::convolution:
        layer("Conv",
              {last_, parameter("W", {step.out, step.in, step.kernel, step.kernel}), parameter("b", {step.out})},
              {batch_, step.out, step.out_height(), step.out_width()})
            .integers = {{"kernel_shape", {step.kernel, step.kernel}},
                         {"strides", {step.stride, step.stride}},
                         {"pads", {step.pad, step.pad, step.pad, step.pad}}};
        activate(step.activation);
        break;
      case StepKind::attention:
        add_attention(step);
        break;
      case StepKind::add_normalize: {
        const Shape shape = {rows(), step.in};
        layer("Add", {last_, step.residual < 0 ? input_ : ends_[static_cast<std::size_t>(step.residual)]}, shape);
        layer("LayerNormalization", {last_, parameter("scale", {step.in}), parameter("shift", {step.in})}, shape)
            .integers = {{"axis", {-1}}};
        break;
      }
      case StepKind::average_pool:
        layer("GlobalAveragePool", {last_}, {batch_, step.in, 1, 1});
        layer("Reshape", {last_}, {batch_, step.in});
        break;
    }
  }

  const kernels::Program& program_;
  std::int64_t batch_;
  StepNetwork out_;
  std::size_t input_ = 0;
  std::size_t last_ = 0;           ///< tensor that the next layer reads
  std::vector<std::size_t> ends_;  ///< each step's output
  std::size_t step_ = 0;
};

}  // namespace

StepNetwork step_network(const kernels::Program& program, std::int64_t batch) {
  return Builder(program, batch).build();
}

theory::Network network_of(const kernels::Program& program, std::int64_t batch) {
  return step_network(program, batch).network;
}

}  // namespace peakproof::bench
