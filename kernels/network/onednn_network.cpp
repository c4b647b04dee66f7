#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "kernels/network/onednn_shared.hpp"
#include "kernels/network/onednn_thread.hpp"

namespace peakproof::kernels {
namespace onednn {
namespace {

constexpr double kLargestS8 = 127;
constexpr double kLargestU8 = 255;

}  // namespace

const dnnl::engine& host() {
  static const dnnl::engine kEngine(dnnl::engine::kind::cpu, 0);
  return kEngine;
}

Value make_value(std::int64_t count, Type type, double largest) {
  const double steps = type == Type::s8 ? kLargestS8 : type == Type::u8 ? kLargestU8 : 0;
  return {.flat = memory({{count}, type, Tag::a}, host()),
          .type = type,
          .unit = steps == 0    ? 1
                  : largest > 0 ? largest / steps
                                : 1 / steps};
}

Type type_of(const Program& program, int index, HostPrecision precision) {
  const auto last = static_cast<int>(program.steps.size()) - 1;
  const Step* step = index < 0 ? nullptr : &program.steps[static_cast<std::size_t>(index)];
  const bool matrix = step == nullptr || has_matrix(*step);
  if (precision == HostPrecision::bf16) return index == last && matrix ? Type::f32 : Type::bf16;
  if (precision == HostPrecision::fp32 || index == last || !matrix) return Type::f32;
  const StepKind next = program.steps[static_cast<std::size_t>(index) + 1].kind;
  const bool is_residual = std::any_of(program.steps.begin(), program.steps.end(), [&](const Step& other) {
    return other.kind == StepKind::add_normalize && other.residual == index;
  });
  if (is_residual || (next != StepKind::dense && next != StepKind::convolution)) return Type::f32;
  return step != nullptr && step->activation == Activation::relu ? Type::u8 : Type::s8;
}

std::vector<float> weight_units(const Step& step, const std::vector<float>& weights) {
  std::vector<float> units(static_cast<std::size_t>(step.out), 0.0F);
  const std::size_t each = weights.size() / units.size();
  for (std::size_t i = 0; i < weights.size(); ++i)
    units[i / each] = std::max(units[i / each], std::fabs(weights[i]) / static_cast<float>(kLargestS8));
  for (float& unit : units) unit = unit > 0 ? unit : 1.0F;
  return units;
}

}  // namespace onednn

using dnnl::memory;

memory OneDnnProgram::Shared::pack(std::size_t step, const memory::desc& plain, const memory::desc& wanted,
                                   const dnnl::primitive_attr& attributes, const std::string& implementation) {
  const std::lock_guard lock(mutex);
  implementations[step] = program.steps[step].name + " " + implementation;
  for (const memory& known : packed[step])
    if (known.get_desc() == wanted) return known;
  // oneDNN reads its inputs and takes them without const.
  memory source(plain, onednn::host(), const_cast<float*>(weights[step].weights.data()));
  memory target(wanted, onednn::host());
  dnnl::stream stream(onednn::host());
  dnnl::reorder({onednn::host(), plain, onednn::host(), wanted, attributes}).execute(stream, source, target);
  stream.wait();
  packed[step].push_back(target);
  return target;
}

void OneDnnProgram::Shared::say(std::size_t step, const std::string& implementation) {
  const std::lock_guard lock(mutex);
  implementations[step] = program.steps[step].name + " " + implementation;
}

OneDnnProgram::OneDnnProgram(const Program& program, const ProgramWeights& weights, HostPrecision precision,
                             std::vector<double> largest)
    : shared_(new Shared{.program = program,
                         .weights = weights,
                         .precision = precision,
                         .largest = std::move(largest),
                         .mutex = {},
                         .packed = std::vector<std::vector<memory>>(program.steps.size()),
                         .implementations = std::vector<std::string>(program.steps.size())}) {
  if (weights.size() != program.steps.size() || shared_->largest.size() != program.steps.size() + 1)
    throw std::invalid_argument(program.name + ": weights or ranges are not those of its steps");
}
OneDnnProgram::~OneDnnProgram() = default;

double OneDnnProgram::weight_bytes() const {
  const std::lock_guard lock(shared_->mutex);
  double bytes = 0;
  for (std::size_t s = 0; s < shared_->packed.size(); ++s) {
    bytes += sizeof(float) * static_cast<double>(shared_->weights[s].bias.size());
    if (!onednn::has_matrix(shared_->program.steps[s]))
      bytes += sizeof(float) * static_cast<double>(shared_->weights[s].weights.size());
    for (const memory& each : shared_->packed[s]) bytes += static_cast<double>(each.get_desc().get_size());
  }
  return bytes;
}

std::string OneDnnProgram::implementations() const {
  const std::lock_guard lock(shared_->mutex);
  std::string text;
  for (const std::string& each : shared_->implementations) text += (text.empty() ? "" : ", ") + each;
  return text;
}

std::optional<std::string> onednn_lacks(HostPrecision precision) {
  const auto isa = dnnl::get_effective_cpu_isa();
  using dnnl::cpu_isa;
  const bool bf16 = isa == cpu_isa::avx512_core_bf16 || isa == cpu_isa::avx512_core_amx;
  const bool int8 = bf16 || isa == cpu_isa::avx512_core_vnni;
  if (precision == HostPrecision::bf16 && !bf16)
    return "this CPU has neither AVX512_BF16 nor AMX: oneDNN would compute BF16 by FP32 instructions";
  if (precision == HostPrecision::int8 && !int8)
    return "this CPU has no AVX512_VNNI: oneDNN would put INT8 products together from instructions whose sums overflow";
  return std::nullopt;
}

std::string onednn_found() { return onednn_version(); }

}  // namespace peakproof::kernels
