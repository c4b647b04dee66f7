// wgmma_chain<Operation, n, steps>(operands, trips, out, trace): warpgroup matrix multiplies one behind the other. What a
// register, a tile in shared memory and the metadata mean is read here as PTX ISA tells it, from the side of the machine:
// thread by thread, and byte by byte. Nothing is known of how the program makes its operands.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels/probe/block_trace.hpp"
#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/tensor_rates.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::Element;

constexpr int kRows = 64;
constexpr int kThreads = 128;
constexpr int kSlices = 4;               // of A, of 32 bytes a row
constexpr int kTileBytes = kRows * 128;  // of A
constexpr double kSharedBytes = 128;     // that an SM's shared memory gives in a clock

/// How a trip's B is chosen: minus B in every trip whose number times this has its upper bit set.
using Turns = std::array<std::uint32_t, 2>;
constexpr Turns turns(unsigned first, unsigned second) { return {(1U << 31U) / first, (1U << 31U) / second}; }

struct Type {
  std::string name;  // in the kernel's
  Element operand;
  Element sum;
  TensorType rate;
  Turns turns;
};

/// A slice of A, zeros included, of B (a column is a row here), or D: row by row.
struct Matrix {
  int columns = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(int rows, int width, double value)
      : columns(width), values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width), value) {}
  [[nodiscard]] double at(int row, int column) const { return values[index(row, column)]; }
  double& at(int row, int column) { return values[index(row, column)]; }

 private:
  [[nodiscard]] std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column);
  }
};

class WgmmaKernel {
 public:
  WgmmaKernel(Type type, bool sparse, bool a_in_registers)
      : type_(std::move(type)), sparse_(sparse), a_in_registers_(a_in_registers) {}

  [[nodiscard]] std::string kernel() const {
    return "wgmma_chain<Wgmma" + type_.name + (sparse_ ? "Sparse" : "") + (a_in_registers_ ? "Registers>" : "Shared>");
  }

  /// What bounds an instruction: the tensor cores, or the bytes that come out of shared memory.
  [[nodiscard]] Cost cost(const Launch& launch) const {
    if (!exists()) return {};
    const int n = launch.template_numbers[0];
    const double multiply = kRows * double{1} * n * k() / (tensor_rate(type_.rate) * (sparse_ ? 2 : 1));
    const double read = ((a_in_registers_ ? 0 : kTileBytes / kSlices) + n * slice_bytes_of_b()) / kSharedBytes;
    const double instructions = double{1} * launch.argument<int>(1) * launch.template_numbers[1];
    return {.sm_cycles = static_cast<double>(launch.blocks_of_busiest_sm()) * instructions * std::max(multiply, read)};
  }

  cudaError_t answer(const Launch& launch) {
    const int n = launch.template_numbers[0];
    const std::int64_t bytes = kTileBytes + 2 * n * 128 + (sparse_ ? kThreads * 8 : 0);
    const auto* operands = elements(launch.argument<const unsigned char*>(0), bytes);
    auto* out = elements(launch.argument<std::uint32_t*>(2), launch.blocks() * kThreads);
    auto* trace = elements(launch.argument<kernels::BlockTrace*>(3), launch.blocks());
    if (!operands || !out || !trace) return cudaErrorIllegalAddress;
    if (!exists()) return cudaErrorLaunchFailure;  // its code there is a trap
    if (launch.block.x != kThreads) return cudaErrorLaunchFailure;

    const int trips = launch.argument<int>(1) - (launch.flaw == Flaw::shorter ? 1 : 0);
    const std::vector<std::uint64_t> parameters = {static_cast<std::uint64_t>(trips),
                                                   static_cast<std::uint64_t>(launch.blocks())};
    repetition_.unless_done(parameters, {operands}, out, [&] {
      const auto words = words_of(launch, operands, trips);
      for (std::int64_t i = 0; i < launch.blocks() * kThreads; ++i)
        out[i] = words[static_cast<std::size_t>(i % kThreads)];
      std::uint32_t& victim = out[launch.blocks() * kThreads / 2];
      if (launch.flaw == Flaw::wrong) victim ^= 1U;
      if (launch.flaw == Flaw::nan) victim = ~0U;
    });
    for (std::int64_t block = 0; block < launch.blocks(); ++block)
      trace[block] = {.begin_clk = std::llround(launch.interval.begin_cycles),
                      .end_clk = std::llround(launch.interval.cycles_at(launch.interval.end_ps)),
                      .smid = block % settings().sms};
    written(trace);
    return cudaSuccess;
  }

 private:
  [[nodiscard]] static bool exists() {
    constexpr int hopper = 90;
    return architecture().code == hopper;
  }
  [[nodiscard]] int element_bytes() const { return width_of(type_.operand) / 8; }
  [[nodiscard]] int slice_bytes_of_b() const { return sparse_ ? 64 : 32; }
  [[nodiscard]] int k() const { return slice_bytes_of_b() / element_bytes(); }

