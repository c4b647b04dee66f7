// The STREAM patterns: 256 threads a block, 8 vectors of 16 bytes a thread, or 4 of each of two inputs.
#include "kernels/memory/stream.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kElementsPerVector = 2;

/// What a launch works on: elements of 8 bytes.
struct Part {
  kernels::StreamOperands operands;
  std::int64_t per_block = 0;  ///< elements of one buffer
  std::int64_t count = 0;      ///< of one buffer

  Part(const Launch& launch, int inputs)
      : operands(launch.argument<kernels::StreamOperands>(0)),
        per_block(std::int64_t{launch.block.x} * kElementsPerVector * (inputs == 2 ? 4 : 8)),
        count(launch.blocks() * per_block) {}
};

double number(std::uint64_t bits) { return std::bit_cast<double>(bits); }
std::uint64_t bits(double number) { return std::bit_cast<std::uint64_t>(number); }

using Map = std::uint64_t (*)(const kernels::StreamOperands&, std::uint64_t index, std::uint64_t x, std::uint64_t y);
/// Adds what x and y have to add.
using Sum = std::uint64_t (*)(std::uint64_t sum, std::uint64_t x, std::uint64_t y);

bool has_inputs(const Part& part, int inputs) {
  return (inputs < 1 || elements(static_cast<const std::uint64_t*>(part.operands.x), part.count)) &&
         (inputs < 2 || elements(static_cast<const std::uint64_t*>(part.operands.y), part.count));
}

template <class Work>
void once(const Part& part, const Work& work) {
  static Repetition repetition;
  const auto& operands = part.operands;
  repetition.unless_done({static_cast<std::uint64_t>(part.count), static_cast<std::uint64_t>(part.per_block),
                          bits(operands.scalar), operands.words.first, operands.words.step},
                         {operands.x, operands.y}, operands.out, work);
}

std::uint64_t at(const void* buffer, std::int64_t index) {
  return buffer ? static_cast<const std::uint64_t*>(buffer)[index] : 0;
}

cudaError_t map(const Launch& launch, int inputs, Map element) {
  const Part part(launch, inputs);
  auto* out = elements(static_cast<std::uint64_t*>(part.operands.out), part.count);
  if (!out || !has_inputs(part, inputs)) return cudaErrorIllegalAddress;
  once(part, [&] {
    const std::int64_t done = launch.flaw == Flaw::shorter ? part.count - kElementsPerVector : part.count;
    for (std::int64_t i = 0; i < done; ++i)
      out[i] = element(part.operands, static_cast<std::uint64_t>(i), at(part.operands.x, i), at(part.operands.y, i));
    if (launch.flaw == Flaw::wrong) out[part.count / 2] ^= 1U;
    if (launch.flaw == Flaw::nan) out[part.count / 2] = std::numeric_limits<std::uint64_t>::max();
  });
  return cudaSuccess;
}

cudaError_t sum(const Launch& launch, int inputs, Sum add) {
  const Part part(launch, inputs);
  auto* out = elements(static_cast<std::uint64_t*>(part.operands.out), launch.blocks());
  if (!out || !has_inputs(part, inputs)) return cudaErrorIllegalAddress;
  once(part, [&] {
    for (std::int64_t block = 0; block < launch.blocks(); ++block) {
      const std::int64_t first = block * part.per_block;
      std::int64_t end = first + part.per_block;
      if (launch.flaw == Flaw::dropped) --end;
      if (launch.flaw == Flaw::shorter && block + 1 == launch.blocks()) end -= kElementsPerVector;
      std::uint64_t total = 0;  // 0.0 as well
      for (std::int64_t i = first; i < end; ++i) total = add(total, at(part.operands.x, i), at(part.operands.y, i));
      out[block] = total;
    }
    if (launch.flaw == Flaw::wrong) out[launch.blocks() / 2] ^= 1U;
    if (launch.flaw == Flaw::nan) out[launch.blocks() / 2] = std::numeric_limits<std::uint64_t>::max();
  });
  return cudaSuccess;
}

/// `buffers` are read or written.
KernelModel model(const char* name, const char* kernel, int inputs, int buffers,
                  const std::function<cudaError_t(const Launch&)>& answer) {
  return {.name = name,
          .kernel = kernel,
          .role = Role::measured,
          .cost =
              [=](const Launch& launch) {
                return Cost{.dram_bytes = 8.0 * buffers * static_cast<double>(Part(launch, inputs).count)};
              },
          .answer = answer};
}
KernelModel map_model(const char* name, const char* kernel, int inputs, Map element) {
  return model(name, kernel, inputs, inputs + 1, [=](const Launch& launch) { return map(launch, inputs, element); });
}
KernelModel sum_model(const char* name, const char* kernel, int inputs, Sum add) {
  return model(name, kernel, inputs, inputs, [=](const Launch& launch) { return sum(launch, inputs, add); });
}

using Operands = kernels::StreamOperands;
using Word = std::uint64_t;

const Model kRead(sum_model("stream_read", "stream<Read>", 1, [](Word sum, Word x, Word) { return sum + x; }));
const Model kWrite(map_model("stream_write", "stream<Write>", 0, [](const Operands& operands, Word index, Word, Word) {
  return operands.words.first + index * operands.words.step;
}));
const Model kCopy(map_model("stream_copy", "stream<Copy>", 1, [](const Operands&, Word, Word x, Word) { return x; }));
const Model kScale(map_model("stream_scale", "stream<Scale>", 1, [](const Operands& operands, Word, Word x, Word) {
  return bits(operands.scalar * number(x));
}));
const Model kAdd(map_model("stream_add", "stream<Add>", 2,
                           [](const Operands&, Word, Word x, Word y) { return bits(number(x) + number(y)); }));
const Model kTriad(map_model("stream_triad", "stream<Triad>", 2, [](const Operands& operands, Word, Word x, Word y) {
  return bits(std::fma(operands.scalar, number(y), number(x)));
}));
const Model kDot(sum_model("stream_dot", "stream<Dot>", 2,
                           [](Word sum, Word x, Word y) { return bits(std::fma(number(x), number(y), number(sum))); }));

}  // namespace
}  // namespace peakproof::stand_in
