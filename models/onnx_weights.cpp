// The stored numbers of an ONNX file: their sizes against their shapes, in the file and in files beside it (ONNX's
// docs/ExternalData.md: location, offset and length, the location relative to the folder of the model).
#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_file.hpp"
#include "models/onnx_types.hpp"

namespace peakproof::models {
namespace {

// A shape, a list of axes or the scales of a resize are no longer than this.
constexpr std::int64_t kKept = 1 << 16;

std::int64_t elements_of(const onnx::TensorProto& tensor) {
  const std::int64_t elements = element_count({tensor.dims().data(), static_cast<std::size_t>(tensor.dims_size())});
  if (elements < 0) {
    throw ModelError(fmt::format("tensor {} has the shape {}, which cannot be", in_quotes(tensor.name()),
                                 shape_text({tensor.dims().data(), static_cast<std::size_t>(tensor.dims_size())})));
  }
  return elements;
}

struct External {
  std::string location;
  std::int64_t offset = 0;
  std::int64_t length = -1;  ///< -1: not said
};

std::int64_t whole_number(const std::string& text, const onnx::TensorProto& tensor) {
  const bool digits = !text.empty() && text.size() <= 18 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits) {
    throw ModelError(fmt::format("tensor {} lies in another file at {}, which is no offset or length",
                                 in_quotes(tensor.name()), in_quotes(text)));
  }
  return std::stoll(text);
}

External external_of(const onnx::TensorProto& tensor) {
  External external;
  for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
    if (entry.key() == "location") {
      external.location = entry.value();
    } else if (entry.key() == "offset") {
      external.offset = whole_number(entry.value(), tensor);
    } else if (entry.key() == "length") {
      external.length = whole_number(entry.value(), tensor);
    }
  }
  const std::filesystem::path path(external.location);
  const bool climbs = std::any_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
  if (external.location.empty() || path.is_absolute() || climbs || external.location.find('\0') != std::string::npos) {
    throw ModelError(fmt::format("tensor {} lies in {}, which is no path within the folder of the model",
                                 in_quotes(tensor.name()), in_quotes(external.location)));
  }
  return external;
}

// Returns the bytes that it takes in the other file, and reads them where `keep`.
std::int64_t check_external(onnx::TensorProto& tensor, std::int64_t needed, bool keep,
                            const std::filesystem::path& folder) {
  const External external = external_of(tensor);
  const std::filesystem::path path = folder / external.location;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error || !std::filesystem::is_regular_file(path, error)) {
    throw ModelError(
        fmt::format("the weights of tensor {} are missing: they lie in {}, which is not there; copy it "
                    "beside the .onnx file",
                    in_quotes(tensor.name()), in_quotes(path.string())));
  }
  const std::int64_t length = external.length >= 0 ? external.length : needed;
  if (length < needed || static_cast<std::int64_t>(size) - external.offset < length) {
    throw ModelError(fmt::format(
        "the weights of tensor {} are cut off: {} bytes at offset {} of {}, which has {} bytes",
        in_quotes(tensor.name()), std::max(length, needed), external.offset, in_quotes(path.string()), size));
  }
  if (keep) {
    std::string data(static_cast<std::size_t>(needed), '\0');
    std::ifstream stream(path, std::ios::binary);
    stream.seekg(external.offset);
    stream.read(data.data(), static_cast<std::streamsize>(needed));
    if (!stream) {
      throw ModelError(
          fmt::format("tensor {} cannot be read from {}", in_quotes(tensor.name()), in_quotes(path.string())));
    }
    tensor.set_raw_data(std::move(data));
    tensor.set_data_location(onnx::TensorProto::DEFAULT);
  }
  return needed;
}

// Of each field that numbers can lie in: how many are there, and how many the shape needs of it.
std::int64_t numbers_there(const onnx::TensorProto& tensor) {
  return std::int64_t{tensor.float_data_size()} + tensor.int32_data_size() + tensor.int64_data_size() +
         tensor.double_data_size() + tensor.uint64_data_size() + tensor.string_data_size();
}
std::int64_t numbers_needed(const OnnxType& type, std::int64_t elements) {
  if (type.kind == NumberClass::complex) {
    return 2 * elements;
  }
  if (type.bits > 0 && type.bits < 8) {
    return (elements * type.bits + 7) / 8;
  }  // packed into bytes
  return elements;
}

