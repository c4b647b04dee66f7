#include "models/onnx_network.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <new>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_file.hpp"
#include "models/onnx_graph.hpp"
#include "models/onnx_node.hpp"
#include "models/onnx_types.hpp"
#include "models/onnx_walk.hpp"

namespace peakproof::models {
namespace {

// A quantised convolution's bias is an integer of 32 bits (Operators.md, "QLinearConv").
constexpr std::size_t kQuantisedBias = 8;

class Builder {
 public:
  Builder(const onnx::GraphProto& graph, const Walk& walk) : graph_(graph), walk_(walk) {}

  // `bound` gives the inputs; notes are added to `notes`.
  theory::Network run(const BoundInputs& bound, std::vector<std::string>& notes) {
    network_.name = printable(graph_.name());
    find_readers();
    for (const auto& input : graph_.input()) {
      if (bound.inputs.contains(input.name())) {
        network_.inputs.push_back(tensor(input.name(), nullptr));
      }
    }
    for (const int index : walk_.order) {
      layer(index);
    }
    for (const auto& output : graph_.output()) {
      network_.outputs.push_back(tensor(output.name(), nullptr));
    }
    if (network_.layers.empty()) {
      throw ModelError("nothing of the network depends on its inputs: there is no layer to cost");
    }
    note(notes);
    return std::move(network_);
  }

 private:
  [[nodiscard]] const Known& known(const std::string& name) const { return walk_.tensors.at(name); }

  // A layer that makes constants alone is part of the file, not of the run.
  [[nodiscard]] bool runs(const onnx::NodeProto& node) const {
    return std::any_of(node.output().begin(), node.output().end(),
                       [&](const std::string& name) { return !name.empty() && !known(name).constant; });
  }

  // What is read on the way to the outputs, from the last layer to the first.
  void find_readers() {
    for (const auto& output : graph_.output()) {
      read_.insert(output.name());
    }
    for (const int index : std::vector<int>(walk_.order.rbegin(), walk_.order.rend())) {
      const onnx::NodeProto& node = graph_.node(index);
      const bool used = std::any_of(node.output().begin(), node.output().end(),
                                    [&](const std::string& name) { return !name.empty() && read_.contains(name); });
      if (!used) {
        if (runs(node)) {
          ++unread_layers_;
        }
        continue;
      }
      live_.insert(index);
      read_.insert(node.input().begin(), node.input().end());
      for (const std::string& name : captured_names(node)) {
        read_.insert(name);
      }
    }
  }

  // The place of a tensor in the network; `reader` names who needs its shape.
  std::size_t tensor(const std::string& name, const onnx::NodeProto* reader) {
    const auto found = places_.find(name);
    if (found != places_.end()) {
      return found->second;
    }
    const Known& source = known(name);
    const std::string_view type = onnx_type_of(source.type).name;
    if (!source.shape || type.empty()) {
      fail_unknown(name, reader);
    }
    theory::Tensor made;
    made.name = printable(name);
    made.shape = *source.shape;
    made.type = type;
    made.constant = source.constant;
    network_.tensors.push_back(std::move(made));
    places_[name] = network_.tensors.size() - 1;
    return network_.tensors.size() - 1;
  }

  [[noreturn]] void fail_unknown(const std::string& name, const onnx::NodeProto* reader) const {
    const onnx::NodeProto* maker = nullptr;
    for (const auto& node : graph_.node()) {
      if (std::find(node.output().begin(), node.output().end(), name) != node.output().end()) {
        maker = &node;
      }
    }
    throw ModelError(
        fmt::format("{}: the shape of {} is not known: neither the ONNX library nor the file tells it{}; write "
                    "the shapes into the file (onnx.shape_inference, or the exporter's own)",
                    maker != nullptr ? layer_text(*maker) : "the network", in_quotes(name),
                    reader != nullptr ? ", and " + layer_text(*reader) + " reads it" : ""));
  }

  void layer(int index) {
    const onnx::NodeProto& node = graph_.node(index);
    if (!live_.contains(index) || !runs(node)) {
      return;
    }
    theory::Layer layer;
    layer.name = printable(node.name());
    layer.operation = printable(node.op_type());
    layer.domain = printable(plain_domain(node.domain()));
    for (int i = 0; i < node.input_size(); ++i) {
      layer.inputs.push_back(node.input(i).empty() ? theory::Layer::absent : input(node, static_cast<std::size_t>(i)));
    }
    for (const std::string& name : captured_names(node)) {
      layer.inputs.push_back(tensor(name, &node));
    }
    while (!layer.inputs.empty() && layer.inputs.back() == theory::Layer::absent) {
      layer.inputs.pop_back();
    }
    for (const std::string& name : node.output()) {
      // What nobody reads needs no shape: the running averages of a training run, the mask of a Dropout.
      const bool wanted = !name.empty() && (read_.contains(name) || known(name).shape);
      layer.outputs.push_back(wanted ? tensor(name, nullptr) : theory::Layer::absent);
    }
    for (const auto& attribute : node.attribute()) {
      add(attribute, layer);
    }
    if (is_own(node) && node.op_type() == "BatchNormalization") {
      count_statistics(node);
    }
    if (has_graphs(node)) {
      subgraphs_.push_back(layer_text(node));
    }
    network_.layers.push_back(std::move(layer));
  }