  [[nodiscard]] double number(const unsigned char* at) const {
    std::uint64_t bits = 0;
    std::memcpy(&bits, at, static_cast<std::size_t>(element_bytes()));
    return value_of(type_.operand, bits);
  }

  /// Of a tile in the 128-byte swizzle: address bits 4 to 6 are those of the byte in its row, xor the row's.
  template <class Visit>
  void visit_tile(const unsigned char* tile, int rows, const Visit& visit) const {
    for (int address = 0; address < rows * 128; address += element_bytes())
      visit(address / 128, (address ^ (address >> 7 & 7) << 4) % 128, number(tile + address));
  }

  /// Rows and bytes of the registers of A: threads of a warp by fours, and of each thread four registers.
  template <class Visit>
  void visit_registers(const unsigned char* registers, const Visit& visit) const {
    for (int thread = 0; thread < kThreads; ++thread)
      for (int slice = 0; slice < kSlices; ++slice)
        for (int byte = 0; byte < 16; byte += element_bytes()) {
          const int row = thread / 32 * 16 + thread % 32 / 4 + (byte / 4 % 2 == 1 ? 8 : 0);
          const int in_row = byte / 8 * 16 + thread % 4 * 4 + byte % 4;
          visit(row, slice * 32 + in_row,
                number(registers + std::ptrdiff_t{64} * thread + std::ptrdiff_t{16} * slice + byte));
        }
  }

  /// The four bits for one group of columns of a row, in the metadata of all threads.
  [[nodiscard]] unsigned metadata_of(const unsigned char* metadata, int pair, int row, int group) const {
    int thread = row / 16 * 32 + row % 8 * 4;
    int bit = group % 4 * 4;
    if (element_bytes() == 1) {  // a thread has 8 groups of one row
      thread += (row % 16 >= 8 ? 1 : 0) + (group >= 8 ? 2 : 0);
      bit = group % 8 * 4;
    } else {  // 4 groups of two rows
      thread += group >= 4 ? 1 : 0;
      bit += row % 16 >= 8 ? 16 : 0;
    }
    std::uint32_t word = 0;
    std::memcpy(&word, metadata + std::ptrdiff_t{8} * thread + std::ptrdiff_t{4} * pair, sizeof word);
    return word >> static_cast<unsigned>(bit) & 0xFU;
  }

  /// The column of the whole A that a stored element is of.
  [[nodiscard]] int whole_column(const unsigned char* metadata, int slice, int row, int column) const {
    if (!sparse_) return column;
    if (element_bytes() == 4) return 2 * column + (metadata_of(metadata, slice % 2, row, column) == 0xE ? 1 : 0);
    const unsigned bits = metadata_of(metadata, slice % 2, row, column / 2);
    return column / 2 * 4 + static_cast<int>(column % 2 == 0 ? bits & 3U : bits >> 2U);
  }

  [[nodiscard]] std::array<Matrix, kSlices> slices_of_a(const unsigned char* operands, const unsigned char* metadata,
                                                        Flaw flaw) const {
    std::array<Matrix, kSlices> a;
    a.fill({kRows, k(), 0});
    const auto take = [&](int row, int byte, double value) {
      const int slice = byte / 32;
      const int column = byte % 32 / element_bytes();
      if (flaw == Flaw::dropped && column == 0) return;
      const int whole = whole_column(metadata, slice, row, column);
      a[static_cast<std::size_t>(slice)].at(row, whole) = value;
    };
    if (a_in_registers_)
      visit_registers(operands, take);
    else
      visit_tile(operands, kRows, take);
    return a;
  }

  /// As four slices, whether the tile's rows hold four or two.
  [[nodiscard]] std::array<Matrix, kSlices> slices_of_b(const unsigned char* tile, int n) const {
    const int in_row = 128 / slice_bytes_of_b();
    std::array<Matrix, kSlices> b;
    b.fill({n, k(), 0});
    visit_tile(tile, n, [&](int column, int byte, double value) {
      for (int slice = byte / slice_bytes_of_b(); slice < kSlices; slice += in_row)
        b[static_cast<std::size_t>(slice)].at(column, byte % slice_bytes_of_b() / element_bytes()) = value;
    });
    return b;
  }

  [[nodiscard]] Matrix product(const Matrix& a, const Matrix& b, int n) const {
    Matrix d(kRows, n, 0);
    for (int row = 0; row < kRows; ++row)
      for (int column = 0; column < n; ++column) {
        double sum = 0;
        for (int i = 0; i < k(); ++i) sum += a.at(row, i) * b.at(column, i);
        d.at(row, column) = sum;
      }
    return d;
  }

