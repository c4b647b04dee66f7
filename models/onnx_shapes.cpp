#include "models/onnx_shapes.hpp"

#include <fmt/format.h>
#include <onnx/defs/schema.h>
#include <onnx/defs/shape_inference.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_network.hpp"
#include "models/onnx_node.hpp"
#include "models/onnx_types.hpp"

namespace peakproof::models {
namespace {

onnx::TypeProto proto_of(const Known& known) {
  onnx::TypeProto type;
  type.mutable_tensor_type()->set_elem_type(known.type);
  if (known.shape) {
    auto* shape = type.mutable_tensor_type()->mutable_shape();
    for (const std::int64_t dimension : *known.shape) {
      shape->add_dim()->set_dim_value(dimension);
    }
  }
  return type;
}

Known known_of(const onnx::TypeProto& type) {
  Known known;
  if (!type.has_tensor_type()) {
    return known;
  }
  known.type = type.tensor_type().elem_type();
  if (!type.tensor_type().has_shape()) {
    return known;
  }
  std::vector<std::int64_t> shape;
  for (const auto& dimension : type.tensor_type().shape().dim()) {
    if (!dimension.has_dim_value()) {
      return known;
    }
    shape.push_back(dimension.dim_value());
  }
  known.shape = std::move(shape);
  return known;
}

// A branch or a body, as the library's rules for If, Loop and Scan ask for it.
class Subgraph final : public onnx::GraphInferencer {
 public:
  Subgraph(onnx::GraphProto& graph, const InferGraph& infer) : graph_(graph), infer_(infer) {}

  std::vector<const onnx::TypeProto*> doInferencing(const std::vector<const onnx::TypeProto*>& types,
                                                    const std::vector<const onnx::TensorProto*>& /*data*/) override {
    std::vector<Known> inputs;
    inputs.reserve(types.size());
    for (const onnx::TypeProto* type : types) {
      inputs.push_back(type == nullptr ? Known{} : known_of(*type));
    }
    outputs_.clear();
    for (const Known& output : infer_(graph_, inputs)) {
      outputs_.push_back(proto_of(output));
    }
    std::vector<const onnx::TypeProto*> result;
    for (const onnx::TypeProto& output : outputs_) {
      result.push_back(&output);
    }
    return result;
  }

 private:
  onnx::GraphProto& graph_;
  const InferGraph& infer_;
  std::vector<onnx::TypeProto> outputs_;
};

// One node as the library's rules see it.
class Context final : public onnx::InferenceContext {
 public:
  Context(onnx::NodeProto& node, std::span<const Known* const> inputs, const InferGraph& infer)
      : node_(node), infer_(infer), outputs_(static_cast<std::size_t>(node.output_size())) {
    for (const Known* input : inputs) {
      const bool given = input != nullptr && input->type != 0;
      types_.push_back(given ? std::optional(proto_of(*input)) : std::nullopt);
      data_.push_back(given && input->value ? tensor_of(*input->value) : nullptr);
    }
  }

  const onnx::AttributeProto* getAttribute(const std::string& name) const override {
    return find_attribute(node_, name);
  }
  size_t getNumInputs() const override { return types_.size(); }
  const onnx::TypeProto* getInputType(size_t index) const override {
    const auto& type = types_.at(index);
    return type ? &*type : nullptr;
  }
  const onnx::TensorProto* getInputData(size_t index) const override { return data_.at(index).get(); }
  size_t getNumOutputs() const override { return outputs_.size(); }
  onnx::TypeProto* getOutputType(size_t index) override { return &outputs_.at(index); }
  onnx::GraphInferencer* getGraphAttributeInferencer(const std::string& name) override {
    for (auto& attribute : *node_.mutable_attribute()) {
      if (attribute.name() != name || !attribute.has_g()) {
        continue;
      }
      auto& subgraph = subgraphs_[name];
      if (!subgraph) {
        subgraph = std::make_unique<Subgraph>(*attribute.mutable_g(), infer_);
      }
      return subgraph.get();
    }
    throw std::invalid_argument("it has no subgraph " + name);
  }
  const onnx::SparseTensorProto* getInputSparseData(size_t /*index*/) const override { return nullptr; }
  const onnx::TensorShapeProto* getSymbolicInput(size_t /*index*/) const override { return nullptr; }

  [[nodiscard]] const std::vector<onnx::TypeProto>& outputs() const { return outputs_; }

