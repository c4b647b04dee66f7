// The layers of a network that are no products.
//
//   idea     all of them read and write memory and compute little, so that formats are a switch at run time, the same way
//            for a whole launch, and not instances: a thread loads 8 numbers that lie side by side (16 bytes of the
//            16-bit formats), computes in FP32 and writes them as they are, rounded to 8 bits, or both
//   work     each number read and written once; softmax and normalisation keep a row in a warp's registers
//   machine  LDG.128, STG.128, FFMA, MUFU for exponentials
//   limit    the bytes; with a few rows the launch
//   answer   the data sheets of the structs in layers.hpp; NaN stays NaN (in s8, which has none, the largest number)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include "kernels/network/layers.hpp"

namespace peakproof::kernels {
namespace {

constexpr int kVector = 8;  // numbers of a thread at a time
constexpr int kThreads = 128;
constexpr int kWarp = 32;
constexpr int kVectorsPerLane = static_cast<int>(kMostInRow) / (kWarp * kVector);

struct Numbers {
  float value[kVector];
};

// ---- memory: 8 numbers at a multiple of 8 ----------------------------------------------------------------------------

__device__ float from_half(Element format, unsigned bits) {
  const auto half = static_cast<unsigned short>(bits);
  return format == Element::f16 ? __half2float(__ushort_as_half(half)) : __bfloat162float(__ushort_as_bfloat16(half));
}
__device__ unsigned to_half(Element format, float value) {
  return format == Element::f16 ? __half_as_ushort(__float2half_rn(value))
                                : __bfloat16_as_ushort(__float2bfloat16_rn(value));
}

__device__ Numbers load(const void* memory, Element format, std::int64_t first) {
  Numbers numbers;
  if (format == Element::f32 || format == Element::s32) {
#pragma unroll
    for (int part = 0; part < 2; ++part) {
      const int4 words = *reinterpret_cast<const int4*>(static_cast<const float*>(memory) + first + part * 4);
      const int word[4] = {words.x, words.y, words.z, words.w};
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        numbers.value[part * 4 + i] = format == Element::f32 ? __int_as_float(word[i]) : static_cast<float>(word[i]);
      }
    }
    return numbers;
  }
  const uint4 words = *reinterpret_cast<const uint4*>(static_cast<const unsigned short*>(memory) + first);
  const unsigned word[4] = {words.x, words.y, words.z, words.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    numbers.value[2 * i] = from_half(format, word[i] & 0xFFFFU);
    numbers.value[2 * i + 1] = from_half(format, word[i] >> 16U);
  }
  return numbers;
}

__device__ void store(void* memory, Element format, std::int64_t first, const Numbers& numbers) {
  if (format == Element::f32) {
    auto* out = reinterpret_cast<float4*>(static_cast<float*>(memory) + first);
    out[0] = make_float4(numbers.value[0], numbers.value[1], numbers.value[2], numbers.value[3]);
    out[1] = make_float4(numbers.value[4], numbers.value[5], numbers.value[6], numbers.value[7]);
    return;
  }
  unsigned word[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    word[i] = to_half(format, numbers.value[2 * i]) | to_half(format, numbers.value[2 * i + 1]) << 16U;
  }
  *reinterpret_cast<uint4*>(static_cast<unsigned short*>(memory) + first) =
      make_uint4(word[0], word[1], word[2], word[3]);
}

__device__ unsigned to_byte(Element format, float value) {
  if (format == Element::e4m3) return __nv_cvt_float_to_fp8(value, __NV_SATFINITE, __NV_E4M3);
  constexpr float largest = 127;  // of both signs, so that the scale is the same; NaN becomes it
  return static_cast<unsigned>(__float2int_rn(fmaxf(-largest, fminf(largest, value)))) & 0xFFU;
}

// ---- memory: one number, where columns are no multiple of 8 ----------------------------------------------------------

__device__ float load_one(const void* memory, Element format, std::int64_t index) {
  if (format == Element::f32) return static_cast<const float*>(memory)[index];
  if (format == Element::s32) return static_cast<float>(static_cast<const int*>(memory)[index]);
  return from_half(format, static_cast<const unsigned short*>(memory)[index]);
}

__device__ void store_out(const LayerOut& out, std::int64_t index, float value) {
  if (out.wide != nullptr && out.wide_format == Element::f32) static_cast<float*>(out.wide)[index] = value;
  if (out.wide != nullptr && out.wide_format != Element::f32)
    static_cast<unsigned short*>(out.wide)[index] = static_cast<unsigned short>(to_half(out.wide_format, value));
  if (out.narrow != nullptr)
    static_cast<unsigned char*>(out.narrow)[index] =
        static_cast<unsigned char>(to_byte(out.narrow_format, value * out.narrow_factor));
}

__device__ void store_out(const LayerOut& out, std::int64_t first, const Numbers& numbers) {
  if (out.wide != nullptr) store(out.wide, out.wide_format, first, numbers);
  if (out.narrow == nullptr) return;
  unsigned word[2] = {};
#pragma unroll
  for (int i = 0; i < kVector; ++i)
    word[i / 4] |= to_byte(out.narrow_format, numbers.value[i] * out.narrow_factor) << unsigned(i % 4 * 8);
  *reinterpret_cast<uint2*>(static_cast<unsigned char*>(out.narrow) + first) = make_uint2(word[0], word[1]);
}

__device__ float activated(float x, Activation activation) {
  if (activation == Activation::relu) return x < 0 ? 0 : x;  // NaN stays
  if (activation == Activation::gelu) return 0.5F * x * (1 + erff(x * 0.70710678118654752F));
  return x;
}

// ---- warps -----------------------------------------------------------------------------------------------------------

__device__ float warp_sum(float value) {
  for (int apart = kWarp / 2; apart > 0; apart /= 2) value += __shfl_xor_sync(~0U, value, apart);
  return value;
}
__device__ float warp_largest(float value) {
  for (int apart = kWarp / 2; apart > 0; apart /= 2) value = fmaxf(value, __shfl_xor_sync(~0U, value, apart));
  return value;
}

/// The row of this warp, or one that there is not.
__device__ std::int64_t row_of_warp() {
  return std::int64_t{blockIdx.x} * (kThreads / kWarp) + static_cast<int>(threadIdx.x) / kWarp;
}

/// Where a layer with heads has its number (row, column): of `split` in the output, of `merge` in the input.
__device__ std::int64_t place_by_head(const FinishLayer& layer, unsigned row, unsigned column) {
  const auto tokens = static_cast<unsigned>(layer.tokens);
  const auto heads = static_cast<unsigned>(layer.heads);
  const unsigned parts = layer.order == HeadOrder::split ? 3 : 1;  // queries, keys, values
  const unsigned width = static_cast<unsigned>(layer.columns) / parts;
  const unsigned head_width = width / heads;
  const unsigned part = column / width;
  const unsigned head = column % width / head_width;
  const unsigned item = row / tokens;
  const auto items = static_cast<unsigned>(layer.rows) / tokens;
  const std::int64_t unit = (std::int64_t{part} * items + item) * heads + head;
  return (unit * tokens + row % tokens) * head_width + column % head_width;
}

}  // namespace