  std::size_t input(const onnx::NodeProto& node, std::size_t i) {
    const std::string& name = node.input(static_cast<int>(i));
    const std::size_t place = tensor(name, &node);
    const Known& source = known(name);
    theory::Tensor& made = network_.tensors[place];
    const bool bias = i == kQuantisedBias && node.op_type() == "QLinearConv" && source.constant;
    if (!reads_weight(node, i) || (source.weights.empty() && !bias)) {
      return place;
    }
    if (made.parameter) {
      return place;
    }
    made.parameter = true;
    if (bias) {
      return place;
    }
    std::int64_t stored = 0;
    for (const std::size_t weight : source.weights) {
      if (counted_.insert(weight).second) {
        stored += walk_.weights[weight].elements;
      }
    }
    if (stored != element_count(made.shape)) {
      made.stored = stored;
    }
    return place;
  }

  static void add(const onnx::AttributeProto& attribute, theory::Layer& layer) {
    const std::string name = printable(attribute.name());
    if (attribute.has_i()) {
      layer.integers[name] = {attribute.i()};
    }
    if (attribute.ints_size() > 0) {
      layer.integers[name] = {attribute.ints().begin(), attribute.ints().end()};
    }
    if (attribute.has_s()) {
      layer.texts[name] = printable(attribute.s());
    }
    if (attribute.strings_size() > 0) {
      std::string& text = layer.texts[name];
      for (const std::string& part : attribute.strings()) {
        text += text.empty() ? "" : ",";
        text += printable(part);
      }
    }
  }

  // Of its five inputs the last two, mean and variance, are averages over the training data, not learned.
  void count_statistics(const onnx::NodeProto& node) {
    for (int i = 3; i < std::min(node.input_size(), 5); ++i) {
      const Known& source = known(node.input(i));
      if (source.constant && source.shape && statistics_seen_.insert(node.input(i)).second) {
        statistics_ += element_count(*source.shape);
      }
    }
  }

  void note(std::vector<std::string>& notes) const {
    if (statistics_ > 0) {
      notes.push_back(
          fmt::format("{} of the parameters are running statistics of batch normalisations (mean and variance), "
                      "which tables of learnable parameters leave out",
                      statistics_));
    }
    std::int64_t unused = 0;
    std::size_t tensors = 0;
    for (std::size_t i = 0; i < walk_.weights.size(); ++i) {
      if (counted_.contains(i) || walk_.weights[i].elements == 0) {
        continue;
      }
      unused += walk_.weights[i].elements;
      ++tensors;
    }
    if (tensors > 0) {
      notes.push_back(
          fmt::format("{} numbers in {} stored tensors are no parameters of a layer (settings, or read by none), and "
                      "are not counted",
                      unused, tensors));
    }
    if (unread_layers_ > 0) {
      notes.push_back(
          fmt::format("{} layers make nothing that an output depends on, and are left out", unread_layers_));
    }
    for (const std::string& layer : subgraphs_) {
      notes.push_back(fmt::format("{} has graphs within it, whose operations and parameters are not counted", layer));
    }
  }

  const onnx::GraphProto& graph_;
  const Walk& walk_;
  theory::Network network_;
  std::unordered_map<std::string, std::size_t> places_;
  std::unordered_set<std::string> read_;
  std::unordered_set<int> live_;
  std::set<std::size_t> counted_;
  std::set<std::string> statistics_seen_;
  std::vector<std::string> subgraphs_;
  std::int64_t statistics_ = 0;
  int unread_layers_ = 0;
};

void note_versions(const OnnxFacts& facts, std::vector<std::string>& notes) {
  for (const auto& [domain, version] : facts.opsets) {
    const std::int64_t known = newest_known(domain);
    if (known > 0 && version > known) {
      notes.push_back(
          fmt::format("the file is of version {} of {} operators and the ONNX library knows {}: newer operators are "
                      "read by PeakProof's own rules, or named where it has none",
                      version, domain.empty() ? "ONNX's" : in_quotes(domain) + "'s", known));
    }
  }
}

OnnxNetwork read(const std::filesystem::path& file, const ReadOptions& options) {
  OnnxNetwork result;
  const auto model = parse_onnx(file, result.facts);
  try {
    check_weights(*model, file, result.facts);
    onnx::GraphProto& graph = *model->mutable_graph();
    result.notes = inline_functions(*model);
    for (const auto& opset : model->opset_import()) {
      result.facts.opsets.emplace(plain_domain(opset.domain()), opset.version());
    }
    name_nodes(graph);
    note_versions(result.facts, result.notes);
    const BoundInputs bound = bind_inputs(graph, options);
    result.notes.insert(result.notes.end(), bound.notes.begin(), bound.notes.end());
    const Walk walked = walk(graph, bound, result.facts.opsets);
    for (const std::string& note : walked.notes) {
      if (std::find(result.notes.begin(), result.notes.end(), note) == result.notes.end()) {
        result.notes.push_back(note);
      }
    }
    result.network = Builder(graph, walked).run(bound, result.notes);
    std::map<std::string, std::int64_t> opsets;
    for (const auto& [domain, version] : result.facts.opsets) {
      opsets[printable(domain)] = version;
    }
    result.facts.opsets = std::move(opsets);
  } catch (const ModelError& error) {
    throw ModelError(fmt::format("{}: {}", printable(file.string()), error.what()));
  }
  return result;
}

}  // namespace

OnnxNetwork read_onnx(const std::filesystem::path& file, const ReadOptions& options) {
  try {
    return read(file, options);
  } catch (const ModelError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw ModelError(fmt::format("{}: there is not enough memory to read it", printable(file.string())));
  } catch (const std::exception& error) {
    throw ModelError(fmt::format("{} cannot be read: {}", printable(file.string()), printable(error.what())));
  }
}

}  // namespace peakproof::models
