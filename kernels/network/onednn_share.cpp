// The steps of a share, put together from oneDNN's primitives.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "kernels/network/onednn_shared.hpp"
#include "kernels/network/onednn_thread.hpp"

namespace peakproof::kernels {
namespace {

using namespace onednn;
using Arguments = std::unordered_map<int, memory>;

}  // namespace

/// Everything that a share holds, and how it is put together.
struct OneDnnShare::Built {
  struct Operation {
    dnnl::primitive code;
    Arguments arguments;
  };

  OneDnnProgram::Shared& shared;
  std::int64_t items;
  dnnl::stream stream;
  Value input;
  std::vector<Value> outputs;
  std::vector<std::vector<Operation>> steps;

  Built(OneDnnProgram::Shared& of, std::span<const float> inputs, std::int64_t count)
      : shared(of), items(count), stream(host()), input(make(-1, static_cast<std::int64_t>(inputs.size()))) {
    const auto numbers = static_cast<std::int64_t>(inputs.size());
    const memory source({{numbers}, Type::f32, Tag::a}, host(), const_cast<float*>(inputs.data()));
    convert(source, Type::f32, input);
    const Program& program = shared.program;
    for (std::size_t s = 0; s < program.steps.size(); ++s) {
      const Step& step = program.steps[s];
      outputs.push_back(make(static_cast<int>(s), items * output_count(step, program.rows_per_item)));
      steps.emplace_back();
      switch (step.kind) {
        case StepKind::dense:
          add_dense(s);
          break;
        case StepKind::convolution:
          add_convolution(s);
          break;
        case StepKind::attention:
          add_attention(s);
          break;
        case StepKind::add_normalize:
          add_add_normalize(s);
          break;
        case StepKind::average_pool:
          add_average_pool(s);
          break;
      }
    }
  }

  [[nodiscard]] Value make(int index, std::int64_t count) const {
    return make_value(count, type_of(shared.program, index, shared.precision),
                      shared.largest[static_cast<std::size_t>(std::int64_t{index} + 1)]);
  }
  /// What step s reads.
  [[nodiscard]] const Value& read_by(std::size_t s) const { return s == 0 ? input : outputs[s - 1]; }
  [[nodiscard]] const Step& step_at(std::size_t s) const { return shared.program.steps[s]; }

  void run(std::size_t s) {
    for (Operation& operation : steps[s]) operation.code.execute(stream, operation.arguments);
  }

  /// Between formats, now.
  void convert(const memory& from, Type type, const Value& to) {
    dnnl::primitive_attr attributes;
    if (is_8_bit(to.type) && type == Type::f32) attributes.set_output_scales(0, {static_cast<float>(1 / to.unit)});
    memory target = to.flat;
    memory source = from;
    dnnl::reorder({host(), from.get_desc(), host(), target.get_desc(), attributes}).execute(stream, source, target);
    stream.wait();
  }

  /// What a product of int8 reads: a step of its own writes it where the value has more bits.
  Value narrowed(std::size_t s) {
    const Value& from = read_by(s);
    if (shared.precision != HostPrecision::int8 || is_8_bit(from.type)) return from;
    const auto count = from.flat.get_desc().dims().front();
    Value to = make_value(count, Type::s8, shared.largest[s]);
    dnnl::primitive_attr attributes;
    attributes.set_output_scales(0, {static_cast<float>(1 / to.unit)});
    const dnnl::reorder::primitive_desc code(host(), from.flat.get_desc(), host(), to.flat.get_desc(), attributes);
    steps[s].push_back({dnnl::reorder(code), {{DNNL_ARG_FROM, from.flat}, {DNNL_ARG_TO, to.flat}}});
    return to;
  }

  [[nodiscard]] Type weight_type() const {
    switch (shared.precision) {
      case HostPrecision::bf16:
        return Type::bf16;
      case HostPrecision::int8:
        return Type::s8;
      case HostPrecision::fp32:
        break;
    }
    return Type::f32;
  }

