#include "tests/stand_in/models/convolution.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/gemm.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/state.hpp"
#include "tests/stand_in/stream.hpp"
#include "tests/stand_in/tensor_rates.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::Element;

/// FMA per clock and SM.
double rate_of(const ConvolutionCall& call) {
  switch (call.operand) {
    case Element::f16:
      return tensor_rate(TensorType::fp16);
    case Element::bf16:
      return tensor_rate(TensorType::bf16);
    case Element::s8:
      return tensor_rate(TensorType::int8);
    default:
      return call.tensor_float && tensor_rate(TensorType::tf32) > 0 ? tensor_rate(TensorType::tf32)
                                                                    : architecture().rate(Instruction::ffma);
  }
}

std::int64_t outputs_of(const ConvolutionCall& call) {
  return std::int64_t{call.items} * call.out_height * call.out_width * call.outputs;
}
std::int64_t inputs_of(const ConvolutionCall& call) {
  return std::int64_t{call.items} * call.height * call.width * call.channels;
}
std::int64_t weights_of(const ConvolutionCall& call) {
  return std::int64_t{call.outputs} * call.kernel_height * call.kernel_width * call.channels;
}

Cost cost(const Launch& launch) {
  const auto* call = launch.argument<const ConvolutionCall*>(0);
  const double fmas =
      static_cast<double>(outputs_of(*call)) * call->kernel_height * call->kernel_width * call->channels;
  return {.sm_cycles = fmas / settings().sms / rate_of(*call) / call->speed};
}

std::vector<float> values_of(Element format, const void* array, std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i)
    values[static_cast<std::size_t>(i)] = static_cast<float>(value_of(format, read_bits(format, array, i)));
  return values;
}

/// Each weight's pixel added to each output: the channels of the output side by side, so that the inner loop is dense.
std::vector<float> convolution(const ConvolutionCall& call, Flaw flaw) {
  const auto x = values_of(call.operand, call.x, inputs_of(call));
  const auto w = values_of(call.operand, call.w, weights_of(call));
  const auto outputs = static_cast<std::size_t>(call.outputs);
  const auto channels = static_cast<std::size_t>(call.channels);
  const std::size_t taps = static_cast<std::size_t>(call.kernel_height) * static_cast<std::size_t>(call.kernel_width);
  std::vector<float> turned(w.size());  // tap, channel, output
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t i = 0; i < taps * channels; ++i) turned[i * outputs + o] = w[o * taps * channels + i];
  if (flaw == Flaw::dropped)
    for (std::size_t o = 0; o < outputs; ++o) turned[o] = 0;
  std::vector<float> y(static_cast<std::size_t>(outputs_of(call)), 0.0F);
  float* out = y.data();
  for (int item = 0; item < call.items; ++item)
    for (int row = 0; row < call.out_height; ++row)
      for (int column = 0; column < call.out_width; ++column, out += outputs)
        for (int r = 0; r < call.kernel_height; ++r)
          for (int s = 0; s < call.kernel_width; ++s) {
            const int h = row * call.stride_down - call.pad_height + r;
            const int v = column * call.stride_across - call.pad_width + s;
            if (h < 0 || h >= call.height || v < 0 || v >= call.width) continue;
            if (flaw == Flaw::shorter && r + 1 == call.kernel_height && s + 1 == call.kernel_width) continue;
            const auto pixel = static_cast<std::size_t>((std::int64_t{item} * call.height + h) * call.width + v);
            const float* from = &x[pixel * channels];
            const float* by = &turned[static_cast<std::size_t>(r * call.kernel_width + s) * channels * outputs];
            for (std::size_t c = 0; c < channels; ++c, by += outputs)
              for (std::size_t o = 0; o < outputs; ++o) out[o] += from[c] * by[o];
          }
  float& victim = y[y.size() / 2];
  if (flaw == Flaw::wrong) victim += 1;
  if (flaw == Flaw::nan) victim = std::numeric_limits<float>::quiet_NaN();
  return y;
}

cudaError_t answer(const Launch& launch) {
  const auto* call = launch.argument<const ConvolutionCall*>(0);
  static Repetition repetition;
  std::vector<std::uint64_t> parameters = {static_cast<std::uint64_t>(launch.flaw)};
  for (const int extent : {static_cast<int>(call->operand), call->items, call->channels, call->height, call->width,
                           call->outputs, call->kernel_height, call->kernel_width, call->pad_height, call->pad_width,
                           call->stride_down, call->stride_across})
    parameters.push_back(static_cast<std::uint64_t>(extent));
  repetition.unless_done(parameters, {call->x, call->w}, call->y, [&] {
    const auto y = convolution(*call, launch.flaw);
    store({y.begin(), y.end()}, call->out, call->y);
  });
  return cudaSuccess;
}

}  // namespace
}  // namespace peakproof::stand_in

namespace self = peakproof::stand_in;
extern "C" {

cudaError_t peakproof_stand_in_convolve(const self::ConvolutionCall* call) {
  if (self::health() != cudaSuccess) return self::remember(self::health());
  if (self::find_own_stream(call->stream) != cudaSuccess) return cudaErrorInvalidResourceHandle;
  self::settle(call->stream);
  if (!self::matrix_at(call->x, call->operand, self::inputs_of(*call)) ||
      !self::matrix_at(call->w, call->operand, self::weights_of(*call)) ||
      !self::matrix_at(call->y, call->out, self::outputs_of(*call)) ||
      (call->workspace_bytes > 0 && !self::is_device_memory(call->workspace, call->workspace_bytes))) {
    self::lose_device(cudaErrorIllegalAddress);
    return cudaErrorIllegalAddress;
  }
  void* arguments[] = {&call};
  return self::remember(self::play(
      {.name = "cudnnConvolutionForward", .role = self::Role::measured, .cost = self::cost, .answer = self::answer},
      {.arguments = arguments}));
}
cudaError_t peakproof_stand_in_device_health() { return self::health(); }
void peakproof_stand_in_wait_for_device() { self::wait_for_device(); }
int peakproof_stand_in_architecture() { return 10 * self::settings().cc_major + self::settings().cc_minor; }
}