 private:
  onnx::NodeProto& node_;
  const InferGraph& infer_;
  std::vector<onnx::TypeProto> outputs_;
  std::vector<std::optional<onnx::TypeProto>> types_;
  std::vector<std::shared_ptr<onnx::TensorProto>> data_;
  std::unordered_map<std::string, std::unique_ptr<Subgraph>> subgraphs_;
};

// The library's rules divide by these, some of them unchecked.
void check_positive(const onnx::NodeProto& node) {
  constexpr std::array kPositive = {"strides",    "dilations",   "group",       "kernel_shape", "blocksize",
                                    "num_groups", "num_outputs", "hidden_size", "q_num_heads",  "kv_num_heads"};
  const auto fail = [&](const onnx::AttributeProto& attribute, std::int64_t number) {
    throw ModelError(
        fmt::format("{} has {} of {}: it must be at least 1", layer_text(node), in_quotes(attribute.name()), number));
  };
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (std::find(kPositive.begin(), kPositive.end(), attribute.name()) == kPositive.end()) {
      continue;
    }
    constexpr std::int64_t kMost = std::int64_t{1} << 31;  // so that the rules' sums and products stay in range
    const auto wrong = [](std::int64_t number) { return number < 1 || number > kMost; };
    if (attribute.type() == onnx::AttributeProto::INT && wrong(attribute.i())) {
      fail(attribute, attribute.i());
    }
    for (const std::int64_t number : attribute.ints()) {
      if (wrong(number)) {
        fail(attribute, number);
      }
    }
  }
}

// Attributes that newer versions of an operator have, and that change no shape.
bool harmless(const onnx::AttributeProto& attribute) {
  constexpr std::array kNames = {"saturate",   "round_mode",   "antialias", "reduction",
                                 "block_size", "output_dtype", "precision", "storage_order"};
  if (attribute.name() == "keep_aspect_ratio_policy") {
    return attribute.s() == "stretch";
  }
  if (attribute.name() == "dilations") {
    return std::all_of(attribute.ints().begin(), attribute.ints().end(),
                       [](std::int64_t number) { return number == 1; });
  }
  return std::find(kNames.begin(), kNames.end(), attribute.name()) != kNames.end();
}

// The format that a Cast makes, as far as the library knows of it.
bool known_format(const onnx::AttributeProto& attribute) {
  return attribute.name() != "to" || onnx::TensorProto::DataType_IsValid(static_cast<int>(attribute.i()));
}

bool fits(const onnx::NodeProto& node, const onnx::OpSchema& schema) {
  if (node.input_size() > schema.max_input() || node.output_size() > schema.max_output()) {
    return false;
  }
  return std::all_of(node.attribute().begin(), node.attribute().end(), [&](const auto& attribute) {
    return (schema.attributes().contains(attribute.name()) || harmless(attribute)) && known_format(attribute);
  });
}

std::string inputs_text(std::span<const Known* const> inputs) {
  std::string text;
  for (const Known* input : inputs) {
    if (!text.empty()) {
      text += ", ";
    }
    text += input == nullptr ? "none" : input->shape ? shape_text(*input->shape) : "of unknown shape";
  }
  return text.empty() ? "no inputs" : "inputs " + text;
}

[[noreturn]] void fail(const onnx::NodeProto& node, std::span<const Known* const> inputs, std::string_view why) {
  throw ModelError(fmt::format("{} does not fit its {}: {}", layer_text(node), inputs_text(inputs), printable(why)));
}

void check_count(const onnx::NodeProto& node, const onnx::OpSchema& schema, bool newer) {
  if (node.input_size() < schema.min_input() || (!newer && node.input_size() > schema.max_input())) {
    throw ModelError(fmt::format("{} has {} inputs where its operator takes {} to {}", layer_text(node),
                                 node.input_size(), schema.min_input(), schema.max_input()));
  }
  if (node.output_size() < schema.min_output() || (!newer && node.output_size() > schema.max_output())) {
    throw ModelError(fmt::format("{} has {} outputs where its operator makes {} to {}", layer_text(node),
                                 node.output_size(), schema.min_output(), schema.max_output()));
  }
}

// With ceil_mode a last window that would begin in the padding behind the input is left out (Operators.md, "MaxPool"),
// which older libraries don't say.
void drop_last_window(const onnx::NodeProto& node, std::span<const Known* const> inputs, std::vector<Known>& outputs) {
  if (!node.op_type().ends_with("Pool") || integer_attribute(node, "ceil_mode", 0) == 0 || inputs.empty() ||
      inputs[0] == nullptr || !inputs[0]->shape) {
    return;
  }
  const onnx::AttributeProto* strides = find_attribute(node, "strides");
  const onnx::AttributeProto* pads = find_attribute(node, "pads");
  for (Known& output : outputs) {
    if (!output.shape || output.shape->size() != inputs[0]->shape->size()) {
      continue;
    }
    for (std::size_t axis = 2; axis < output.shape->size(); ++axis) {
      const int spatial = static_cast<int>(axis) - 2;
      const std::int64_t stride = strides != nullptr && spatial < strides->ints_size() ? strides->ints(spatial) : 1;
      const std::int64_t pad = pads != nullptr && spatial < pads->ints_size() ? pads->ints(spatial) : 0;
      std::int64_t& windows = (*output.shape)[axis];
      if (windows > 1 && windows - 1 >= ((*inputs[0]->shape)[axis] + pad + stride - 1) / stride) {
        --windows;
      }
    }
  }
}

// What the library's rules leave unchecked.
void check_outputs(const onnx::NodeProto& node, std::span<const Known* const> inputs,
                   const std::vector<Known>& outputs) {
  for (const Known& output : outputs) {
    if (!output.shape) {
      continue;
    }
    const bool window = node.op_type().find("Conv") != std::string::npos || node.op_type().ends_with("Pool");
    const bool too_small = std::any_of(output.shape->begin(), output.shape->end(),
                                       [&](std::int64_t size) { return size < (window ? 1 : 0); });
    if (too_small) {
      fail(node, inputs,
           fmt::format("its result would have the shape {}; is the input too small for the network?",
                       shape_text(*output.shape)));
    }
    if (element_count(*output.shape) < 0) {
      fail(node, inputs, fmt::format("its result would have the shape {}", shape_text(*output.shape)));
    }
  }
  if (node.op_type() == "Reshape" && !outputs.empty() && !inputs.empty() && inputs[0] != nullptr && inputs[0]->shape &&
      outputs[0].shape && element_count(*inputs[0]->shape) != element_count(*outputs[0].shape)) {
    fail(node, inputs,
         fmt::format("{} numbers cannot become {}", element_count(*inputs[0]->shape), shape_text(*outputs[0].shape)));
  }
}

}  // namespace

