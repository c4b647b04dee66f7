// Reads ONNX files and prints what the reader makes of each, one line of JSON-like text: what the tests in Python
// compare. Usage: look [--batch N] [--dim NAME=N]... FILE...   Exit code: 0 all read; 2 one is refused (its line says
// why).
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "models/onnx_network.hpp"
#include "theory/network_cost.hpp"

namespace {

nlohmann::json told(const peakproof::models::OnnxNetwork& read) {
  using nlohmann::json;
  const auto& network = read.network;
  json layers = json::array();
  std::int64_t parameters = 0;
  for (const auto& tensor : network.tensors) {
    parameters += tensor.parameters();
  }
  for (const auto& layer : network.layers) {
    json inputs = json::array();
    json outputs = json::array();
    for (const auto place : layer.inputs) {
      if (place == peakproof::theory::Layer::absent) {
        inputs.push_back(nullptr);
        continue;
      }
      const auto& tensor = network.tensors[place];
      inputs.push_back({{"name", tensor.name},
                        {"shape", tensor.shape},
                        {"type", tensor.type},
                        {"parameter", tensor.parameter},
                        {"constant", tensor.constant}});
    }
    for (const auto place : layer.outputs) {
      if (place == peakproof::theory::Layer::absent) {
        outputs.push_back(nullptr);
      } else {
        outputs.push_back(network.tensors[place].shape);
      }
    }
    layers.push_back({{"name", layer.name},
                      {"operation", layer.operation},
                      {"domain", layer.domain},
                      {"inputs", inputs},
                      {"outputs", outputs},
                      {"integers", layer.integers},
                      {"texts", layer.texts}});
  }
  json out = {{"parameters", parameters},
              {"layers", layers},
              {"notes", read.notes},
              {"opsets", read.facts.opsets},
              {"ir_version", read.facts.ir_version},
              {"producer", read.facts.producer},
              {"file_bytes", read.facts.file_bytes},
              {"external_bytes", read.facts.external_bytes}};
  for (const auto place : network.inputs) {
    out["inputs"][network.tensors[place].name] = network.tensors[place].shape;
  }
  for (const auto place : network.outputs) {
    out["outputs"][network.tensors[place].name] = network.tensors[place].shape;
  }
  return out;
}

int run(int count, char** arguments) {
  peakproof::models::ReadOptions options;
  int code = 0;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--batch" && i + 1 < count) {
      options.batch = std::atoll(arguments[++i]);
      continue;
    }
    if (argument == "--dim" && i + 1 < count) {
      const std::string text = arguments[++i];
      const auto equals = text.find('=');
      options.dimensions[text.substr(0, equals)] = std::atoll(text.substr(equals + 1).c_str());
      continue;
    }
    nlohmann::json line;
    const auto start = std::chrono::steady_clock::now();
    try {
      const auto read = peakproof::models::read_onnx(arguments[i], options);
      line = told(read);
      try {
        const auto cost = peakproof::theory::cost(read.network);
        line["cost"] = {{"parameters", cost.parameters}, {"macs", cost.macs}, {"unknown", cost.unknown}};
      } catch (const std::invalid_argument& error) {
        line["cost"] = {{"error", error.what()}};
      }
    } catch (const peakproof::models::ModelError& error) {
      line = {{"error", error.what()}};
      code = 2;
    }
    line["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cout << line.dump() << "\n";
  }
  return code;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (...) {
    std::abort();  // the tests see a crash
  }
}
