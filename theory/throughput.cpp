#include "theory/throughput.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <tuple>

#include "theory/throughput_rows.hpp"

namespace peakproof::theory {
namespace {

struct PipePair {
  Pipe from;
  Pipe to;
};

/// The `_sparse` pipe of each dense tensor pipe. FP64 and 1-bit have none.
constexpr std::array kSparsePipes = {
    PipePair{Pipe::tensor_fp16, Pipe::tensor_fp16_sparse},
    PipePair{Pipe::tensor_fp16_acc16, Pipe::tensor_fp16_acc16_sparse},
    PipePair{Pipe::tensor_bf16, Pipe::tensor_bf16_sparse},
    PipePair{Pipe::tensor_tf32, Pipe::tensor_tf32_sparse},
    PipePair{Pipe::tensor_int8, Pipe::tensor_int8_sparse},
    PipePair{Pipe::tensor_int4, Pipe::tensor_int4_sparse},
    PipePair{Pipe::tensor_fp8, Pipe::tensor_fp8_sparse},
    PipePair{Pipe::tensor_fp8_acc16, Pipe::tensor_fp8_acc16_sparse},
    PipePair{Pipe::tensor_fp6, Pipe::tensor_fp6_sparse},
    PipePair{Pipe::tensor_fp4, Pipe::tensor_fp4_sparse},
};

/// The pipe of the ceiling of mma.sync, where an architecture may have one.
constexpr std::array kMmaPipes = {
    PipePair{Pipe::tensor_fp16, Pipe::mma_fp16},
    PipePair{Pipe::tensor_fp16_acc16, Pipe::mma_fp16},  // both sums have one rate where there is a ceiling
    PipePair{Pipe::tensor_bf16, Pipe::mma_bf16},
    PipePair{Pipe::tensor_tf32, Pipe::mma_tf32},
    PipePair{Pipe::tensor_int8, Pipe::mma_int8},
    PipePair{Pipe::tensor_fp8, Pipe::mma_fp8},
};

constexpr std::optional<Pipe> partner(std::span<const PipePair> pairs, Pipe from) {
  for (const auto& pair : pairs)
    if (pair.from == from) return pair.to;
  return std::nullopt;
}

/// What only mma.sync multiplies, on every architecture.
constexpr std::array kMmaAlone = {Pipe::tensor_fp64, Pipe::tensor_int4, Pipe::tensor_b1, Pipe::tensor_int4_sparse};

constexpr ComputeCapability kFirstSparse{8, 0};

/// The row of the 2:4 sparse rate that belongs to a dense row; nothing before 8.0 and for what has no sparse form.
constexpr std::optional<Throughput> sparse_row(Throughput row) {
  const auto pipe = partner(kSparsePipes, row.pipe);
  if (!pipe || row.compute_capability < kFirstSparse) return std::nullopt;
  const bool fp4_of_b300 = row.compute_capability == ComputeCapability{10, 3} && row.pipe == Pipe::tensor_fp4;
  row.results_per_clk_per_sm = fp4_of_b300 ? row.results_per_clk_per_sm * 4 / 3 : row.results_per_clk_per_sm * 2;
  row.sparsity_source = fp4_of_b300 ? sources::kSparsityFp4B300 : sources::kSparsity;
  row.pipe = *pipe;
  return row;
}

constexpr auto key(const Throughput& row) { return std::tuple(row.compute_capability, row.pipe, row.variant); }
constexpr bool before(const Throughput& a, const Throughput& b) { return key(a) < key(b); }

constexpr std::size_t sparse_row_count() {
  return static_cast<std::size_t>(std::count_if(rows::kRows.begin(), rows::kRows.end(),
                                                [](const Throughput& row) { return sparse_row(row).has_value(); }));
}

constexpr auto kTable = [] {
  std::array<Throughput, rows::kRows.size() + sparse_row_count()> table{};
  auto* out = std::copy(rows::kRows.begin(), rows::kRows.end(), table.begin());
  for (const auto& row : rows::kRows)
    if (const auto sparse = sparse_row(row)) *out++ = *sparse;
  std::sort(table.begin(), table.end(), before);
  return table;
}();

constexpr bool any_row(bool (*condition)(const Throughput&)) {
  return std::any_of(kTable.begin(), kTable.end(), condition);
}
constexpr auto kNotAfter = [](const Throughput& a, const Throughput& b) { return !before(a, b); };

static_assert(std::is_sorted(rows::kRows.begin(), rows::kRows.end(), before),
              "rows are written in the order of compute capability, pipe, variant");
static_assert(std::adjacent_find(kTable.begin(), kTable.end(), kNotAfter) == kTable.end(), "no row is given twice");
static_assert(!any_row([](const Throughput& row) {
  return !(row.results_per_clk_per_sm > 0) || row.results_per_clk_per_sm > 1e6;
}),
              "rates are positive, and none is absurd");
static_assert(!any_row([](const Throughput& row) { return row.source.empty(); }), "every rate has a source");
static_assert(!any_row([](const Throughput& row) {
  return (row.disputed || row.confidence != Confidence::high) && row.note.empty();
}),
              "what is disputed or uncertain says why");
static_assert(!any_row([](const Throughput& row) {
  return row.pipe == Pipe::dram || row.pipe == Pipe::l2 || row.pipe == Pipe::pcie || row.pipe == Pipe::nvlink;
}),
              "device memory, L2 and links have no rate per SM");
static_assert(std::is_sorted(rows::kL2Rows.begin(), rows::kL2Rows.end(),
                             [](const L2Throughput& a, const L2Throughput& b) {
                               return std::tuple(a.compute_capability, a.l2_bytes) <
                                      std::tuple(b.compute_capability, b.l2_bytes);
                             }) &&
                  std::all_of(rows::kL2Rows.begin(), rows::kL2Rows.end(),
                              [](const L2Throughput& row) {
                                return row.l2_bytes > 0 && row.bytes_per_clk > 0 && !row.source.empty();
                              }),
              "L2 rows are sorted, positive and sourced");

const Throughput* find_exactly(ComputeCapability cc, Variant variant, Pipe pipe) {
  const Throughput wanted{cc, pipe, variant};
  const auto* found = std::lower_bound(kTable.begin(), kTable.end(), wanted, before);
  return found != kTable.end() && key(*found) == key(wanted) ? found : nullptr;
}

}  // namespace

std::span<const Throughput> throughputs() { return kTable; }

const Throughput* find_throughput(ComputeCapability cc, Variant variant, Pipe pipe) {
  if (const auto* exact = find_exactly(cc, variant, pipe)) return exact;
  return find_exactly(cc, Variant::any, pipe);
}

std::span<const L2Throughput> l2_throughputs() { return rows::kL2Rows; }

const L2Throughput* find_l2_throughput(ComputeCapability cc, std::int64_t l2_bytes) {
  const auto* found = std::find_if(rows::kL2Rows.begin(), rows::kL2Rows.end(), [&](const L2Throughput& row) {
    return row.compute_capability == cc && row.l2_bytes == l2_bytes;
  });
  return found == rows::kL2Rows.end() ? nullptr : found;
}

Pipe mma_pipe(const DeviceSpec& device, Pipe tensor) {
  const auto ceiling = partner(kMmaPipes, tensor);
  const bool limited = device.kind == DeviceKind::gpu && ceiling &&
                       find_throughput(device.compute_capability, device.variant, *ceiling) != nullptr;
  return limited ? *ceiling : tensor;
}

std::optional<Pipe> mma_ceiling(const DeviceSpec& device, Pipe tensor) {
  const Pipe reached = mma_pipe(device, tensor);
  const int major = device.compute_capability.major;
  const bool faster_elsewhere = device.kind == DeviceKind::gpu && major >= 9 && major <= 11 &&
                                std::find(kMmaAlone.begin(), kMmaAlone.end(), tensor) == kMmaAlone.end();
  return reached == tensor && faster_elsewhere ? std::nullopt : std::optional(reached);
}

}  // namespace peakproof::theory