std::int64_t newest_known(const std::string& domain) {
  const auto& range = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  const auto found = range.find(plain_domain(domain));
  return found == range.end() ? 0 : found->second.second;
}

std::vector<Known> infer(onnx::NodeProto& node, std::span<const Known* const> inputs,
                         const std::map<std::string, std::int64_t>& opsets, const InferGraph& subgraph) {
  const std::string domain = plain_domain(node.domain());
  const auto opset = opsets.find(domain);
  if (opset == opsets.end()) {
    throw ModelError(fmt::format("{}: the file imports no operators of this domain ({})", layer_text(node),
                                 domain.empty() ? "ONNX's own" : in_quotes(domain)));
  }
  check_positive(node);
  const bool newer = opset->second > newest_known(domain);
  const auto version = static_cast<int>(std::min<std::int64_t>(opset->second, 1 << 20));
  const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Schema(node.op_type(), version, domain);
  if (schema == nullptr && domain.empty() && !newer) {
    throw ModelError(
        fmt::format("{}: version {} of ONNX's operators has none of this name", layer_text(node), opset->second));
  }
  std::vector<Known> outputs(static_cast<std::size_t>(node.output_size()));
  try {
    if (schema == nullptr || (newer && !fits(node, *schema))) {
      if (auto found = infer_newer(node, inputs)) {
        outputs = std::move(*found);
      }
    } else {
      check_count(node, *schema, newer);
      if (schema->has_type_and_shape_inference_function()) {
        Context context(node, inputs, subgraph);
        schema->GetTypeAndShapeInferenceFunction()(context);
        std::transform(context.outputs().begin(), context.outputs().end(), outputs.begin(), known_of);
      } else if (auto found = infer_newer(node, inputs)) {
        outputs = std::move(*found);
      }
    }
  } catch (const ModelError&) {
    throw;
  } catch (const std::exception& error) {
    fail(node, inputs, error.what());
  }
  drop_last_window(node, inputs, outputs);
  check_outputs(node, inputs, outputs);
  return outputs;
}

}  // namespace peakproof::models