  /// Scales and the activation of a step with a matrix. 8-bit outputs are divided by their unit after the activation.
  [[nodiscard]] dnnl::primitive_attr attributes_of(std::size_t s, const Value& from) const {
    const Step& step = step_at(s);
    dnnl::primitive_attr attributes;
    const double last = 1 / outputs[s].unit;
    if (shared.precision == HostPrecision::int8) {
      std::vector<float> scales = weight_units(step, shared.weights[s].weights);
      for (float& scale : scales)
        scale = static_cast<float>(scale * from.unit * (step.activation == Activation::none ? last : 1.0));
      attributes.set_output_scales(1 << 1, scales);
    }
    if (step.activation != Activation::none) {
      dnnl::post_ops after;
      after.append_eltwise(
          static_cast<float>(last),
          step.activation == Activation::relu ? dnnl::algorithm::eltwise_relu : dnnl::algorithm::eltwise_gelu_erf, 0.0F,
          0.0F);
      attributes.set_post_ops(after);
    }
    return attributes;
  }

  /// In the units of the sums, which are scaled behind it.
  [[nodiscard]] memory bias_of(std::size_t s, const Value& from) const {
    const auto& bias = shared.weights[s].bias;
    memory out({{static_cast<std::int64_t>(bias.size())}, Type::f32, Tag::a}, host());
    auto* to = static_cast<float*>(out.get_data_handle());
    std::copy(bias.begin(), bias.end(), to);
    if (shared.precision != HostPrecision::int8) return out;
    const std::vector<float> units = weight_units(step_at(s), shared.weights[s].weights);
    for (std::size_t o = 0; o < bias.size(); ++o) to[o] = static_cast<float>(bias[o] / (units[o] * from.unit));
    return out;
  }

  [[nodiscard]] dnnl::primitive_attr weight_attributes(std::size_t s) const {
    dnnl::primitive_attr attributes;
    if (shared.precision != HostPrecision::int8) return attributes;
    std::vector<float> scales = weight_units(step_at(s), shared.weights[s].weights);
    for (float& scale : scales) scale = 1 / scale;
    attributes.set_output_scales(1 << 0, scales);
    return attributes;
  }

  /// A dense step or a convolution: both have the same operands.
  template <class Primitive, class Description>
  void add_matrix(std::size_t s, const Value& from, const memory::desc& x, const memory::desc& y,
                  const memory::desc& plain, const Description& description) {
    const typename Primitive::primitive_desc code(description, attributes_of(s, from), host());
    const memory weights = shared.pack(s, plain, code.weights_desc(), weight_attributes(s), code.impl_info_str());
    steps[s].push_back({Primitive(code),
                        {{DNNL_ARG_SRC, from.as(x)},
                         {DNNL_ARG_WEIGHTS, weights},
                         {DNNL_ARG_BIAS, bias_of(s, from)},
                         {DNNL_ARG_DST, outputs[s].as(y)}}});
  }

  void add_dense(std::size_t s) {
    const Step& step = step_at(s);
    const Value from = narrowed(s);
    const std::int64_t rows = items * shared.program.rows_per_item;
    const memory::desc x({rows, step.in}, from.type, Tag::ab);
    const memory::desc y({rows, step.out}, outputs[s].type, Tag::ab);
    add_matrix<dnnl::inner_product_forward>(
        s, from, x, y, {{step.out, step.in}, Type::f32, Tag::ab},
        dnnl::inner_product_forward::desc(dnnl::prop_kind::forward_inference, x,
                                          {{step.out, step.in}, weight_type(), Tag::any},
                                          {{step.out}, Type::f32, Tag::a}, y));
  }

  void add_convolution(std::size_t s) {
    const Step& step = step_at(s);
    const Value from = narrowed(s);
    const memory::dims kernel = {step.out, step.in, step.kernel, step.kernel};
    const memory::desc x({items, step.in, step.height, step.width}, from.type, Tag::nhwc);
    const memory::desc y({items, step.out, step.out_height(), step.out_width()}, outputs[s].type, Tag::nhwc);
    const auto behind = [&](std::int64_t size, std::int64_t out) {
      return (out - 1) * step.stride + step.kernel - size - step.pad;
    };
    add_matrix<dnnl::convolution_forward>(
        s, from, x, y, {kernel, Type::f32, Tag::ohwi},
        dnnl::convolution_forward::desc(
            dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, x,
            {kernel, weight_type(), Tag::any}, {{step.out}, Type::f32, Tag::a}, y, {step.stride, step.stride},
            {step.pad, step.pad}, {behind(step.height, step.out_height()), behind(step.width, step.out_width())}));
  }

