// The STREAM patterns in device memory: read, write, copy, scale, add, triad and dot.
//
//   idea     each thread asks for 8 x 16 bytes (of two inputs 4 x 16 of each) before it waits for the first, and a grid
//            of short-lived blocks covers the buffers exactly: 256 threads x 128 bytes are 32 KiB in flight a block, and
//            the blocks that fit an SM together keep more in flight than latency x bandwidth demands (27 KiB an SM on an
//            H200, by Little's law)
//   work     every byte read or written once: read, write 1 x bytes of a buffer; copy, scale, dot 2 x; add, triad 3 x
//   machine  straight-line code: 8 loads of 16 bytes, a warp's 32 of them contiguous, all before the first is waited for,
//            and as many stores as the pattern has; read and dot add up in registers and store 8 bytes a block (of 32 KiB); no other access
//   sass  sm_75  kernel  stream<Read>   LDG.E.128.SYS=8 LDG=8 LDG.ahead=8 STG.E.64.SYS=1 STG=1 LD=0 ST=0 loops=0
//   sass  sm_75  kernel  stream<Write>  STG.E.128.SYS=8 STG=8 LDG=0 LD=0 ST=0 loops=0
//   sass  sm_75  kernel  stream<Copy>   LDG.E.128.SYS=8 STG.E.128.SYS=8 LDG=8 LDG.ahead=8 STG=8 LD=0 ST=0 loops=0
//   sass  sm_75  kernel  stream<Scale>  LDG.E.128.SYS=8 STG.E.128.SYS=8 LDG=8 LDG.ahead=8 STG=8 DMUL=16 LD=0 ST=0 loops=0
//   sass  sm_75  kernel  stream<Add>    LDG.E.128.SYS=8 STG.E.128.SYS=4 LDG=8 LDG.ahead=8 STG=4 DADD=8 LD=0 ST=0 loops=0
//   sass  sm_75  kernel  stream<Triad>  LDG.E.128.SYS=8 STG.E.128.SYS=4 LDG=8 LDG.ahead=8 STG=4 DFMA=8 LD=0 ST=0 loops=0
//   sass  sm_75  kernel  stream<Dot>    LDG.E.128.SYS=8 LDG=8 LDG.ahead=8 STG.E.64.SYS=1 STG=1 DFMA=8 LD=0 ST=0 loops=0
//   sass  sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  stream<Read>   LDG.E.128=8 LDG=8 LDG.ahead=8 STG.E.64=1
//            STG=1 LD=0 ST=0 loops=0
//   sass  sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  stream<Write>  STG.E.128=8 STG=8 LDG=0 LD=0 ST=0 loops=0
//   sass  sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  stream<Copy>   LDG.E.128=8 STG.E.128=8 LDG=8 LDG.ahead=8
//            STG=8 LD=0 ST=0 loops=0
//   sass  sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  stream<Scale>  LDG.E.128=8 STG.E.128=8 LDG=8 LDG.ahead=8
//            STG=8 DMUL=16 LD=0 ST=0 loops=0
//   sass  sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  stream<Add>    LDG.E.128=8 STG.E.128=4 LDG=8 LDG.ahead=8
//            STG=4 DADD=8 LD=0 ST=0 loops=0
//   sass  sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  stream<Triad>  LDG.E.128=8 STG.E.128=4 LDG=8 LDG.ahead=8
//            STG=4 DFMA=8 LD=0 ST=0 loops=0
//   sass  sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  stream<Dot>    LDG.E.128=8 LDG=8 LDG.ahead=8 STG.E.64=1
//            STG=1 DFMA=8 LD=0 ST=0 loops=0
//   limit    Pipe::dram
//   answer   a map leaves in every element what its position demands, rounded to nearest; read the sum of each block's
//            words modulo 2^64; dot the sum of each block's products, exact of operands with 20 significant bits
#include "kernels/memory/stream.cuh"
#include "kernels/memory/stream.hpp"