void check_inside(const onnx::TensorProto& tensor, const OnnxType& type, std::int64_t elements, std::int64_t bytes) {
  const bool raw = tensor.has_raw_data() && type.kind != NumberClass::text;
  const std::int64_t there = raw ? static_cast<std::int64_t>(tensor.raw_data().size()) : numbers_there(tensor);
  const std::int64_t needed = raw ? bytes : numbers_needed(type, elements);
  if (there == needed) {
    return;
  }
  throw ModelError(fmt::format("tensor {} of {} ({}) has {} {} where its shape needs {}", in_quotes(tensor.name()),
                               type.name,
                               shape_text({tensor.dims().data(), static_cast<std::size_t>(tensor.dims_size())}), there,
                               raw ? "bytes" : "numbers", needed));
}

void drop(onnx::TensorProto& tensor) {
  std::string().swap(*tensor.mutable_raw_data());  // Clear() would keep the memory
  tensor.clear_raw_data();
  google::protobuf::RepeatedField<float>().Swap(tensor.mutable_float_data());
  google::protobuf::RepeatedField<double>().Swap(tensor.mutable_double_data());
  tensor.clear_int32_data();
  tensor.clear_int64_data();
  tensor.clear_uint64_data();
  tensor.clear_string_data();
  tensor.clear_external_data();
}

class Checker {
 public:
  Checker(std::filesystem::path folder, OnnxFacts& facts) : folder_(std::move(folder)), facts_(facts) {}

  void graph(onnx::GraphProto& graph) {
    for (onnx::TensorProto& stored : *graph.mutable_initializer()) {
      tensor(stored);
    }
    for (onnx::SparseTensorProto& stored : *graph.mutable_sparse_initializer()) {
      sparse(stored);
    }
    nodes(*graph.mutable_node());
  }

  void nodes(google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes) {
    for (onnx::NodeProto& node : nodes) {
      for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        if (attribute.has_t()) {
          tensor(*attribute.mutable_t());
        }
        for (onnx::TensorProto& stored : *attribute.mutable_tensors()) {
          tensor(stored);
        }
        if (attribute.has_sparse_tensor()) {
          sparse(*attribute.mutable_sparse_tensor());
        }
        if (attribute.has_g()) {
          graph(*attribute.mutable_g());
        }
        for (onnx::GraphProto& inner : *attribute.mutable_graphs()) {
          graph(inner);
        }
      }
    }
  }

 private:
  void sparse(onnx::SparseTensorProto& stored) {
    tensor(*stored.mutable_values());
    tensor(*stored.mutable_indices());
  }

  void tensor(onnx::TensorProto& tensor) {
    const OnnxType type = onnx_type_of(tensor.data_type());
    if (type.name.empty()) {
      throw ModelError(fmt::format("tensor {} has the format {}, which is none of ONNX's", in_quotes(tensor.name()),
                                   tensor.data_type()));
    }
    const std::int64_t elements = elements_of(tensor);
    const std::int64_t bytes = (elements * type.bits + 7) / 8;  // exact: fewer than 2^53 numbers of at most 2^7 bits
    const bool keep = elements <= kKept && type.kind != NumberClass::text && type.kind != NumberClass::complex;
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
      facts_.external_bytes += check_external(tensor, bytes, keep, folder_);
    } else {
      check_inside(tensor, type, elements, bytes);
    }
    if (!keep) {
      drop(tensor);
    }
  }

  std::filesystem::path folder_;
  OnnxFacts& facts_;
};

}  // namespace

void check_weights(onnx::ModelProto& model, const std::filesystem::path& file, OnnxFacts& facts) {
  Checker checker(file.parent_path(), facts);
  checker.graph(*model.mutable_graph());
  for (onnx::FunctionProto& function : *model.mutable_functions()) {
    checker.nodes(*function.mutable_node());
  }
}

}  // namespace peakproof::models