  /// How many items go through attention together: as many as stay in half of a megabyte, since their heads are written
  /// and read several times. A divisor of the items of the share.
  [[nodiscard]] std::int64_t items_together(std::int64_t numbers_of_item, Type type) const {
    constexpr std::size_t kCached = std::size_t{1} << 19U;
    const std::size_t each = static_cast<std::size_t>(numbers_of_item) * memory::data_type_size(type);
    std::int64_t together = std::clamp<std::int64_t>(static_cast<std::int64_t>(kCached / each), 1, items);
    while (items % together != 0) --together;
    return together;
  }

  /// Two batched products around a softmax. The heads are moved apart first: the library has fast products of close
  /// matrices alone, and moving costs less than its other ones.
  void add_attention(std::size_t s) {
    const Step& step = step_at(s);
    const Value& from = read_by(s);
    const std::int64_t tokens = shared.program.rows_per_item;
    const std::int64_t width = step.in;
    const std::int64_t head = width / step.heads;
    const std::int64_t together = items_together(tokens * (3 * width + step.heads * tokens), from.type);
    const memory::dims by_row = {together, step.heads, tokens, head};
    const memory::desc in_rows(by_row, from.type, memory::dims{tokens * 3 * width, head, 3 * width, 1});
    const memory::desc apart(by_row, from.type, Tag::abcd);
    const memory::desc transposed({together, step.heads, head, tokens}, from.type, Tag::abdc);
    const memory::desc square({together, step.heads, tokens, tokens}, from.type, Tag::abcd);
    const memory::desc side_by_side(by_row, outputs[s].type, Tag::acbd);

    dnnl::primitive_attr attributes;
    attributes.set_output_scales(0, {static_cast<float>(1 / std::sqrt(static_cast<double>(head)))});
    const dnnl::reorder move(dnnl::reorder::primitive_desc(host(), in_rows, host(), apart));
    const dnnl::matmul::primitive_desc first({apart, transposed, square}, attributes, host());
    const dnnl::softmax_forward::primitive_desc middle({dnnl::prop_kind::forward_inference, square, 3}, host());
    const dnnl::matmul::primitive_desc second({square, apart, side_by_side}, host());
    shared.say(s, first.impl_info_str() + std::string(" ") + middle.impl_info_str());
    const dnnl::matmul by_keys(first);
    const dnnl::softmax_forward softmax(middle);
    const dnnl::matmul by_values(second);

    const std::array heads = {memory(apart, host()), memory(apart, host()), memory(apart, host())};
    const memory keys(transposed, host(), heads[1].get_data_handle());
    const memory scores(square, host());
    const auto place = [](const Value& value, std::int64_t number) {
      return static_cast<std::byte*>(value.flat.get_data_handle()) +
             static_cast<std::size_t>(number) * memory::data_type_size(value.type);
    };
    for (std::int64_t item = 0; item < items; item += together) {
      for (std::size_t part = 0; part < heads.size(); ++part) {
        const std::int64_t start = item * tokens * 3 * width + static_cast<std::int64_t>(part) * width;
        steps[s].push_back(
            {move, {{DNNL_ARG_FROM, memory(in_rows, host(), place(from, start))}, {DNNL_ARG_TO, heads[part]}}});
      }
      const memory y(side_by_side, host(), place(outputs[s], item * tokens * width));
      steps[s].push_back({by_keys, {{DNNL_ARG_SRC, heads[0]}, {DNNL_ARG_WEIGHTS, keys}, {DNNL_ARG_DST, scores}}});
      steps[s].push_back({softmax, {{DNNL_ARG_SRC, scores}, {DNNL_ARG_DST, scores}}});
      steps[s].push_back({by_values, {{DNNL_ARG_SRC, scores}, {DNNL_ARG_WEIGHTS, heads[2]}, {DNNL_ARG_DST, y}}});
    }
  }

