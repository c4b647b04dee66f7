// Functions that an ONNX file defines itself (IR.md, "Functions"): each call is replaced by the function's nodes.
#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/names.hpp"
#include "models/onnx_graph.hpp"
#include "models/onnx_network.hpp"
#include "models/onnx_node.hpp"

namespace peakproof::models {
namespace {

using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;
using Names = std::unordered_map<std::string, std::string>;

// A file of a few kilobytes can call functions that call functions, and so on: more nodes than this are no network.
constexpr int kMostNodes = 1'000'000;
constexpr std::size_t kDeepest = 100;

std::string key_of(const std::string& domain, const std::string& name) { return plain_domain(domain) + "::" + name; }

// FunctionProto.attribute_proto (field 11), the attributes with default values, which older libraries do not know.
std::vector<onnx::AttributeProto> default_attributes(const onnx::FunctionProto& function) {
  constexpr int kField = 11;
  std::vector<onnx::AttributeProto> attributes;
  const auto* field = function.GetDescriptor()->FindFieldByNumber(kField);
  if (field != nullptr) {
    const auto* reflection = function.GetReflection();
    for (int i = 0; i < reflection->FieldSize(function, field); ++i) {
      attributes.emplace_back().CopyFrom(reflection->GetRepeatedMessage(function, field, i));
    }
    return attributes;
  }
  const auto& unknown = function.GetReflection()->GetUnknownFields(function);
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (unknown.field(i).number() != kField ||
        unknown.field(i).type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    onnx::AttributeProto attribute;
    if (attribute.ParseFromString(unknown.field(i).length_delimited())) {
      attributes.push_back(std::move(attribute));
    }
  }
  return attributes;
}

class Inliner {
 public:
  explicit Inliner(onnx::ModelProto& model) : model_(model) {
    for (const onnx::FunctionProto& function : model.functions()) {
      functions_[key_of(function.domain(), function.name())] = &function;
    }
  }

  std::vector<std::string> run() {
    if (!functions_.empty()) {
      graph(*model_.mutable_graph());
    }
    return notes_;
  }

 private:
  [[noreturn]] static void fail_size() {
    throw ModelError(
        fmt::format("its functions call each other for more than {} nodes or {} levels deep", kMostNodes, kDeepest));
  }

  void graph(onnx::GraphProto& graph) {
    Nodes nodes;
    nodes.Swap(graph.mutable_node());
    for (onnx::NodeProto& node : nodes) {
      add(std::move(node), *graph.mutable_node());
    }
  }

  void add(onnx::NodeProto&& node, Nodes& out) {
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) {
        graph(*attribute.mutable_g());
      }
      for (onnx::GraphProto& inner : *attribute.mutable_graphs()) {
        graph(inner);
      }
    }
    const auto function = functions_.find(key_of(node.domain(), node.op_type()));
    if (function == functions_.end()) {
      if (++nodes_ > kMostNodes) {
        fail_size();
      }
      *out.Add() = std::move(node);
    } else {
      call(node, *function->second, out);
    }
  }

