#include "bench/harness/cuda_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "bench/harness/cuda_cublas.hpp"
#include "bench/harness/cuda_network_ceilings.hpp"
#include "bench/harness/cuda_network_steps.hpp"
#include "bench/harness/errors.hpp"
#include "kernels/network/cudnn_convolution.hpp"

namespace peakproof::bench {
namespace {

using kernels::Element;
using kernels::Program;
using kernels::Step;
using kernels::StepKind;

constexpr int kInput = -1;  // the program's input as a step's number

/// Who reads what a step (or kInput) leaves.
struct Readers {
  bool product = false;  ///< dense layers and convolutions
  bool other = false;    ///< all other layers, and the host
};
Readers readers_of(const Program& program, int step) {
  const auto count = static_cast<int>(program.steps.size());
  Readers readers{.other = step + 1 == count};
  for (int i = 0; i < count; ++i) {
    const Step& reader = program.steps[static_cast<std::size_t>(i)];
    const bool multiplies = reader.kind == StepKind::dense || reader.kind == StepKind::convolution;
    const bool next = i == step + 1;
    if (next && multiplies) readers.product = true;
    if ((next && !multiplies) || (reader.kind == StepKind::add_normalize && reader.residual == step))
      readers.other = true;
  }
  return readers;
}

/// The range of 8-bit activations. e4m3, with an exponent, loses nothing by room for twice the largest that was seen.
float activation_scale(double largest, Element narrow) {
  if (!std::isfinite(largest) || largest < 0)
    throw MeasurementError(fmt::format("8-bit activations have no scale: the largest is {}", largest));
  const double room = narrow == Element::e4m3 ? 2 : 1;
  return largest > 0 ? static_cast<float>(room * largest / static_cast<double>(largest_of(narrow))) : 1.0F;
}

class CudaNetwork final : public RunningNetwork {
 public:
  CudaNetwork(const CudaDevice& device, const NetworkFormats& formats, const NetworkOrder& order)
      : memory_(device), formats_(formats), batch_(order.batch) {
    const Program& program = *order.program;
    if (formats_.narrow() && order.largest.size() != program.steps.size() + 1)
      throw MeasurementError("8-bit activations have no scale: their largest numbers are not known");
    input_ = activations(order, kInput);
    load_input(*order.inputs);
    auto workspace = cublas_workspace(device, "leave this batch size out by --benchmark_filter");
    steps_.reserve(program.steps.size());
    outputs_.reserve(program.steps.size());  // steps keep addresses
    for (std::size_t i = 0; i < program.steps.size(); ++i) {
      const Step& step = program.steps[i];
      outputs_.push_back(activations(order, static_cast<int>(i)));
      const Step* next = i + 1 < program.steps.size() ? &program.steps[i + 1] : nullptr;
      const bool feeds_attention = next != nullptr && next->kind == StepKind::attention;
      steps_.push_back(
          {step.name,
           make_step({.step = &step,
                      .parameters = &(*order.weights)[i],
                      .in = i == 0 ? &input_ : &outputs_[i - 1],
                      .residual = step.residual < 0 ? &input_ : &outputs_[static_cast<std::size_t>(step.residual)],
                      .out = &outputs_.back(),
                      .batch = batch_,
                      .rows_per_item = program.rows_per_item,
                      .feeds_attention = feeds_attention,
                      .heads = feeds_attention ? next->heads : 1,
                      .formats = formats_,
                      .memory = &memory_,
                      .workspace = workspace})});
    }
    output_numbers_ = batch_ * output_count(program.steps.back(), program.rows_per_item);
    launch();  // the first pass loads what the second has
    wait();
  }

  void launch() override {
    for (const Named& each : steps_) each.step->launch();
  }
  void launch_step(int step) override { steps_.at(static_cast<std::size_t>(step)).step->launch(); }
  void wait() override { wait_for(memory_.stream()); }

  /// By the host's clock; a wait that sleeps between its looks would be longer than a short pass.
  [[nodiscard]] double seconds_of_pass() override {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kPatience(20);
    const auto begin = Clock::now();
    launch();
    while (cudaStreamQuery(memory_.stream()) == cudaErrorNotReady && Clock::now() - begin < kPatience) {
    }
    wait();  // says what the matter is, where something is
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }
  [[nodiscard]] double seconds_of_step(int step, std::int64_t times) override {
    return timed_launches(memory_.stream(), times, [&] { launch_step(step); });
  }

  void poison() override {
    constexpr int kNan = 0xFF;  // bytes of it are NaN in every floating-point format
    for (const Activations& output : outputs_)
      for (const auto* buffer : {&output.wide, &output.narrow})
        if (buffer->data() != nullptr) buffer->fill_bytes(kNan, memory_.stream());
    for (const Named& each : steps_) each.step->poison();
  }
  [[nodiscard]] std::vector<float> outputs() override {
    return memory_.download(outputs_.back().wide, formats_.wide, output_numbers_);
  }
  [[nodiscard]] double weight_bytes() const override { return memory_.parameter_bytes(); }
  [[nodiscard]] std::string found() const override {
    std::string text = cublas_name();
    if (const auto version = convolves_ ? kernels::cudnn_version() : ""; !version.empty()) text += ", cuDNN " + version;
    const char* separator = ": ";
    for (const Named& each : steps_) {
      const std::string found = each.step->found();
      if (found.empty()) continue;
      text += separator + each.name + " " + found;
      separator = "; ";
    }
    return text + cublas_warning();
  }

 private:
  struct Named {
    std::string name;
    std::unique_ptr<NetworkStep> step;
  };

