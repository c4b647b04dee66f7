#include "models/onnx_walk.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_graph.hpp"
#include "models/onnx_node.hpp"
#include "models/onnx_types.hpp"

namespace peakproof::models {
namespace {

using Shape = std::vector<std::int64_t>;
using Tensors = std::unordered_map<std::string, Known>;

// Other numbers in every run, though nothing goes in.
bool is_random(const onnx::NodeProto& node) {
  return node.op_type().starts_with("Random") || node.op_type() == "Multinomial" || node.op_type() == "Bernoulli";
}

// Shape (with its start and end, since version 15) and Size need no numbers.
std::shared_ptr<const Value> shape_value(const onnx::NodeProto& node, const Known& input) {
  if (!input.shape) {
    return nullptr;
  }
  if (node.op_type() == "Size") {
    return std::make_shared<Value>(Value{onnx_type::kInt64, {}, {element_count(*input.shape)}, {}});
  }
  const auto rank = static_cast<std::int64_t>(input.shape->size());
  const auto bound = [&](std::string_view name, std::int64_t otherwise) {
    const auto* given = find_attribute(node, name);
    const std::int64_t place = given == nullptr ? otherwise : given->i();
    return std::clamp<std::int64_t>(place < 0 ? place + rank : place, 0, rank);
  };
  const std::int64_t start = bound("start", 0);
  const std::int64_t end = std::max(bound("end", rank), start);
  return std::make_shared<Value>(
      Value{onnx_type::kInt64, {end - start}, Shape(input.shape->begin() + start, input.shape->begin() + end), {}});
}

class Walker {
 public:
  Walker(const BoundInputs& bound, const std::map<std::string, std::int64_t>& opsets)
      : bound_(bound), opsets_(opsets) {}

  Walk run(onnx::GraphProto& graph) {
    for (const auto& [name, known] : bound_.inputs) {
      result_.tensors[name] = known;
    }
    result_.order = topological_order(graph);
    nodes(graph, result_.order, result_.tensors);
    if (rebatched_ > 0) {
      result_.notes.push_back(
          fmt::format("{} of its Reshape layers have the batch size {} as a constant, and are taken to "
                      "reshape to batches of {}",
                      rebatched_, *bound_.batch_in_file, *bound_.batch));
    }
    return std::move(result_);
  }

 private:
  // A tensor that the file stores.
  void store(const onnx::TensorProto& tensor, const std::string& name, Tensors& tensors) {
    Known known;
    known.type = tensor.data_type();
    known.shape = Shape(tensor.dims().begin(), tensor.dims().end());
    known.constant = known.stored = true;
    if (auto value = value_of(tensor)) {
      known.value = std::make_shared<Value>(std::move(*value));
    }
    if (may_be_weight(known.type, known.shape)) {
      known.weights = {weight(name, *known.shape)};
    }
    tensors[name] = std::move(known);
  }
  std::size_t weight(const std::string& name, const Shape& shape) {
    result_.weights.push_back({name, element_count(shape)});
    return result_.weights.size() - 1;
  }

  void nodes(onnx::GraphProto& graph, const std::vector<int>& order, Tensors& tensors) {
    for (const auto& tensor : graph.initializer()) {
      store(tensor, tensor.name(), tensors);
    }
    for (const auto& sparse : graph.sparse_initializer()) {
      Known known;
      known.type = sparse.values().data_type();
      known.shape = Shape(sparse.dims().begin(), sparse.dims().end());
      known.constant = known.stored = true;
      if (element_count(*known.shape) < 0) {
        throw ModelError(fmt::format("tensor {} has the shape {}, which cannot be", in_quotes(sparse.values().name()),
                                     shape_text(*known.shape)));
      }
      if (may_be_weight(known.type, known.shape)) {
        known.weights = {weight(sparse.values().name(), *known.shape)};
      }
      tensors[sparse.values().name()] = std::move(known);
    }
    Tensors declared;
    declare(graph.value_info(), declared);
    declare(graph.output(), declared);
    for (const int index : order) {
      node(*graph.mutable_node(index), declared, tensors);
    }
  }