  void add_add_normalize(std::size_t s) {
    const Step& step = step_at(s);
    const std::int64_t rows = items * shared.program.rows_per_item;
    const Value& other = step.residual < 0 ? input : outputs[static_cast<std::size_t>(step.residual)];
    const memory::desc shape({rows, step.in}, outputs[s].type, Tag::ab);
    const memory y = outputs[s].as(shape);
    const memory::desc line({step.in}, Type::f32, Tag::a);
    const auto parameter = [&](const std::vector<float>& numbers) {
      return memory(line, host(), const_cast<float*>(numbers.data()));
    };
    const dnnl::binary::primitive_desc add({dnnl::algorithm::binary_add,
                                            {{rows, step.in}, read_by(s).type, Tag::ab},
                                            {{rows, step.in}, other.type, Tag::ab},
                                            shape},
                                           host());
    using dnnl::normalization_flags;
    const dnnl::layer_normalization_forward::primitive_desc normalize(
        {dnnl::prop_kind::forward_inference, shape, static_cast<float>(kNormEpsilon),
         normalization_flags::use_scale | normalization_flags::use_shift},
        host());
    shared.say(s, normalize.impl_info_str());
    steps[s].push_back({dnnl::binary(add),
                        {{DNNL_ARG_SRC_0, read_by(s).as(add.src0_desc())},
                         {DNNL_ARG_SRC_1, other.as(add.src1_desc())},
                         {DNNL_ARG_DST, y}}});
    steps[s].push_back({dnnl::layer_normalization_forward(normalize),
                        {{DNNL_ARG_SRC, y},
                         {DNNL_ARG_DST, y},
                         {DNNL_ARG_SCALE, parameter(shared.weights[s].weights)},
                         {DNNL_ARG_SHIFT, parameter(shared.weights[s].bias)}}});
  }

  void add_average_pool(std::size_t s) {
    const Step& step = step_at(s);
    const Value& from = read_by(s);
    const memory::desc x({items, step.in, step.height, step.width}, from.type, Tag::nhwc);
    const memory::desc y({items, step.in, 1, 1}, outputs[s].type, Tag::nhwc);
    const dnnl::pooling_forward::primitive_desc pool(
        {dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_avg_exclude_padding, x, y, memory::dims{1, 1},
         memory::dims{step.height, step.width}, memory::dims{0, 0}, memory::dims{0, 0}},
        host());
    shared.say(s, pool.impl_info_str());
    steps[s].push_back({dnnl::pooling_forward(pool), {{DNNL_ARG_SRC, from.as(x)}, {DNNL_ARG_DST, outputs[s].as(y)}}});
  }
};

OneDnnShare::OneDnnShare(OneDnnProgram& program, std::span<const float> inputs, std::int64_t items) {
  keep_onednn_to_this_thread();
  const Program& what = program.shared_->program;
  if (items < 1 || static_cast<std::int64_t>(inputs.size()) != items * what.rows_per_item * what.numbers_per_row)
    throw std::invalid_argument(what.name + ": the inputs are not those of the items");
  built_ = std::make_unique<Built>(*program.shared_, inputs, items);
}
OneDnnShare::~OneDnnShare() = default;

void OneDnnShare::run() {
  keep_onednn_to_this_thread();
  for (std::size_t s = 0; s < built_->steps.size(); ++s) built_->run(s);
  built_->stream.wait();
}

void OneDnnShare::run_step(int step) {
  keep_onednn_to_this_thread();
  built_->run(static_cast<std::size_t>(step));
  built_->stream.wait();
}

void OneDnnShare::poison() {
  const memory& last = built_->outputs.back().flat;
  std::memset(last.get_data_handle(), 0xFF, last.get_desc().get_size());  // not a number in FP32 and in BF16
}

std::vector<float> OneDnnShare::outputs() const {
  const Value& last = built_->outputs.back();
  std::vector<float> numbers(static_cast<std::size_t>(last.flat.get_desc().dims().front()));
  if (last.type == Type::f32) {
    std::memcpy(numbers.data(), last.flat.get_data_handle(), sizeof(float) * numbers.size());
    return numbers;
  }
  const auto* halves = static_cast<const std::uint16_t*>(last.flat.get_data_handle());
  for (std::size_t i = 0; i < numbers.size(); ++i) {  // BF16 is the upper half of FP32
    const std::uint32_t bits = static_cast<std::uint32_t>(halves[i]) << 16U;
    std::memcpy(&numbers[i], &bits, sizeof bits);
  }
  return numbers;
}

}  // namespace peakproof::kernels