  /// Memory for what a step leaves. The rows of 8-bit operands are added up to the multiple that products take; what the
  /// rows behind the last hold concerns nobody.
  [[nodiscard]] Activations activations(const NetworkOrder& order, int step) {
    const Program& program = *order.program;
    const auto next = static_cast<std::size_t>(step) + 1;  // of kInput 0
    const Step* maker = step == kInput ? nullptr : &program.steps[next - 1];
    const Readers readers = readers_of(program, step);
    const std::int64_t each = maker == nullptr ? program.rows_per_item * program.numbers_per_row
                                               : output_count(*maker, program.rows_per_item);
    const std::int64_t row = each / program.rows_per_item;
    const std::int64_t rows = batch_ * program.rows_per_item;
    if (maker != nullptr) convolves_ |= maker->kind == StepKind::convolution;
    Activations made;
    if (readers.product && formats_.narrow()) {
      made.narrow = memory_.take(padded(rows, true) * row);
      made.scale = activation_scale(order.largest[next], formats_.product.operand);
    }
    if (readers.other || !formats_.narrow()) made.wide = memory_.take(bytes_of(formats_.wide, rows * row));
    return made;
  }

  void load_input(const std::vector<float>& numbers) const {
    const auto count = static_cast<std::int64_t>(numbers.size());
    const auto plain = memory_.upload(numbers, Element::f32);
    check(kernels::finish_layer(
        {.in = plain.data(), .in_stride = count, .out = input_.out(formats_), .rows = 1, .columns = count},
        memory_.stream()));
    wait_for(memory_.stream());
  }

  NetworkMemory memory_;
  NetworkFormats formats_;
  std::int64_t batch_;
  bool convolves_ = false;
  Activations input_;
  std::vector<Activations> outputs_;
  std::vector<Named> steps_;
  std::int64_t output_numbers_ = 0;
};

std::optional<std::string> convolution_lacks(const Step& step, const NetworkFormats& formats) {
  if (formats.product.operand == Element::e4m3)
    return "cuDNN convolves FP8 in its graph interface alone, which PeakProof does not use";
  if (auto why = kernels::cudnn_lacks()) return why;
  constexpr std::int64_t kChannels = 4;  // of INT8 in NHWC
  if (formats.narrow() && (step.in % kChannels != 0 || step.out % kChannels != 0))
    return fmt::format("cuDNN convolves INT8 in multiples of {} channels: {} has {} and {}", kChannels, step.name,
                       step.in, step.out);
  return std::nullopt;
}

std::optional<std::string> step_lacks(const Program& program, std::size_t index, const NetworkFormats& formats) {
  const Step& step = program.steps[index];
  const auto row = [&](std::int64_t numbers, const char* what) -> std::optional<std::string> {
    if (numbers % kernels::kRowMultiple == 0 && numbers <= kernels::kMostInRow) return std::nullopt;
    return fmt::format("PeakProof's own kernels take rows of 8, 16 to {} numbers: {} has {} {}", kernels::kMostInRow,
                       step.name, numbers, what);
  };
  switch (step.kind) {
    case StepKind::dense: {
      const int multiple = kernels::cublas_tile(formats.product).k;
      if (step.in % multiple == 0) return std::nullopt;
      return fmt::format("cuBLASLt multiplies 8-bit numbers in rows of a multiple of {}: {} has {}", multiple,
                         step.name, step.in);
    }
    case StepKind::convolution:
      return convolution_lacks(step, formats);
    case StepKind::attention: {
      if (index == 0 || program.steps[index - 1].kind != StepKind::dense || step.heads < 1 || step.in % step.heads != 0)
        return fmt::format("{} does not follow a dense layer that gives queries, keys and values", step.name);
      auto why = row(step.in / step.heads, "numbers a head");
      return why ? why : row(program.rows_per_item, "tokens");
    }
    case StepKind::add_normalize:
      if (step.residual >= 0 && program.steps[static_cast<std::size_t>(step.residual) + 1].kind == StepKind::attention)
        return fmt::format("{} adds queries, keys and values, which lie head by head", step.name);
      return row(step.in, "numbers a row");
    case StepKind::average_pool:
      return row(step.in, "channels");
  }
  return std::nullopt;
}

std::optional<std::string> lacks(const CudaDevice& device, const Program& program, theory::Precision precision) {
  const auto formats = network_formats(precision);
  if (!formats) return fmt::format("PeakProof runs no network in {} on a GPU", theory::name(precision));
  if (auto why = cublas_lacks(device.spec(), formats->product)) return why;
  for (std::size_t i = 0; i < program.steps.size(); ++i)
    if (auto why = step_lacks(program, i, *formats)) return why;
  return std::nullopt;
}

}  // namespace

InferenceEngine cuda_inference(CudaDevice& device) {
  // The large networks keep every SM of a data-centre GPU busy; a device of a few SMs would take minutes.
  constexpr int kManySms = 16;
  const bool large = device.spec().sm_count >= kManySms;
  const auto ceilings = std::make_shared<NetworkCeilings>(device, large);
  return {.lacks = [&device](const Program& program,
                             theory::Precision precision) { return lacks(device, program, precision); },
          .build = [&device](const NetworkOrder& order) -> std::unique_ptr<RunningNetwork> {
            return std::make_unique<CudaNetwork>(device, network_formats(order.precision).value(), order);
          },
          .ceilings = [ceilings](const CeilingsOrder& order) { return ceilings->measure(order); },
          .large = large,
          .step_precision =
              [](StepKind kind, theory::Precision precision) {
                const bool product = kind == StepKind::dense || kind == StepKind::convolution;
                const bool narrow = precision == theory::Precision::fp8 || precision == theory::Precision::int8;
                return narrow && !product ? theory::Precision::fp16 : precision;
              }};
}

}  // namespace peakproof::bench
