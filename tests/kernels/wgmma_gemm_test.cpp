// The matrix product of Hopper by the host: what it accepts, the order of its tiles, and where its store puts C.
#include "kernels/tensor/wgmma_gemm.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kernels/tensor/tensor_map.hpp"

namespace {

using peakproof::kernels::BandedOrder;
using peakproof::kernels::Element;
using peakproof::kernels::even_workers;
using peakproof::kernels::GemmShape;
using peakproof::kernels::make_plan;
using peakproof::kernels::make_tensor_map;
using peakproof::kernels::TilePosition;
using peakproof::kernels::WgmmaGemm;
using peakproof::kernels::WgmmaGemmPlan;

// ---- what it accepts ----

bool fits(Element operand, std::int64_t m, std::int64_t n, std::int64_t k) {
  return WgmmaGemm{operand, GemmShape{m, n, k}}.fits();
}

TEST(WgmmaGemm, FitsMultiplesOfItsTile) {
  EXPECT_TRUE(fits(Element::bf16, 256, 256, 64));
  EXPECT_TRUE(fits(Element::e4m3, 256, 256, 128));
  EXPECT_TRUE(fits(Element::e5m2, 768, 1280, 896));
  EXPECT_TRUE(fits(Element::bf16, 8192, 8192, 8192));
  EXPECT_TRUE(fits(Element::bf16, 8448, 8192, 8192));
}

TEST(WgmmaGemm, FitsNothingElse) {
  EXPECT_FALSE(fits(Element::bf16, 128, 256, 64));
  EXPECT_FALSE(fits(Element::bf16, 256, 128, 64));
  EXPECT_FALSE(fits(Element::bf16, 256, 256, 32));
  EXPECT_FALSE(fits(Element::e4m3, 256, 256, 64));
  EXPECT_FALSE(fits(Element::bf16, 0, 256, 64));
  EXPECT_FALSE(fits(Element::bf16, 256, -256, 64));
  EXPECT_FALSE(fits(Element::bf16, 256, 256, 0));
  EXPECT_FALSE(fits(Element::bf16, std::int64_t{1} << 31U, 256, 64));
  constexpr std::int64_t largest = (std::int64_t{1} << 31U) - 256;
  EXPECT_TRUE(fits(Element::bf16, largest, 256, 64));
  EXPECT_FALSE(fits(Element::bf16, largest, largest, 64));  // 2^46 tiles
  EXPECT_FALSE(fits(Element::f16, 256, 256, 64));
  EXPECT_FALSE(fits(Element::s8, 256, 256, 128));
}

TEST(WgmmaGemm, RefusesWhatDoesNotFitBeforeItTouchesADevice) {
  WgmmaGemmPlan plan;
  EXPECT_EQ(make_plan({Element::bf16, GemmShape{100, 100, 100}}, nullptr, nullptr, nullptr, &plan),
            cudaErrorInvalidValue);
  EXPECT_EQ(make_plan({Element::bf16, GemmShape{256, 256, 64}}, nullptr, nullptr, nullptr, nullptr),
            cudaErrorInvalidValue);
  EXPECT_EQ(launch(WgmmaGemmPlan{}, nullptr), cudaErrorInvalidValue);
  CUtensorMap map{};
  EXPECT_EQ(make_tensor_map({Element::b1, nullptr, 16, 128}, 16, &map), cudaErrorInvalidValue);
  EXPECT_EQ(make_tensor_map({Element::bf16, nullptr, 0, 128}, 16, &map), cudaErrorInvalidValue);
}

TEST(WgmmaGemm, FillsSharedMemoryAndNoMore) {
  constexpr int largest_block = 227 * 1024;
  EXPECT_LE(WgmmaGemm::shared_bytes, largest_block);
  EXPECT_GT(WgmmaGemm::shared_bytes + WgmmaGemm::stage_bytes, largest_block);  // no further stage fits
  EXPECT_EQ(WgmmaGemm::stage_bytes % WgmmaGemm::alignment, 0);
}

TEST(WgmmaGemm, EachTypeHasAKernelOfItsOwn) {
  std::set<std::string> symbols;
  for (const Element operand : {Element::bf16, Element::e4m3, Element::e5m2}) {
    const WgmmaGemm gemm{operand, {}};
    EXPECT_EQ(gemm.tile().k * bits_of(operand), 8 * WgmmaGemm::slab_bytes);
    symbols.insert(gemm.symbol());
  }
  EXPECT_EQ(symbols.size(), 3U);
  EXPECT_STREQ((WgmmaGemm{Element::f64, {}}.symbol()), "");
}

// ---- the order of the tiles ----

TEST(BandedOrder, TakesEveryTileOnce) {
  for (int rows = 1; rows <= 21; ++rows) {
    for (int columns = 1; columns <= 21; ++columns) {
      for (const int band : {1, 2, 3, 8, 16, 64}) {
        const BandedOrder order{rows, columns, band};
        std::set<std::pair<int, int>> seen;
        for (int i = 0; i < order.tiles(); ++i) {
          const TilePosition at = order.at(i);
          ASSERT_TRUE(at.row >= 0 && at.row < rows && at.column >= 0 && at.column < columns);
          seen.emplace(at.row, at.column);
        }
        ASSERT_EQ(seen.size(), static_cast<std::size_t>(order.tiles())) << rows << " x " << columns << ", " << band;
      }
    }
  }
}

TEST(BandedOrder, WalksBandsForthAndBack) {
  constexpr BandedOrder order{5, 3, 2};
  std::vector<std::pair<int, int>> walk;
  walk.reserve(static_cast<std::size_t>(order.tiles()));
  for (int i = 0; i < order.tiles(); ++i) walk.emplace_back(order.at(i).row, order.at(i).column);
  const std::vector<std::pair<int, int>> expected = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}, {1, 2}, {2, 2}, {3, 2},
                                                     {2, 1}, {3, 1}, {2, 0}, {3, 0}, {4, 0}, {4, 1}, {4, 2}};
  EXPECT_EQ(walk, expected);
}

