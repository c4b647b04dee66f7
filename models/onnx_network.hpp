// ONNX files as networks: read by the ONNX library, with every shape known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "theory/network.hpp"

namespace peakproof::models {

/// The file is no network that can be costed: says what is wrong, where in it, and what to do.
struct ModelError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ReadOptions {
  std::optional<std::int64_t> batch;               ///< the first dimension of every input that is not a parameter
  std::map<std::string, std::int64_t> dimensions;  ///< values of named free dimensions: "sequence" -> 128
};

struct OnnxFacts {
  std::int64_t ir_version = 0;
  std::map<std::string, std::int64_t> opsets;  ///< domain -> version; "" is ONNX's own
  std::string producer;
  std::int64_t file_bytes = 0;      ///< of the .onnx file
  std::int64_t external_bytes = 0;  ///< of the weights in files beside it
};

struct OnnxNetwork {
  theory::Network network;
  OnnxFacts facts;
  std::vector<std::string> notes;  ///< what a reader should know, such as a batch size that the file fixes
};

/// Throws ModelError: not readable, truncated, no ONNX, a cycle, an input that nothing makes, an unknown function, a
/// free dimension without a value (with its name and the option that gives one), a value for a dimension that the file
/// does not have, external weights that are missing or too short, shapes that contradict each other.
[[nodiscard]] OnnxNetwork read_onnx(const std::filesystem::path& file, const ReadOptions& options = {});

}  // namespace peakproof::models