  // What the file itself says of its tensors.
  template <typename Infos>
  void declare(const Infos& infos, Tensors& declared) const {
    for (const auto& info : infos) {
      if (!info.type().has_tensor_type()) {
        continue;
      }
      Known known;
      known.type = info.type().tensor_type().elem_type();
      if (info.type().tensor_type().has_shape()) {
        Shape shape;
        bool whole = true;
        for (const auto& dimension : info.type().tensor_type().shape().dim()) {
          const auto named = bound_.dimensions.find(dimension.dim_param());
          if (dimension.has_dim_value() && dimension.dim_value() >= 0) {
            shape.push_back(dimension.dim_value());
          } else if (!dimension.dim_param().empty() && named != bound_.dimensions.end()) {
            shape.push_back(named->second);
          } else {
            whole = false;
          }
        }
        if (whole && element_count(shape) >= 0) {
          known.shape = std::move(shape);
        }
      }
      declared[info.name()] = std::move(known);
    }
  }

  void node(onnx::NodeProto& node, const Tensors& declared, Tensors& tensors) {
    std::vector<const Known*> inputs;
    for (const std::string& name : node.input()) {
      const auto found = tensors.find(name);
      inputs.push_back(name.empty() || found == tensors.end() ? nullptr : &found->second);
    }
    if (bound_.batch_in_file && is_own(node) && node.op_type() == "Reshape") {
      rebatch(node, inputs);
    }
    const InferGraph subgraph = [&](onnx::GraphProto& graph, const std::vector<Known>& given) {
      return this->subgraph(graph, given, tensors);
    };
    std::vector<Known> outputs = inferred(node, inputs, subgraph);
    fold(node, inputs, outputs);
    for (int i = 0; i < node.output_size(); ++i) {
      if (node.output(i).empty()) {
        continue;
      }
      Known& output = outputs[static_cast<std::size_t>(i)];
      complete(node, declared, node.output(i), output);
      describe(node, output);
      tensors[node.output(i)] = std::move(output);
    }
  }

  // What follows from something unknown is unknown: whoever needs its shape names the layer that began it.
  std::vector<Known> inferred(onnx::NodeProto& node, const std::vector<const Known*>& inputs,
                              const InferGraph& subgraph) {
    const bool unknown = has_graphs(node) || std::any_of(inputs.begin(), inputs.end(), [](const Known* input) {
                           return input != nullptr && (input->type == 0 || !input->shape);
                         });
    try {
      return infer(node, inputs, opsets_, subgraph);
    } catch (const ModelError&) {
      if (!unknown) {
        throw;
      }
      return std::vector<Known>(static_cast<std::size_t>(node.output_size()));
    }
  }

  // Constants stay constants: with their numbers where they are few, and with the weights that they are made of.
  void fold(const onnx::NodeProto& node, const std::vector<const Known*>& inputs, std::vector<Known>& outputs) {
    const bool measures = is_own(node) && (node.op_type() == "Shape" || node.op_type() == "Size");
    if (measures) {
      if (inputs.empty() || inputs[0] == nullptr || outputs.empty()) {
        return;
      }
      outputs[0].value = shape_value(node, *inputs[0]);
      outputs[0].constant = true;
      outputs[0].stored = inputs[0]->stored;
      return;
    }
    const bool nothing_in =
        std::all_of(inputs.begin(), inputs.end(), [](const Known* input) { return input == nullptr; });
    if (is_random(node) || has_graphs(node) || (nothing_in && node.op_type() != "Constant")) {
      return;
    }
    bool stored = true;
    std::vector<std::size_t> weights;
    std::vector<const Value*> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Known* input = inputs[i];
      values.push_back(input == nullptr ? nullptr : input->value.get());
      if (input == nullptr) {
        continue;
      }
      if (!input->constant) {
        return;
      }
      stored = stored && input->stored;
      if (!reads_weight(node, i)) {
        continue;
      }
      std::vector<std::size_t> both;
      std::set_union(weights.begin(), weights.end(), input->weights.begin(), input->weights.end(),
                     std::back_inserter(both));
      weights = std::move(both);
    }
    for (Known& output : outputs) {
      output.constant = true;
      output.stored = stored;
      // Numbers that become truth values or indices are weights no longer.
      if (may_be_weight(output.type, output.shape)) {
        output.weights = weights;
      }
    }
    if (auto value = evaluate(node, values); value && outputs.size() == 1) {
      if (outputs[0].shape && *outputs[0].shape != value->shape) {
        return;
      }
      outputs[0].shape = value->shape;
      outputs[0].type = value->type;
      outputs[0].value = std::make_shared<Value>(std::move(*value));
    }
  }

  // Weights that a file describes instead of storing them.
  void describe(const onnx::NodeProto& node, Known& output) {
    const bool constant = is_own(node) && (node.op_type() == "ConstantOfShape" || node.op_type() == "Constant");
    if (constant && output.stored && output.weights.empty() && may_be_weight(output.type, output.shape)) {
      output.weights = {weight(node.output(0), *output.shape)};
    }
  }

