// The dimensions of a network's inputs that the file leaves free, and the batch size that it may fix.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <unordered_set>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_types.hpp"
#include "models/onnx_walk.hpp"

namespace peakproof::models {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 40;

using Dimension = onnx::TensorShapeProto::Dimension;

// A value of 0 or less stands for a free dimension in files of some exporters.
bool is_free(const Dimension& dimension) { return !dimension.has_dim_value() || dimension.dim_value() <= 0; }

void check_value(const std::string& option, std::int64_t value) {
  if (value < 1 || value > kLargest) {
    throw ModelError(fmt::format("{} {}: it must be at least 1 and at most {}", option, value, kLargest));
  }
}

class Binder {
 public:
  Binder(const onnx::GraphProto& graph, const ReadOptions& options) : options_(options) {
    for (const auto& stored : graph.initializer()) {
      stored_.insert(stored.name());
    }
    for (const auto& stored : graph.sparse_initializer()) {
      stored_.insert(stored.values().name());
    }
    for (const auto& input : graph.input()) {
      if (!stored_.contains(input.name())) {
        inputs_.push_back(&input);
      }
    }
  }

  BoundInputs run() {
    if (options_.batch) {
      check_value("--batch", *options_.batch);
    }
    for (const auto& [name, value] : options_.dimensions) {
      check_value("--dim " + printable(name) + "=", value);
    }
    for (const onnx::ValueInfoProto* input : inputs_) {
      check_type(*input);
    }
    take_batch();
    for (const onnx::ValueInfoProto* input : inputs_) {
      bind(*input);
    }
    if (!free_.empty()) {
      throw ModelError(fmt::format("the network has free dimensions without a value: {}", fmt::join(free_, "; ")));
    }
    for (const auto& [name, value] : options_.dimensions) {
      if (!used_.contains(name)) {
        fail_unused(name, value);
      }
    }
    if (options_.batch && !batch_used_) {
      throw ModelError(fmt::format("--batch {}: no input of the network takes it{}", *options_.batch,
                                   inputs_.empty() ? ", as it has none" : ""));
    }
    bound_.batch = options_.batch;
    bound_.given = options_.batch.has_value() || !options_.dimensions.empty();
    if (bound_.batch_in_file) {
      bound_.notes.push_back(fmt::format("the file fixes the batch size at {}; {} is put in its place",
                                         *bound_.batch_in_file, *options_.batch));
    }
    return std::move(bound_);
  }

 private:
  static void check_type(const onnx::ValueInfoProto& input) {
    if (!input.type().has_tensor_type()) {
      throw ModelError(fmt::format("input {} is no tensor: sequences, maps and optional inputs have no shape to cost",
                                   in_quotes(input.name())));
    }
    if (!input.type().tensor_type().has_shape()) {
      throw ModelError(fmt::format("input {} has no shape in the file: export it with one", in_quotes(input.name())));
    }
    if (onnx_type_of(input.type().tensor_type().elem_type()).name.empty()) {
      throw ModelError(fmt::format("input {} has the format {}, which is none of ONNX's", in_quotes(input.name()),
                                   input.type().tensor_type().elem_type()));
    }
  }

  [[nodiscard]] static const auto& dimensions_of(const onnx::ValueInfoProto& input) {
    return input.type().tensor_type().shape().dim();
  }
  // How an option names a dimension that the file gives no name: "input.2".
  static std::string place_name(const onnx::ValueInfoProto& input, int axis) {
    return fmt::format("{}.{}", input.name(), axis);
  }
  [[nodiscard]] std::optional<std::int64_t> from_options(const std::string& name) {
    const auto found = name.empty() ? options_.dimensions.end() : options_.dimensions.find(name);
    if (found == options_.dimensions.end()) {
      return std::nullopt;
    }
    used_.insert(name);
    return found->second;
  }

