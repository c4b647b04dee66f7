// The WMMA matrix products on the host, by their own source: every thread of a block a thread of the process, with
// tensor cores and asynchronous copies that are emulated (tests/kernels/emulated). What this shows is which element
// goes where and when; what a real tensor core does is gemm_gpu_test's.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "kernels/tensor/gemm_elements.hpp"

// The source is a kernel's, with array bounds of type int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include "kernels/tensor/wmma_gemm.cuh"
#pragma GCC diagnostic pop

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

double operand_at(Element element, const std::vector<std::uint8_t>& matrix, std::int64_t index) {
  switch (element) {
    case Element::f64:
      return value_at<Element::f64>(matrix.data(), index);
    case Element::tf32:
      return value_at<Element::f32>(matrix.data(), index);
    case Element::f16:
      return value_at<Element::f16>(matrix.data(), index);
    case Element::bf16:
      return value_at<Element::bf16>(matrix.data(), index);
    case Element::s8:
      return value_at<Element::s8>(matrix.data(), index);
    case Element::s4:
      return value_at<Element::s4>(matrix.data(), index);
    case Element::b1:
      return value_at<Element::b1>(matrix.data(), index);
    default:
      return 0;
  }
}

std::vector<std::uint8_t> matrix(MatrixData data, Element element, std::uint64_t seed, std::int64_t elements) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(bytes_of(element, elements)));
  const int bits = bits_of(element);
  for (std::int64_t i = 0; i < elements; ++i) {
    const std::uint64_t value = bits_at(data, element, seed, static_cast<std::uint64_t>(i));
    for (int bit = 0; bit < bits; ++bit)
      bytes[static_cast<std::size_t>((i * bits + bit) / 8)] |=
          static_cast<std::uint8_t>((value >> unsigned(bit) & 1) << unsigned((i * bits + bit) % 8));
  }
  return bytes;
}

/// Runs the kernel's body, block after block.
template <WmmaType type>
void run(const GemmShape& shape, const void* a, const void* b, void* c) {
  const GemmTile tile = WmmaGemm{type, {}}.tile();
  const auto blocks = static_cast<unsigned>(shape.m / tile.m * (shape.n / tile.n));
  constexpr int bytes = wmma_gemm::shared_bytes(type, wmma_gemm::kPlan);
  for (unsigned index = 0; index < blocks; ++index) {
    std::vector<std::uint8_t> shared(bytes + 32, 0xFF);
    auto* aligned = shared.data() + (32 - reinterpret_cast<std::uintptr_t>(shared.data()) % 32) % 32;
    emulated::Block block(WmmaGemm::threads);
    block.shared_begin = aligned;
    block.shared_end = aligned + bytes;
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < WmmaGemm::threads; ++thread)
      threads.emplace_back([&, thread] {
        emulated::block = &block;
        threadIdx = {thread, 0, 0};
        blockIdx = {index, 0, 0};
        wmma_gemm::multiply<type>(aligned, a, b, c, static_cast<int>(shape.m), static_cast<int>(shape.n),
                                  static_cast<int>(shape.k));
      });
    for (auto& thread : threads) thread.join();
  }
}

template <WmmaType type>
struct Kernel {
  static constexpr WmmaType value = type;
};
template <class K>
class Emulated : public testing::Test {};
#if EMULATED_ARCHITECTURE < 80
using Kernels = testing::Types<Kernel<WmmaType::fp16>, Kernel<WmmaType::fp16_acc16>, Kernel<WmmaType::int8>,
                               Kernel<WmmaType::int4>>;
#else
using Kernels =
    testing::Types<Kernel<WmmaType::fp16>, Kernel<WmmaType::fp16_acc16>, Kernel<WmmaType::bf16>, Kernel<WmmaType::tf32>,
                   Kernel<WmmaType::fp64>, Kernel<WmmaType::int8>, Kernel<WmmaType::int4>, Kernel<WmmaType::b1>>;
#endif
TYPED_TEST_SUITE(Emulated, Kernels);

TYPED_TEST(Emulated, EveryElementIsTheProduct) {
  constexpr WmmaType type = TypeParam::value;
  constexpr GemmTypes types = WmmaGemm{type, {}}.types();
  constexpr GemmTile tile = WmmaGemm{type, {}}.tile();
  for (const bool at_once : {false, true})
    for (const GemmTile tiles : {GemmTile{1, 1, 1}, GemmTile{2, 1, 2}, GemmTile{1, 2, 5}}) {
      emulated::copies_come_at_once = at_once;
      const GemmShape shape{std::int64_t{tiles.m} * tile.m, std::int64_t{tiles.n} * tile.n,
                            std::int64_t{tiles.k} * tile.k};
      const auto a = matrix(exact_data(types), types.operand, 1, shape.m * shape.k);
      const auto b = matrix(exact_data(types), types.operand, 2, shape.n * shape.k);
      std::vector<std::uint8_t> c(static_cast<std::size_t>(bytes_of(types.out, shape.m * shape.n)), 0xFF);
      run<type>(shape, a.data(), b.data(), c.data());

      std::vector<double> left;
      std::vector<double> right;
      for (std::int64_t i = 0; i < shape.m * shape.k; ++i) left.push_back(operand_at(types.operand, a, i));
      for (std::int64_t i = 0; i < shape.n * shape.k; ++i) right.push_back(operand_at(types.operand, b, i));
      int mismatches = 0;
      for (std::int64_t row = 0; row < shape.m; ++row)
        for (std::int64_t column = 0; column < shape.n; ++column) {
          double sum = 0;
          for (std::int64_t i = 0; i < shape.k; ++i)
            sum += left[static_cast<std::size_t>(row * shape.k + i)] *
                   right[static_cast<std::size_t>(column * shape.k + i)];
          if (!(result_at(types.out, c.data(), row * shape.n + column) == sum)) ++mismatches;
        }
      EXPECT_EQ(mismatches, 0) << shape.m << " x " << shape.n << " x " << shape.k
                               << (at_once ? ", copies at once" : ", copies late");
    }
}

}  // namespace