/// Panels of A and B, of a tile's rows or columns, that the tiles of one turn need together.
std::size_t panels(const BandedOrder& order, int first, int count) {
  std::set<int> rows;
  std::set<int> columns;
  for (int i = first; i < first + count && i < order.tiles(); ++i) {
    rows.insert(order.at(i).row);
    columns.insert(order.at(i).column);
  }
  return rows.size() + columns.size();
}

TEST(BandedOrder, KeepsTheTilesOfATurnTogether) {
  const auto order = WgmmaGemm{Element::bf16, GemmShape{8192, 8192, 8192}}.order();
  constexpr int clusters = 64;
  for (int first = 0; first < order.tiles(); first += clusters) {
    EXPECT_EQ(panels(order, first, clusters), 16U);  // 8 x 8 tiles: the fewest there can be
  }
}

TEST(BandedOrder, CountsTilesBeyond16Bits) {
  const auto order = WgmmaGemm{Element::bf16, GemmShape{std::int64_t{256} << 22U, 65536, 64}}.order();
  EXPECT_EQ(order.tiles(), 1 << 30);
  const TilePosition last = order.at(order.tiles() - 1);
  EXPECT_EQ(last.row, (1 << 22) - 1);
  EXPECT_EQ(last.column, 0);  // the number of bands is even
}

TEST(EvenWorkers, NeedNoMoreTurnsThanAllWould) {
  EXPECT_EQ(even_workers(1024, 66), 64);  // 16 turns either way
  EXPECT_EQ(even_workers(1056, 66), 66);
  EXPECT_EQ(even_workers(5, 66), 5);
  EXPECT_EQ(even_workers(67, 66), 34);
  EXPECT_EQ(even_workers(1 << 30, 66), 66);
  for (int tiles = 1; tiles < 600; ++tiles) {
    for (int most = 1; most < 80; ++most) {
      const int workers = even_workers(tiles, most);
      const auto turns = [&](int of) { return (tiles + of - 1) / of; };
      ASSERT_TRUE(workers >= 1 && workers <= most);
      ASSERT_EQ(turns(workers), turns(most));
      ASSERT_TRUE(workers == 1 || turns(workers - 1) > turns(most));
    }
  }
}

// ---- how C leaves ----

/// The element of C that thread `thread` of a warpgroup has in sum `index`, by PTX ISA's figure of the accumulator of
/// wgmma (m64nNk16): rows by warps of 16, by lanes / 4 and by 8; columns by 8, by pairs of lanes % 4.
std::pair<int, int> element_of(int thread, int index) {
  const int row = thread / 32 * 16 + thread % 32 / 4 + index / 2 % 2 * 8;
  const int column = index / 4 * 8 + thread % 4 * 2 + index % 2;
  return {row, column};
}

/// stmatrix, then a TMA store of boxes of 16 rows x 128 bytes in the 128-byte swizzle, as PTX ISA and the driver API
/// describe them: every element must arrive where it belongs.
TEST(WgmmaGemm, StoresEachSumWhereItBelongs) {
  constexpr int sums = 128;
  constexpr int half_pairs = sums / 4;
  constexpr int box_bytes = 16 * 128;
  for (int warp = 0; warp < 4; ++warp) {
    for (int half = 0; half < 2; ++half) {
      std::vector<std::pair<int, int>> shared(2 * box_bytes / 2, {-1, -1});  // by place: the element that was put there
      for (int step = 0; step < half_pairs / 4; ++step) {
        for (int matrix = 0; matrix < 4; ++matrix) {
          for (int lane = 0; lane < 32; ++lane) {
            // This lane's register holds two elements of row lane / 4, whose address lane matrix * 8 + lane / 4 gives.
            const int address = WgmmaGemm::staged(matrix * 8 + lane / 4, step) + lane % 4 * 4;
            const int pair = 4 * step + matrix;
            for (const int i : {0, 1}) {
              auto& place = shared.at(static_cast<std::size_t>(address) / 2 + static_cast<std::size_t>(i));
              ASSERT_EQ(place.first, -1) << "written twice";
              place = element_of(warp * 32 + lane, half * sums / 2 + 2 * pair + i);
            }
          }
        }
      }
      for (int box = 0; box < 2; ++box) {
        for (int row = 0; row < 16; ++row) {
          for (int column = 0; column < 64; ++column) {
            const int chunk = column / 8 ^ row % 8;
            const int at = (box * box_bytes + row * 128 + chunk * 16) / 2 + column % 8;
            const std::pair<int, int> expected = {warp * 16 + row, half * 128 + box * 64 + column};
            ASSERT_EQ(shared.at(static_cast<std::size_t>(at)), expected);
          }
        }
      }
    }
  }
}

/// The 8 rows that stmatrix writes at once lie in different banks.
TEST(WgmmaGemm, StoresWithoutBankConflicts) {
  for (int step = 0; step < 8; ++step) {
    for (int first = 0; first < 32; first += 8) {
      std::set<int> banks;
      for (int lane = first; lane < first + 8; ++lane) banks.insert(WgmmaGemm::staged(lane, step) % 128 / 16);
      EXPECT_EQ(banks.size(), 8U);
    }
  }
}

}  // namespace