/// A block has the threads of one or more rows side by side; `vectors`: columns are a multiple of 8.
__global__ void __launch_bounds__(kThreads) finish_layer_kernel(FinishLayer layer, bool vectors) {
  const int together = vectors ? kVector : 1;
  const std::int64_t column = (std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * together;
  if (column >= layer.columns) return;
  Numbers scale;
  Numbers bias;
  for (int i = 0; i < kVector; ++i) {
    const bool mine = i < together;
    scale.value[i] = mine && layer.scale != nullptr ? layer.scale[column + i] : 1.0F;
    bias.value[i] = mine && layer.bias != nullptr ? layer.bias[column + i] : 0.0F;
  }
  const std::int64_t stride = std::int64_t{gridDim.y} * blockDim.y;
  for (std::int64_t row = std::int64_t{blockIdx.y} * blockDim.y + threadIdx.y; row < layer.rows; row += stride) {
    std::int64_t from = row * layer.in_stride + column;
    std::int64_t to = row * layer.columns + column;
    if (layer.order != HeadOrder::none) {
      const std::int64_t place = place_by_head(layer, static_cast<unsigned>(row), static_cast<unsigned>(column));
      (layer.order == HeadOrder::split ? to : from) = place;
    }
    if (!vectors) {
      const float value = load_one(layer.in, layer.in_format, from) * scale.value[0] + bias.value[0];
      store_out(layer.out, to, activated(value, layer.activation));
      continue;
    }
    Numbers numbers = load(layer.in, layer.in_format, from);
#pragma unroll
    for (int i = 0; i < kVector; ++i)
      numbers.value[i] = activated(numbers.value[i] * scale.value[i] + bias.value[i], layer.activation);
    store_out(layer.out, to, numbers);
  }
}

/// A warp a row.
__global__ void __launch_bounds__(kThreads) softmax_rows_kernel(SoftmaxRows layer) {
  const std::int64_t row = row_of_warp();
  if (row >= layer.rows) return;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int vectors = static_cast<int>(layer.columns) / kVector;
  const std::int64_t first = row * layer.columns;
  Numbers numbers[kVectorsPerLane];
  float largest = -INFINITY;
#pragma unroll
  for (int j = 0; j < kVectorsPerLane; ++j) {
    const int vector = j * kWarp + lane;
    if (vector >= vectors) continue;
    numbers[j] = load(layer.in, layer.format, first + vector * kVector);
#pragma unroll
    for (int i = 0; i < kVector; ++i) largest = fmaxf(largest, numbers[j].value[i]);
  }
  largest = warp_largest(largest);
  float sum = 0;
#pragma unroll
  for (int j = 0; j < kVectorsPerLane; ++j) {
    if (j * kWarp + lane >= vectors) continue;
#pragma unroll
    for (int i = 0; i < kVector; ++i) sum += numbers[j].value[i] = expf(numbers[j].value[i] - largest);
  }
  const float factor = 1 / warp_sum(sum);
#pragma unroll
  for (int j = 0; j < kVectorsPerLane; ++j) {
    const int vector = j * kWarp + lane;
    if (vector >= vectors) continue;
#pragma unroll
    for (int i = 0; i < kVector; ++i) numbers[j].value[i] *= factor;
    store(layer.out, layer.format, first + vector * kVector, numbers[j]);
  }
}

/// A warp a row. The variance is that of the differences from the mean: of the squares it would lose its bits.
__global__ void __launch_bounds__(kThreads) add_normalize_kernel(AddNormalize layer) {
  const std::int64_t row = row_of_warp();
  if (row >= layer.rows) return;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int vectors = static_cast<int>(layer.columns) / kVector;
  const std::int64_t first = row * layer.columns;
  const auto count = static_cast<float>(layer.columns);
  Numbers sums[kVectorsPerLane];
  float sum = 0;
#pragma unroll
  for (int j = 0; j < kVectorsPerLane; ++j) {
    const int vector = j * kWarp + lane;
    if (vector >= vectors) continue;
    sums[j] = load(layer.x, layer.format, first + vector * kVector);
    const Numbers residual = load(layer.residual, layer.format, first + vector * kVector);
#pragma unroll
    for (int i = 0; i < kVector; ++i) sum += sums[j].value[i] += residual.value[i];
  }
  const float mean = warp_sum(sum) / count;
  float squares = 0;
#pragma unroll
  for (int j = 0; j < kVectorsPerLane; ++j) {
    if (j * kWarp + lane >= vectors) continue;
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      sums[j].value[i] -= mean;
      squares += sums[j].value[i] * sums[j].value[i];
    }
  }
  const float factor = 1 / sqrtf(warp_sum(squares) / count + static_cast<float>(kNormEpsilon));
#pragma unroll
  for (int j = 0; j < kVectorsPerLane; ++j) {
    const int vector = j * kWarp + lane;
    if (vector >= vectors) continue;
    const Numbers scale = load(layer.scale, Element::f32, vector * kVector);
    const Numbers shift = load(layer.shift, Element::f32, vector * kVector);
#pragma unroll
    for (int i = 0; i < kVector; ++i) sums[j].value[i] = sums[j].value[i] * factor * scale.value[i] + shift.value[i];
    store_out(layer.out, first + vector * kVector, sums[j]);
  }
}