  // Where no rule tells the shape, the file may; where both do, they must agree.
  void complete(const onnx::NodeProto& node, const Tensors& declared, const std::string& name, Known& output) const {
    const auto found = declared.find(name);
    if (found == declared.end()) {
      return;
    }
    const Known& file = found->second;
    if (output.type == 0) {
      output.type = file.type;
    }
    if (!file.shape) {
      return;
    }
    if (!output.shape) {
      if (bound_.batch_in_file) {
        throw ModelError(
            fmt::format("{}: the shape of its result is not known but from the file, which fixes the batch size "
                        "at {}: --batch {} cannot be put in its place",
                        layer_text(node), *bound_.batch_in_file, *bound_.batch));
      }
      output.shape = file.shape;
    } else if (*output.shape != *file.shape && !bound_.given) {
      throw ModelError(fmt::format("{}: the file says that {} has the shape {}, and its operators make {}",
                                   layer_text(node), in_quotes(name), shape_text(*file.shape),
                                   shape_text(*output.shape)));
    }
  }

  // A branch or a body: what stays unknown in it is unknown outside.
  std::vector<Known> subgraph(onnx::GraphProto& graph, const std::vector<Known>& given, const Tensors& outer) {
    Tensors tensors = outer;
    for (int i = 0; i < graph.input_size(); ++i) {
      const auto index = static_cast<std::size_t>(i);
      tensors[graph.input(i).name()] = index < given.size() ? given[index] : Known{};
    }
    std::unordered_set<std::string> outside;
    for (const auto& [name, known] : outer) {
      outside.insert(name);
    }
    std::vector<Known> outputs(static_cast<std::size_t>(graph.output_size()));
    const std::size_t weights = result_.weights.size();
    try {
      nodes(graph, topological_order(graph, outside), tensors);
    } catch (const ModelError& error) {
      result_.notes.push_back(fmt::format("a subgraph is passed over: {}", error.what()));
      tensors.clear();
    }
    result_.weights.resize(weights);  // those of a layer whose cost is not known
    for (int i = 0; i < graph.output_size(); ++i) {
      Known& output = outputs[static_cast<std::size_t>(i)];
      output = tensors[graph.output(i).name()];
      output.weights.clear();
      output.constant = output.stored = false;
    }
    return outputs;
  }

  // A Reshape to the file's batch size, where the input has another one: the same with that, where the numbers come
  // out.
  void rebatch(const onnx::NodeProto& node, std::vector<const Known*>& inputs) {
    if (inputs.size() < 2 || inputs[0] == nullptr || inputs[1] == nullptr || inputs[0]->constant || !inputs[0]->shape ||
        inputs[0]->shape->empty() || !inputs[1]->value || !inputs[1]->stored) {
      return;
    }
    const Shape& from = *inputs[0]->shape;
    const Shape& target = inputs[1]->value->integers;
    if (target.empty() || target[0] != *bound_.batch_in_file || from[0] != *bound_.batch) {
      return;
    }
    Value replaced = *inputs[1]->value;
    replaced.integers[0] = *bound_.batch;
    std::int64_t known = 1;
    bool free = false;
    for (std::size_t i = 0; i < replaced.integers.size(); ++i) {
      const std::int64_t size = replaced.integers[i] == 0 && i < from.size() ? from[i] : replaced.integers[i];
      free = free || size == -1;
      if (size > 0) {
        known = element_count(std::array{known, size});
      }
    }
    const std::int64_t numbers = element_count(from);
    if (known <= 0 || (free ? numbers % known != 0 : numbers != known)) {
      throw ModelError(
          fmt::format("{} reshapes {} to {}, a constant that fixes the batch size at {}: --batch {} cannot be put "
                      "in its place",
                      layer_text(node), shape_text(from), shape_text(target), *bound_.batch_in_file, *bound_.batch));
    }
    ++rebatched_;
    replaced_.push_back(std::make_unique<Known>(*inputs[1]));
    replaced_.back()->value = std::make_shared<Value>(std::move(replaced));
    inputs[1] = replaced_.back().get();
  }

  const BoundInputs& bound_;
  const std::map<std::string, std::int64_t>& opsets_;
  Walk result_;
  std::vector<std::unique_ptr<Known>> replaced_;
  int rebatched_ = 0;
};

}  // namespace

Walk walk(onnx::GraphProto& graph, const BoundInputs& bound, const std::map<std::string, std::int64_t>& opsets) {
  return Walker(bound, opsets).run(graph);
}

}  // namespace peakproof::models