  /// The product of each slice of A with its slice of B, and with that of minus B.
  const std::array<std::array<Matrix, kSlices>, 2>& products_of(const Launch& launch, const unsigned char* operands) {
    const int n = launch.template_numbers[0];
    const std::ptrdiff_t bytes_of_b = std::ptrdiff_t{128} * n;
    const std::vector<std::uint64_t> state = {version(operands), reinterpret_cast<std::uintptr_t>(operands),
                                              static_cast<std::uint64_t>(n)};
    if (state == multiplied_) return products_;
    multiplied_ = state;
    const unsigned char* const tiles = operands + kTileBytes;
    const auto a = slices_of_a(operands, tiles + 2 * bytes_of_b, launch.flaw);
    const std::array b = {slices_of_b(tiles, n), slices_of_b(tiles + bytes_of_b, n)};
    for (std::size_t sign = 0; sign < 2; ++sign)
      for (std::size_t slice = 0; slice < kSlices; ++slice)
        products_[sign][slice] = product(a[slice], b[sign][slice], n);
    return products_;
  }

  /// What each thread writes.
  [[nodiscard]] std::array<std::uint32_t, kThreads> words_of(const Launch& launch, const unsigned char* operands,
                                                             int trips) {
    const int n = launch.template_numbers[0];
    const int steps = launch.template_numbers[1];
    // How often each slice of A meets either B: the products are whole numbers, and none is rounded.
    std::array<std::array<double, kSlices>, 2> times{};
    for (int trip = 0; trip < trips; ++trip)
      for (int step = 0; step < steps; ++step) {
        const std::uint32_t turned = static_cast<std::uint32_t>(trip) * type_.turns[static_cast<std::size_t>(step % 2)];
        times[turned >> 31U][static_cast<std::size_t>(step % kSlices)] += 1;
      }
    times[0][0] += 1;
    times[0][1] += 1;
    Matrix d(kRows, n, 1);
    const auto& products = products_of(launch, operands);
    for (std::size_t sign = 0; sign < 2; ++sign)
      for (std::size_t slice = 0; slice < kSlices; ++slice)
        for (std::size_t i = 0; i < d.values.size(); ++i)
          d.values[i] += times[sign][slice] * products[sign][slice].values[i];
    return folded(d, n);
  }

  [[nodiscard]] std::array<std::uint32_t, kThreads> folded(const Matrix& d, int n) const {
    std::array<std::uint32_t, kThreads> words{};
    const int per_register = 32 / width_of(type_.sum);
    for (int thread = 0; thread < kThreads; ++thread) {
      std::uint32_t& word = words[static_cast<std::size_t>(thread)];
      for (int element = 0; element < n / 2; element += per_register) {
        std::uint32_t bits = 0;
        for (int part = 0; part < per_register; ++part) {
          const int e = element + part;
          const int row = thread / 32 * 16 + thread % 32 / 4 + (e / 2 % 2 == 1 ? 8 : 0);
          const int column = e / 4 * 8 + thread % 4 * 2 + e % 2;
          const std::uint64_t of_element = bits_of_value(type_.sum, d.at(row, column));
          bits |= static_cast<std::uint32_t>(of_element) << static_cast<unsigned>(part * width_of(type_.sum));
        }
        word = std::rotl(word ^ bits, 13) * 0x9E3779B1U;
      }
    }
    return words;
  }

  Type type_;
  bool sparse_;
  bool a_in_registers_;
  Repetition repetition_;
  std::vector<std::uint64_t> multiplied_;  // what the products are of
  std::array<std::array<Matrix, kSlices>, 2> products_;
};

std::vector<Model> make_models() {
  const std::vector<Type> types = {
      {"Fp16", Element::f16, Element::f32, TensorType::fp16, turns(12011, 13007)},
      {"Fp16Acc16", Element::f16, Element::f16, TensorType::fp16_acc16, turns(79, 83)},
      {"Bf16", Element::bf16, Element::f32, TensorType::bf16, turns(12011, 13007)},
      {"Tf32", Element::tf32, Element::f32, TensorType::tf32, turns(12011, 13007)},
      {"E4m3", Element::e4m3, Element::f32, TensorType::fp8, turns(167, 173)},
      {"E5m2", Element::e5m2, Element::f32, TensorType::fp8, turns(167, 173)},
      {"Int8", Element::s8, Element::s32, TensorType::int8, turns(12011, 13007)},
  };
  std::vector<Model> models;
  for (const Type& type : types)
    for (const bool sparse : {false, true})
      for (const bool a_in_registers : {false, true}) {
        const auto kernel = std::make_shared<WgmmaKernel>(type, sparse, a_in_registers);
        models.emplace_back(KernelModel{.name = "wgmma",
                                        .kernel = kernel->kernel(),
                                        .role = Role::measured,
                                        .cost = [kernel](const Launch& launch) { return kernel->cost(launch); },
                                        .answer = [kernel](const Launch& launch) { return kernel->answer(launch); }});
      }
  return models;
}

const std::vector<Model> kModels = make_models();

}  // namespace
}  // namespace peakproof::stand_in