/// A thread has 8 channels of an item.
__global__ void __launch_bounds__(kThreads) average_pool_kernel(AveragePool layer) {
  const std::int64_t vectors = layer.channels / kVector;
  const std::int64_t mine = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (mine >= layer.items * vectors) return;
  const std::int64_t item = mine / vectors;
  const std::int64_t channel = mine % vectors * kVector;
  Numbers sums = {};
#pragma unroll 4
  for (std::int64_t pixel = 0; pixel < layer.pixels; ++pixel) {
    const Numbers numbers = load(layer.in, layer.format, (item * layer.pixels + pixel) * layer.channels + channel);
#pragma unroll
    for (int i = 0; i < kVector; ++i) sums.value[i] += numbers.value[i];
  }
#pragma unroll
  for (int i = 0; i < kVector; ++i) sums.value[i] /= static_cast<float>(layer.pixels);
  store_out(layer.out, item * layer.channels + channel, sums);
}

namespace {

/// As <<<>>>, and a function that a test can stand in for.
template <class... Arguments>
cudaError_t start(void (*kernel)(Arguments...), dim3 grid, dim3 block, cudaStream_t stream, Arguments... arguments) {
  void* list[] = {&arguments...};
  return cudaLaunchKernel(kernel, grid, block, list, 0, stream);
}

constexpr std::int64_t kMostRows = 0x7FFFFFFF;  // and columns
constexpr std::int64_t kMostBlocksDown = 65535;

std::int64_t blocks_for(std::int64_t count, std::int64_t each) { return (count + each - 1) / each; }

bool is_wide(Element format) { return format == Element::f32 || format == Element::f16 || format == Element::bf16; }
bool good(const LayerOut& out) {
  if (out.wide == nullptr && out.narrow == nullptr) return false;
  return (out.wide == nullptr || is_wide(out.wide_format)) &&
         (out.narrow == nullptr || out.narrow_format == Element::s8 || out.narrow_format == Element::e4m3);
}
bool good_rows(std::int64_t rows, std::int64_t columns) {
  return rows > 0 && rows <= kMostRows && columns > 0 && columns <= kMostRows;
}
bool fit_in_warp(std::int64_t rows, std::int64_t columns) {
  return good_rows(rows, columns) && columns % kRowMultiple == 0 && columns <= kMostInRow;
}
unsigned blocks_of_rows(std::int64_t rows) { return static_cast<unsigned>(blocks_for(rows, kThreads / kWarp)); }

bool good_heads(const FinishLayer& layer) {
  if (layer.order == HeadOrder::none) return true;
  const std::int64_t parts = layer.order == HeadOrder::split ? 3 : 1;
  return layer.tokens > 0 && layer.heads > 0 && layer.rows % layer.tokens == 0 &&
         layer.columns % (parts * layer.heads * kVector) == 0;
}

}  // namespace