  void call(const onnx::NodeProto& node, const onnx::FunctionProto& function, Nodes& out) {
    const std::string key = key_of(function.domain(), function.name());
    if (const auto seen = std::find(calling_.begin(), calling_.end(), key); seen != calling_.end()) {
      throw ModelError(fmt::format("the function {} calls itself{}", in_quotes(key),
                                   seen + 1 == calling_.end() ? "" : ", by way of " + in_quotes(calling_.back())));
    }
    if (node.input_size() > function.input_size() || node.output_size() > function.output_size()) {
      throw ModelError(fmt::format("{} has {} inputs and {} outputs, and the function that it calls {} and {}",
                                   layer_text(node), node.input_size(), node.output_size(), function.input_size(),
                                   function.output_size()));
    }
    if (calling_.size() == kDeepest || ++nodes_ > kMostNodes) {
      fail_size();
    }
    import(function);
    calling_.push_back(key);
    const std::string prefix = fmt::format("{}/", node.name().empty() ? fmt::format("call_{}", calls_) : node.name());
    const std::string values = fmt::format("{}{}/", prefix, calls_++);  // unique also where names are not
    Names names;
    for (int i = 0; i < function.input_size(); ++i) {
      names[function.input(i)] = i < node.input_size() ? node.input(i) : std::string();
    }
    for (const onnx::NodeProto& inner : function.node()) {
      for (const std::string& made : inner.output()) {
        if (!made.empty()) {
          names.emplace(made, values + made);
        }
      }
    }
    for (int i = 0; i < node.output_size(); ++i) {
      if (node.output(i).empty()) {
        continue;
      }
      const auto made = names.find(function.output(i));
      if (std::find(function.input().begin(), function.input().end(), function.output(i)) != function.input().end()) {
        onnx::NodeProto& passed = *out.Add();  // what goes in comes out
        passed.set_op_type("Identity");
        passed.set_name(prefix + function.output(i));
        passed.add_input(made->second);
        passed.add_output(node.output(i));
      } else {
        names[function.output(i)] = node.output(i);
      }
    }
    std::map<std::string, onnx::AttributeProto> attributes;
    for (const onnx::AttributeProto& attribute : default_attributes(function)) {
      attributes[attribute.name()] = attribute;
    }
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      attributes[attribute.name()] = attribute;
    }
    for (const onnx::NodeProto& inner : function.node()) {
      onnx::NodeProto copy = inner;
      copy.set_name(prefix + (inner.name().empty() ? fmt::format("{}_{}", inner.op_type(), out.size()) : inner.name()));
      rename(copy, names);
      substitute(copy, attributes);
      add(std::move(copy), out);
    }
    calling_.pop_back();
  }

  static void rename(onnx::NodeProto& node, const Names& names) {
    const auto replace = [&](std::string& name) {
      if (const auto found = names.find(name); found != names.end()) {
        name = found->second;
      }
    };
    for (std::string& name : *node.mutable_input()) {
      replace(name);
    }
    for (std::string& name : *node.mutable_output()) {
      replace(name);
    }
    const auto inside = [&](onnx::GraphProto& graph) {
      for (onnx::NodeProto& inner : *graph.mutable_node()) {
        rename(inner, names);
      }
      for (onnx::ValueInfoProto& output : *graph.mutable_output()) {
        replace(*output.mutable_name());
      }
    };
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) {
        inside(*attribute.mutable_g());
      }
      for (onnx::GraphProto& graph : *attribute.mutable_graphs()) {
        inside(graph);
      }
    }
  }

  // Attributes of the function's nodes that stand for the call's.
  static void substitute(onnx::NodeProto& node, const std::map<std::string, onnx::AttributeProto>& given) {
    google::protobuf::RepeatedPtrField<onnx::AttributeProto> kept;
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) {
        for (onnx::NodeProto& inner : *attribute.mutable_g()->mutable_node()) {
          substitute(inner, given);
        }
      }
      if (attribute.ref_attr_name().empty()) {
        *kept.Add() = std::move(attribute);
      } else if (const auto found = given.find(attribute.ref_attr_name()); found != given.end()) {
        onnx::AttributeProto& copy = *kept.Add();
        copy = found->second;
        copy.set_name(attribute.name());
      }
    }
    node.mutable_attribute()->Swap(&kept);
  }

  // Functions import operator sets of their own.
  void import(const onnx::FunctionProto& function) {
    for (const onnx::OperatorSetIdProto& wanted : function.opset_import()) {
      const auto imported =
          std::find_if(model_.opset_import().begin(), model_.opset_import().end(),
                       [&](const auto& set) { return plain_domain(set.domain()) == plain_domain(wanted.domain()); });
      if (imported == model_.opset_import().end()) {
        *model_.add_opset_import() = wanted;
      } else if (imported->version() != wanted.version()) {
        const std::string note = fmt::format(
            "function {} is written for version {} of the operators that the file imports in "
            "version {}, and is read as of that version",
            in_quotes(function.name()), wanted.version(), imported->version());
        if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
          notes_.push_back(note);
        }
      }
    }
  }

  onnx::ModelProto& model_;
  std::map<std::string, const onnx::FunctionProto*> functions_;
  std::vector<std::string> calling_;
  std::vector<std::string> notes_;
  int calls_ = 0;
  int nodes_ = 0;
};

}  // namespace

std::vector<std::string> inline_functions(onnx::ModelProto& model) { return Inliner(model).run(); }

}  // namespace peakproof::models