  // The first dimensions: a batch size gives their name its value wherever it stands.
  void take_batch() {
    if (!options_.batch) {
      return;
    }
    for (const onnx::ValueInfoProto* input : inputs_) {
      if (dimensions_of(*input).empty()) {
        continue;
      }
      const Dimension& first = dimensions_of(*input)[0];
      if (options_.dimensions.contains(first.dim_param()) || options_.dimensions.contains(place_name(*input, 0))) {
        continue;
      }
      batch_used_ = true;
      if (!first.dim_param().empty()) {
        bound_.dimensions[first.dim_param()] = *options_.batch;
      }
      if (is_free(first) || first.dim_value() == *options_.batch) {
        continue;
      }
      if (bound_.batch_in_file && *bound_.batch_in_file != first.dim_value()) {
        throw ModelError(
            fmt::format("--batch {}: the inputs have different first dimensions, {} and {} (input {}), so "
                        "that the batch is not known",
                        *options_.batch, *bound_.batch_in_file, first.dim_value(), in_quotes(input->name())));
      }
      bound_.batch_in_file = first.dim_value();
    }
  }

  std::int64_t bind(const onnx::ValueInfoProto& input, int axis, const Dimension& dimension) {
    const auto by_place = from_options(place_name(input, axis));
    if (by_place) {
      if (!is_free(dimension) && dimension.dim_value() != *by_place) {
        throw ModelError(fmt::format("--dim {}={}: the file fixes this dimension at {}",
                                     printable(place_name(input, axis)), *by_place, dimension.dim_value()));
      }
      return *by_place;
    }
    if (const auto by_name = from_options(dimension.dim_param())) {
      bound_.dimensions[dimension.dim_param()] = *by_name;
      return *by_name;
    }
    if (axis == 0 && options_.batch) {
      return *options_.batch;
    }
    if (!is_free(dimension)) {
      return dimension.dim_value();
    }
    if (const auto named = bound_.dimensions.find(dimension.dim_param());
        !dimension.dim_param().empty() && named != bound_.dimensions.end()) {
      return named->second;
    }
    const std::string name = dimension.dim_param().empty() ? place_name(input, axis) : dimension.dim_param();
    const std::string text =
        fmt::format("{} (input {}, dimension {}; give {}--dim {}=N)",
                    dimension.dim_param().empty() ? "one without a name" : in_quotes(dimension.dim_param()),
                    in_quotes(input.name()), axis, axis == 0 ? "--batch N or " : "", printable(name));
    if (named_free_.insert(name).second) {
      free_.push_back(text);
    }
    return 1;
  }

  void bind(const onnx::ValueInfoProto& input) {
    Known known;
    known.type = input.type().tensor_type().elem_type();
    std::vector<std::int64_t> shape;
    shape.reserve(static_cast<std::size_t>(dimensions_of(input).size()));
    for (int axis = 0; axis < dimensions_of(input).size(); ++axis) {
      shape.push_back(bind(input, axis, dimensions_of(input)[axis]));
    }
    if (element_count(shape) < 0) {
      throw ModelError(
          fmt::format("input {} has the shape {}, which is too large", in_quotes(input.name()), shape_text(shape)));
    }
    known.shape = std::move(shape);
    bound_.inputs[input.name()] = std::move(known);
  }

  [[noreturn]] void fail_unused(const std::string& name, std::int64_t value) const {
    std::set<std::string> names;
    for (const onnx::ValueInfoProto* input : inputs_) {
      for (const Dimension& dimension : dimensions_of(*input)) {
        if (!dimension.dim_param().empty()) {
          names.insert(in_quotes(dimension.dim_param()));
        }
      }
    }
    throw ModelError(fmt::format("--dim {}={}: the network has no dimension of this name{}", printable(name), value,
                                 names.empty()
                                     ? "; none of its dimensions has one, and INPUT.AXIS=N names one by its place"
                                     : fmt::format("; it has {}", fmt::join(names, ", "))));
  }

  const ReadOptions& options_;
  std::unordered_set<std::string> stored_;
  std::vector<const onnx::ValueInfoProto*> inputs_;
  BoundInputs bound_;
  std::set<std::string> used_;
  std::set<std::string> named_free_;
  std::vector<std::string> free_;
  bool batch_used_ = false;
};

}  // namespace

BoundInputs bind_inputs(const onnx::GraphProto& graph, const ReadOptions& options) {
  return Binder(graph, options).run();
}

}  // namespace peakproof::models