cudaError_t finish_layer(const FinishLayer& layer, cudaStream_t stream) {
  const bool readable = is_wide(layer.in_format) || layer.in_format == Element::s32;
  if (layer.in == nullptr || !readable || !good(layer.out) || !good_rows(layer.rows, layer.columns) ||
      !good_heads(layer) || (layer.order != HeadOrder::merge && layer.in_stride < layer.columns))
    return cudaErrorInvalidValue;
  const bool vectors = layer.columns % kVector == 0 && layer.in_stride % kVector == 0;
  const std::int64_t across = vectors ? layer.columns / kVector : layer.columns;
  unsigned width = kWarp;
  while (width < kThreads && width < across) width *= 2;
  const dim3 block(width, kThreads / width);
  const std::int64_t down = blocks_for(layer.rows, block.y);
  const dim3 grid(static_cast<unsigned>(blocks_for(across, width)),
                  static_cast<unsigned>(down < kMostBlocksDown ? down : kMostBlocksDown));
  return start(finish_layer_kernel, grid, block, stream, layer, vectors);
}

cudaError_t softmax_rows(const SoftmaxRows& layer, cudaStream_t stream) {
  if (layer.in == nullptr || layer.out == nullptr || !is_wide(layer.format) || !fit_in_warp(layer.rows, layer.columns))
    return cudaErrorInvalidValue;
  return start(softmax_rows_kernel, blocks_of_rows(layer.rows), kThreads, stream, layer);
}

cudaError_t add_normalize(const AddNormalize& layer, cudaStream_t stream) {
  if (layer.x == nullptr || layer.residual == nullptr || layer.scale == nullptr || layer.shift == nullptr ||
      !is_wide(layer.format) || !good(layer.out) || !fit_in_warp(layer.rows, layer.columns))
    return cudaErrorInvalidValue;
  return start(add_normalize_kernel, blocks_of_rows(layer.rows), kThreads, stream, layer);
}

cudaError_t average_pool(const AveragePool& layer, cudaStream_t stream) {
  if (layer.in == nullptr || !is_wide(layer.format) || !good(layer.out) || layer.pixels <= 0 ||
      !good_rows(layer.items, layer.channels) || layer.channels % kVector != 0)
    return cudaErrorInvalidValue;
  const std::int64_t blocks = blocks_for(layer.items * (layer.channels / kVector), kThreads);
  if (blocks > kMostRows) return cudaErrorInvalidValue;
  return start(average_pool_kernel, static_cast<unsigned>(blocks), kThreads, stream, layer);
}

}  // namespace peakproof::kernels
