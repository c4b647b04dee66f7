// An ONNX file parsed by the ONNX library, with its weights checked and dropped: what a cost needs is their shapes.
#pragma once

#include <filesystem>
#include <memory>

#include "models/onnx_network.hpp"

namespace onnx {
class ModelProto;
}

namespace peakproof::models {

/// Throws ModelError where the file is not readable, truncated, no ONNX, or has no graph or no operator sets.
[[nodiscard]] std::shared_ptr<onnx::ModelProto> parse_onnx(const std::filesystem::path& file, OnnxFacts& facts);

/// Compares the bytes of every stored tensor, in the file or beside it, with its shape, and lets go of all numbers but
/// the few that shapes may be computed from. Throws ModelError with the tensor's name and the file.
void check_weights(onnx::ModelProto& model, const std::filesystem::path& file, OnnxFacts& facts);

}  // namespace peakproof::models