namespace peakproof::kernels {
namespace streaming {

// What is done with the elements of x and y at one position; of a map the new element, of a sum what it adds.
struct Read {
  using Element = std::uint64_t;
  static constexpr int inputs = 1;
  static constexpr bool sums = true;
  static __device__ Element add(Element sum, Element x, Element /*y*/) { return sum + x; }
};
struct Write {
  using Element = std::uint64_t;
  static constexpr int inputs = 0;
  static constexpr bool sums = false;
};
struct Copy {
  using Element = std::uint64_t;
  static constexpr int inputs = 1;
  static constexpr bool sums = false;
  static __device__ Element map(Element x, Element /*y*/, double /*s*/) { return x; }
};
struct Scale {
  using Element = double;
  static constexpr int inputs = 1;
  static constexpr bool sums = false;
  static __device__ Element map(Element x, Element /*y*/, double s) { return __dmul_rn(s, x); }
};
struct Add {
  using Element = double;
  static constexpr int inputs = 2;
  static constexpr bool sums = false;
  static __device__ Element map(Element x, Element y, double /*s*/) { return __dadd_rn(x, y); }
};
struct Triad {
  using Element = double;
  static constexpr int inputs = 2;
  static constexpr bool sums = false;
  static __device__ Element map(Element x, Element y, double s) { return __fma_rn(s, y, x); }
};
struct Dot {
  using Element = double;
  static constexpr int inputs = 2;
  static constexpr bool sums = true;
  static __device__ Element add(Element sum, Element x, Element y) { return __fma_rn(x, y, sum); }
};

}  // namespace streaming

// With room for one block's registers an SM: for more blocks the compiler would save registers, and let the first loads be
// waited for before it asks for the last.
template <class Pattern>
__global__ void __launch_bounds__(StreamKernel::threads, 1) stream(StreamOperands operands) {
  using Element = typename Pattern::Element;
  using Vector = streaming::Vector<Element>;
  constexpr int threads = StreamKernel::threads;
  constexpr int count = StreamKernel::vectors_per_thread / (Pattern::inputs == 2 ? 2 : 1);
  const std::int64_t first = std::int64_t{blockIdx.x} * (threads * count) + threadIdx.x;

  Vector x[count] = {};
  Vector y[count] = {};
  if constexpr (Pattern::inputs >= 1) streaming::load(static_cast<const Vector*>(operands.x) + first, threads, x);
  if constexpr (Pattern::inputs >= 2) streaming::load(static_cast<const Vector*>(operands.y) + first, threads, y);

  if constexpr (Pattern::sums) {
    Element sum = 0;
#pragma unroll
    for (int i = 0; i < count; ++i) {
      sum = Pattern::add(sum, x[i].first, y[i].first);
      sum = Pattern::add(sum, x[i].second, y[i].second);
    }
    sum = streaming::block_sum<threads>(sum);
    if (threadIdx.x == 0) static_cast<Element*>(operands.out)[blockIdx.x] = sum;
  } else {
    Vector* out = static_cast<Vector*>(operands.out) + first;
    if constexpr (Pattern::inputs == 0) {
      const WordSequence words = operands.words;
      Element word = words.first + static_cast<std::uint64_t>(2 * first) * words.step;
#pragma unroll
      for (int i = 0; i < count; ++i) {
        out[i * threads] = {word, word + words.step};
        word += 2 * threads * words.step;
      }
    } else {
#pragma unroll
      for (int i = 0; i < count; ++i) {
        out[i * threads] = {Pattern::map(x[i].first, y[i].first, operands.scalar),
                            Pattern::map(x[i].second, y[i].second, operands.scalar)};
      }
    }
  }
}

cudaError_t launch(const StreamKernel& kernel, const StreamOperands& operands, cudaStream_t stream_to) {
  constexpr std::int64_t most_blocks = 0x7FFFFFFF;
  if (kernel.bytes < 1 || kernel.bytes % StreamKernel::granule != 0 || kernel.blocks() > most_blocks ||
      operands.out == nullptr || (kernel.inputs() >= 1) != (operands.x != nullptr) ||
      (kernel.inputs() >= 2) != (operands.y != nullptr))
    return cudaErrorInvalidValue;
  const auto start = [&](auto* function) {
    function<<<static_cast<unsigned>(kernel.blocks()), StreamKernel::threads, 0, stream_to>>>(operands);
    return cudaGetLastError();
  };
  switch (kernel.pattern) {
    case StreamPattern::read:
      return start(stream<streaming::Read>);
    case StreamPattern::write:
      return start(stream<streaming::Write>);
    case StreamPattern::copy:
      return start(stream<streaming::Copy>);
    case StreamPattern::scale:
      return start(stream<streaming::Scale>);
    case StreamPattern::add:
      return start(stream<streaming::Add>);
    case StreamPattern::triad:
      return start(stream<streaming::Triad>);
    case StreamPattern::dot:
      return start(stream<streaming::Dot>);
  }
  return cudaErrorInvalidValue;
}

}  // namespace peakproof::kernels
