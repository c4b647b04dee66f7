#include "models/onnx_file.hpp"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "models/names.hpp"
#include "models/onnx_node.hpp"

namespace peakproof::models {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kHead = 256;

struct Foreign {
  std::size_t offset;
  std::string_view begins;
  std::string_view what;
};

// By the first bytes that each format's own description gives.
constexpr Foreign kForeign[] = {
    {0, "\x89PNG"sv, "a PNG picture"},
    {0, "\xFF\xD8\xFF"sv, "a JPEG picture"},
    {0, "GIF8"sv, "a GIF picture"},
    {0, "%PDF"sv, "a PDF document"},
    {0,
     "\x7F"
     "ELF"sv,
     "an executable"},
    {0, "PK\x03\x04"sv, "a ZIP archive, as PyTorch's .pt and Keras' .keras files are: export the network as ONNX"},
    {0, "\x1F\x8B"sv, "a gzip archive: unpack it first"},
    {0, "BZh"sv, "a bzip2 archive: unpack it first"},
    {0,
     "\xFD"
     "7zXZ"sv,
     "an xz archive: unpack it first"},
    {0, "\x28\xB5\x2F\xFD"sv, "a Zstandard archive: unpack it first"},
    {0, "\x89HDF"sv, "an HDF5 file, as Keras' .h5 files are: export the network as ONNX"},
    {0, "\x93NUMPY"sv, "a NumPy array"},
    {0, "GGUF"sv, "a GGUF file: export the network as ONNX"},
    {4, "TFL3"sv, "a TensorFlow Lite file: export the network as ONNX"},
    {4, "ORTM"sv, "ONNX Runtime's own .ort format: take the .onnx file that it was made from"},
    {0, "\x80\x02"sv, "a Python pickle, as older PyTorch files are: export the network as ONNX"},
    {8, R"({")"sv, "a safetensors file, which has weights but no network: export the network as ONNX"},
    {0, "version https://git-lfs"sv, "a pointer of Git LFS, not the file itself: run git lfs pull"},
};

bool is_text(std::string_view head) {
  return std::all_of(head.begin(), head.end(), [](char c) {
    return (c >= ' ' && c != '\x7F') || c == '\n' || c == '\r' || c == '\t' || static_cast<unsigned char>(c) >= 0x80;
  });
}

// What else the file may be; empty: no idea.
std::string_view foreign_kind(std::string_view head) {
  for (const Foreign& kind : kForeign) {
    if (head.size() >= kind.offset && head.substr(kind.offset).starts_with(kind.begins)) {
      return kind.what;
    }
  }
  return is_text(head) ? "a text file" : "";
}

[[noreturn]] void fail_foreign(const std::string& file, std::string_view head) {
  const std::string_view kind = foreign_kind(head);
  if (!kind.empty()) {
    throw ModelError(fmt::format("{} is no ONNX file; it looks like {}", file, kind));
  }
  // ModelProto begins with its first field, the IR version, in every file that a serializer wrote.
  if (head.size() >= 2 && head[0] == '\x08' && head[1] > 0 && head[1] < 64) {
    throw ModelError(
        fmt::format("{} is truncated or damaged: it begins as an ONNX file does, and cannot be read to its "
                    "end; copy or export it again",
                    file));
  }
  throw ModelError(fmt::format("{} is no ONNX file, or a damaged one: protobuf cannot read it", file));
}

// protobuf's own errors name no file: refused before, or said below.
void parse(onnx::ModelProto& model, std::ifstream& stream, const std::string& file, std::string_view head) {
  constexpr int kBlock = 1 << 20;
  google::protobuf::io::IstreamInputStream blocks(&stream, kBlock);
  google::protobuf::io::CodedInputStream coded(&blocks);
  coded.SetTotalBytesLimit(std::numeric_limits<int>::max());
  const bool parsed = model.ParseFromCodedStream(&coded) && coded.ConsumedEntireMessage();
  if (stream.bad()) {
    throw ModelError(fmt::format("{} cannot be read: {}", file, "the system gives an error"));
  }
  if (!parsed) {
    fail_foreign(file, head);
  }
}

void check_parts(onnx::ModelProto& model, const std::string& file, std::string_view head, OnnxFacts& facts) {
  if (!model.has_graph()) {
    const std::string_view kind = foreign_kind(head);
    if (!kind.empty()) {
      fail_foreign(file, head);
    }
    throw ModelError(
        fmt::format("{} has no graph: it is no ONNX network (TensorFlow's saved_model.pb looks like this: "
                    "convert it with tf2onnx), or it is truncated",
                    file));
  }
  if (model.graph().node().empty() && model.graph().output().empty()) {
    if (model.ir_version() <= 0) {
      fail_foreign(file, head);
    }
    throw ModelError(fmt::format("{} has a graph without nodes and outputs: there is nothing to cost", file));
  }
  facts.ir_version = model.ir_version();
  facts.producer = printable(model.producer_name());
  if (!model.producer_version().empty()) {
    facts.producer += ' ' + printable(model.producer_version());
  }
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (opset.version() <= 0) {
      throw ModelError(fmt::format("{}: the operator set of domain {} has version {}, which there is not", file,
                                   in_quotes(opset.domain()), opset.version()));
    }
    facts.opsets[plain_domain(opset.domain())] = opset.version();
  }
  // Before IR version 3 files imported none, and meant version 1 (IR.md, "Operator Sets").
  constexpr std::int64_t kImports = 3;
  if (facts.opsets.empty()) {
    if (model.ir_version() >= kImports || model.ir_version() <= 0) {
      throw ModelError(
          fmt::format("{} imports no operator set (opset_import), so that its operators have no meaning: it is "
                      "truncated or damaged",
                      file));
    }
    facts.opsets[""] = 1;
  }
}

}  // namespace

std::shared_ptr<onnx::ModelProto> parse_onnx(const std::filesystem::path& file, OnnxFacts& facts) {
  const std::string name = printable(file.string());
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    throw ModelError(fmt::format("{}: there is no such file", name));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw ModelError(
        fmt::format("{} is no regular file{}", name,
                    std::filesystem::is_directory(status) ? " but a folder: name the .onnx file in it" : ""));
  }
  const auto bytes = std::filesystem::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) {
    throw ModelError(fmt::format("{} cannot be opened: check its permissions", name));
  }
  if (bytes == 0) {
    throw ModelError(fmt::format("{} is empty", name));
  }
  if (bytes >= static_cast<std::uintmax_t>(std::numeric_limits<int>::max())) {
    throw ModelError(
        fmt::format("{} has {} bytes, and protobuf reads at most 2147483646: save it with external data "
                    "(onnx.save_model(..., save_as_external_data=True))",
                    name, bytes));
  }
  facts.file_bytes = static_cast<std::int64_t>(bytes);

  std::string head(std::min<std::size_t>(kHead, bytes), '\0');
  stream.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  stream.clear();
  stream.seekg(0);

  auto model = std::make_shared<onnx::ModelProto>();
  parse(*model, stream, name, head);
  check_parts(*model, name, head, facts);
  return model;
}

}  // namespace peakproof::models
