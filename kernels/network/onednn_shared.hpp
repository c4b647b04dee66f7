// What the shares of a program have in common: for the files onednn_*.cpp alone.
#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "kernels/network/onednn_network.hpp"

namespace peakproof::kernels::onednn {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

/// The library's only CPU.
[[nodiscard]] const dnnl::engine& host();

[[nodiscard]] inline bool is_8_bit(Type type) { return type == Type::s8 || type == Type::u8; }
[[nodiscard]] inline bool has_matrix(const Step& step) {
  return step.kind == StepKind::dense || step.kind == StepKind::convolution;
}

/// Numbers in memory; of 8 bits each stands for itself times `unit`.
struct Value {
  memory flat;
  Type type = Type::f32;
  double unit = 1;
  [[nodiscard]] memory as(const memory::desc& desc) const { return {desc, host(), flat.get_data_handle()}; }
};
/// `largest`: the largest |number|, of 8 bits.
[[nodiscard]] Value make_value(std::int64_t count, Type type, double largest);

/// What a step leaves for the next one: as narrow as the precision allows. Index -1: the program's input.
[[nodiscard]] Type type_of(const Program& program, int index, HostPrecision precision);

/// The largest |weight| of each output, as units of s8.
[[nodiscard]] std::vector<float> weight_units(const Step& step, const std::vector<float>& weights);

}  // namespace peakproof::kernels::onednn

namespace peakproof::kernels {

struct OneDnnProgram::Shared {
  const Program& program;
  const ProgramWeights& weights;
  HostPrecision precision;
  std::vector<double> largest;

  mutable std::mutex mutex;  ///< the shares are made at the same time
  std::vector<std::vector<dnnl::memory>>
      packed;  ///< of each step; more than one where shares of two sizes want two layouts
  std::vector<std::string> implementations;

  /// Weights of a step in the layout that its code wants. `attributes` hold the scales of int8.
  dnnl::memory pack(std::size_t step, const dnnl::memory::desc& plain, const dnnl::memory::desc& wanted,
                    const dnnl::primitive_attr& attributes, const std::string& implementation);
  /// Which code the library chose.
  void say(std::size_t step, const std::string& implementation);
};

}  // namespace peakproof::kernels
