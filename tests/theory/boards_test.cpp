// The boards against the table: every dense figure that a data sheet prints is met, or is named here with its reason.
#include "theory/boards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include "theory/peak.hpp"
#include "theory/units.hpp"

namespace peakproof::theory {
namespace {

constexpr double kTolerance = 0.015;

struct Exception {
  std::string_view board;
  Pipe pipe;
  double
      implied_mhz;  // the clock at which the table's rate gives the published figure; 0: it is no matter of the clock
  std::string_view reason;
};

constexpr std::string_view kNoClock = "the clocks of the board are not published";
constexpr std::string_view kNoBus = "memory clock or bus width of the board is not published";
constexpr std::string_view kRounded = "printed without decimals: 33.45 as 34";
constexpr std::string_view kTensorClock =
    "two clocks: the tensor peaks imply the tensor clock of the H100, the board's is not published";
constexpr std::string_view kDla = "GPU and DLA together, while the table rates the GPU alone";
constexpr std::string_view kHarvestedBus =
    "harvested bus: 7680 of 8192 bits are enabled, and 8 TB/s is rounded up from 7.7";
constexpr std::string_view kTwoClocks = "two clocks: the printed figure implies another clock than the board's boost";
constexpr std::string_view kProductLimit = "product limit: the data sheet prints the INT8 rate for INT4";
constexpr std::string_view kFp8Accumulator =
    "the whitepaper prints half rate for FP32 accumulators, measurement shows the full rate (see the note of the row)";
constexpr std::string_view kGb300Clock = "two clocks: the tensor peaks imply a lower clock than the reported 2070 MHz";
constexpr std::string_view kRateDerived =
    "the rate is derived and rounded to a unit count; the figures of B300 and GB300 lie on both sides";

const std::array kExceptions = {
    Exception{"Jetson Orin NX 16GB", Pipe::tensor_int8, 0, kDla},
    Exception{"Jetson Orin NX 8GB", Pipe::tensor_int8, 0, kDla},
    Exception{"L40S", Pipe::tensor_int4, 1260, kProductLimit},
    Exception{"H100 SXM5 80GB", Pipe::fp64_fma, 0, kRounded},
    Exception{"H200 SXM 141GB", Pipe::fp64_fma, 0, kRounded},
    Exception{"GH200 96GB HBM3", Pipe::fp32_fma, 1983, kNoClock},
    Exception{"GH200 96GB HBM3", Pipe::tensor_fp16, 1829, kNoClock},
    Exception{"GH200 96GB HBM3", Pipe::tensor_bf16, 1829, kNoClock},
    Exception{"GH200 96GB HBM3", Pipe::tensor_tf32, 1829, kNoClock},
    Exception{"GH200 96GB HBM3", Pipe::tensor_int8, 1830, kNoClock},
    Exception{"GH200 96GB HBM3", Pipe::tensor_fp8, 1830, kNoClock},
    Exception{"GH200 96GB HBM3", Pipe::dram, 0, kNoBus},
    Exception{"GH200 144GB HBM3e", Pipe::fp32_fma, 1983, kNoClock},
    Exception{"GH200 144GB HBM3e", Pipe::tensor_fp16, 1829, kNoClock},
    Exception{"GH200 144GB HBM3e", Pipe::tensor_bf16, 1829, kNoClock},
    Exception{"GH200 144GB HBM3e", Pipe::tensor_tf32, 1829, kNoClock},
    Exception{"GH200 144GB HBM3e", Pipe::tensor_int8, 1830, kNoClock},
    Exception{"GH200 144GB HBM3e", Pipe::tensor_fp8, 1830, kNoClock},
    Exception{"GH200 144GB HBM3e", Pipe::dram, 0, kNoBus},
    Exception{"H800 SXM5 80GB", Pipe::tensor_bf16, 1830, kTensorClock},
    Exception{"H800 SXM5 80GB", Pipe::tensor_tf32, 1830, kTensorClock},
    Exception{"H800 SXM5 80GB", Pipe::tensor_int8, 1830, kTensorClock},
    Exception{"H800 SXM5 80GB", Pipe::tensor_fp8, 1830, kTensorClock},
    Exception{"H20 96GB", Pipe::fp32_fma, 2203, kNoClock},
    Exception{"H20 96GB", Pipe::tensor_fp16, 1853, kNoClock},
    Exception{"H20 96GB", Pipe::tensor_bf16, 1853, kNoClock},
    Exception{"H20 96GB", Pipe::tensor_tf32, 1853, kNoClock},
    Exception{"H20 96GB", Pipe::tensor_int8, 1853, kNoClock},
    Exception{"H20 96GB", Pipe::tensor_fp8, 1853, kNoClock},
    Exception{"H20 96GB", Pipe::dram, 0, kNoBus},
    Exception{"B100", Pipe::dram, 0, kNoBus},
    Exception{"B200 SXM", Pipe::dram, 0, kHarvestedBus},
    Exception{"B300 SXM", Pipe::fp32_fma, 1979, kTwoClocks},
    Exception{"B300 SXM", Pipe::tensor_int8, 2026, kRateDerived},
    Exception{"B300 SXM", Pipe::tensor_fp4, 1925, kRateDerived},
    Exception{"B300 SXM", Pipe::dram, 0, kNoBus},
    Exception{"GB300 (per GPU)", Pipe::tensor_fp16, 2008, kGb300Clock},
    Exception{"GB300 (per GPU)", Pipe::tensor_bf16, 2008, kGb300Clock},
    Exception{"GB300 (per GPU)", Pipe::tensor_tf32, 2008, kGb300Clock},
    Exception{"GB300 (per GPU)", Pipe::tensor_int8, 2120, kRateDerived},
    Exception{"GB300 (per GPU)", Pipe::tensor_fp8, 2008, kGb300Clock},
    Exception{"GB300 (per GPU)", Pipe::tensor_fp4, 2008, kGb300Clock},
    Exception{"Jetson Thor T5000", Pipe::dram, 0, kNoBus},
    Exception{"GeForce RTX 5070", Pipe::tensor_fp8, 1256, kFp8Accumulator},
    Exception{"GeForce RTX 5090", Pipe::tensor_fp8, 1204, kFp8Accumulator},
    Exception{"GB10 (DGX Spark)", Pipe::tensor_fp4, 2543, kTwoClocks},
};

const Exception* exception(const Board& board, Pipe pipe) {
  for (const auto& e : kExceptions)
    if (e.board == board.name && e.pipe == pipe) return &e;
  return nullptr;
}

bool met(const Board& board, const PublishedPeak& published) {
  const auto peak = rated_peak(device_spec(board), published.pipe);
  return peak && std::abs(peak->per_second - published.per_second()) <= kTolerance * published.per_second();
}

TEST(Boards, EveryPublishedPeakIsMetOrANamedException) {
  int met_count = 0;
  for (const auto& board : boards()) {
    for (const auto& published : published_peaks(board)) {
      const auto peak = rated_peak(device_spec(board), published.pipe);
      const auto unit_text = unit(published.pipe);
      const std::string what = std::string(board.name) + ' ' + std::string(name(published.pipe)) + ": published " +
                               si(published.per_second(), unit_text, 4) + ", theory " +
                               (peak ? si(peak->per_second, unit_text, 4) + " = " + peak->formula : "unknown");
      if (const auto* e = exception(board, published.pipe)) {
        EXPECT_FALSE(met(board, published)) << what << ": met, so the exception is not needed any more";
        EXPECT_FALSE(e->reason.empty());
      } else {
        EXPECT_TRUE(met(board, published)) << what;
        ++met_count;
      }
    }
  }
  EXPECT_GT(met_count, 150) << "the figures are there to be met";
}

TEST(Boards, ExceptionsNameFiguresThatExistAndImplyTheClockTheySay) {
  for (const auto& e : kExceptions) {
    SCOPED_TRACE(std::string(e.board) + ' ' + std::string(name(e.pipe)));
    const Board* named = nullptr;
    for (const auto& board : boards())
      if (board.name == e.board) named = &board;
    ASSERT_NE(named, nullptr);
    const PublishedPeak* figure = nullptr;
    for (const auto& published : published_peaks(*named))
      if (published.pipe == e.pipe) figure = &published;
    ASSERT_NE(figure, nullptr);
    if (e.implied_mhz == 0) continue;
    const auto at_implied_clock = peak(device_spec(*named), e.pipe, e.implied_mhz * 1e6);
    ASSERT_TRUE(at_implied_clock);
    EXPECT_NEAR(at_implied_clock->per_second, figure->per_second(), 0.001 * figure->per_second());
  }
}

// A second public source for boards whose data sheets print little: the FP32 and FP64 rates that TechPowerUp computes.
struct Computed {
  std::string_view board;
  double fp32_tflops;
  double fp64_tflops;
};
const std::array kTechPowerUpFigures = {
    Computed{"Tesla V100 PCIe 32GB", 14.13, 7.07},
    Computed{"Titan V", 14.90, 7.45},
    Computed{"Tesla T4", 8.14, 0.25},
    Computed{"A100 PCIe 40GB", 19.49, 9.75},
    Computed{"A100 PCIe 80GB", 19.49, 9.75},
    Computed{"A100 SXM4 80GB", 19.49, 9.75},
    Computed{"A10", 31.24, 0},  // its 0.98 is 1:32 of FP32; the guide says 1:64
    Computed{"GeForce RTX 3060 12GB", 12.74, 0.20},
    Computed{"GeForce RTX 3080 10GB", 29.77, 0.47},
    Computed{"GeForce RTX 3090 Ti", 40.00, 0.62},
    Computed{"RTX A6000", 38.71, 0.60},
    Computed{"L40", 90.52, 1.41},
    Computed{"L40S", 91.61, 1.43},
    Computed{"GeForce RTX 4070", 29.15, 0.46},
    Computed{"GeForce RTX 4090", 82.58, 1.29},
    Computed{"RTX 5000 Ada Generation", 65.28, 1.02},
    Computed{"H100 SXM5 80GB", 66.91, 33.45},
    Computed{"H100 NVL 94GB", 60.32, 30.16},
    Computed{"H200 SXM 141GB", 66.91, 33.45},
    Computed{"B300 SXM", 76.99, 1.20},
    Computed{"GeForce RTX 5070", 30.87, 0.48},
    Computed{"GeForce RTX 5090", 104.8, 1.64},
    Computed{"RTX PRO 6000 Blackwell Workstation", 126.0, 1.97},
    Computed{"RTX PRO 6000 Blackwell Max-Q", 109.7, 1.72},
    Computed{"GB10 (DGX Spark)", 29.71, 0.46},
    Computed{"Jetson AGX Orin 64GB", 5.33, 0},
    Computed{"Jetson Orin NX 16GB", 1.88, 0},
    Computed{"Jetson Orin NX 8GB", 1.57, 0},
};

TEST(Boards, MeetTheFiguresOfASecondSource) {
  for (const auto& figure : kTechPowerUpFigures) {
    const auto search = find_board(figure.board);
    ASSERT_NE(search.board, nullptr) << figure.board;
    const auto device = device_spec(*search.board);
    const auto fp32 = rated_peak(device, Pipe::fp32_fma);
    const auto fp64 = rated_peak(device, Pipe::fp64_fma);
    ASSERT_TRUE(fp32 && fp64) << figure.board;
    EXPECT_NEAR(fp32->per_second * 1e-12, figure.fp32_tflops, 0.005 * figure.fp32_tflops) << figure.board;
    if (figure.fp64_tflops > 0) {
      EXPECT_NEAR(fp64->per_second * 1e-12, figure.fp64_tflops, 0.002 * figure.fp64_tflops + 0.01) << figure.board;
    }
  }
}

TEST(Boards, AreAllThereAndSourced) {
  EXPECT_EQ(boards().size(), 43U);
  for (const auto& board : boards()) {
    EXPECT_FALSE(sources_of(board).empty()) << board.name;
    EXPECT_NE(board.variant, Variant::any) << board.name;
    EXPECT_TRUE(board.tensor_boost_mhz == 0 || board.tensor_boost_mhz <= board.boost_mhz) << board.name;
    EXPECT_TRUE(board.base_mhz == 0 || board.boost_mhz == 0 || board.base_mhz < board.boost_mhz) << board.name;
  }
}

// What no peak checks, once more: base and memory clock in MHz, memory in GB, L2 in MiB, power in W, PCIe generation and
// lanes, NVLink in GB/s; 0 is not published.
struct Sheet {
  std::string_view board;
  double base_mhz;
  double memory_mhz;
  double memory_gb;
  double l2_mib;
  double power_w;
  int pcie_generation;
  int pcie_lanes;
  double nvlink_gbs;
};
const std::array kSheets = {
    Sheet{"Tesla V100 SXM2 16GB", 0, 877, 16, 6, 300, 3, 16, 300},
    Sheet{"Tesla V100 PCIe 32GB", 1230, 876, 32, 6, 250, 3, 16, 0},
    Sheet{"Titan V", 1200, 848, 12, 4.5, 250, 3, 16, 0},
    Sheet{"Tesla T4", 585, 1250, 16, 4, 70, 3, 16, 0},
    Sheet{"GeForce RTX 2080 Ti (reference)", 1350, 1750, 11, 5.5, 250, 3, 16, 0},
    Sheet{"GeForce RTX 2080 Ti Founders Edition", 1350, 1750, 11, 5.5, 0, 3, 16, 0},
    Sheet{"A100 PCIe 40GB", 765, 1215, 40, 40, 250, 4, 16, 600},
    Sheet{"A100 PCIe 80GB", 1065, 1512, 80, 40, 300, 4, 16, 600},
    Sheet{"A100 SXM4 80GB", 1275, 1593, 80, 40, 400, 4, 16, 600},
    Sheet{"A800 SXM4 80GB", 1155, 1593, 80, 40, 400, 4, 16, 400},
    Sheet{"A800 PCIe 80GB", 1065, 1512, 80, 0, 300, 4, 16, 400},
    Sheet{"A10", 885, 1563, 24, 6, 150, 4, 16, 0},
    Sheet{"A10G", 1320, 1563, 24, 6, 0, 4, 16, 0},
    Sheet{"GeForce RTX 3060 12GB", 1320, 1875, 12, 3, 170, 4, 16, 0},
    Sheet{"GeForce RTX 3080 10GB", 1440, 1188, 10, 5, 320, 4, 16, 0},
    Sheet{"GeForce RTX 3090 Ti", 1560, 1313, 24, 6, 450, 4, 16, 0},
    Sheet{"RTX A6000", 1410, 2000, 48, 6, 300, 4, 16, 112.5},
    Sheet{"Jetson AGX Orin 64GB", 0, 3200, 64, 0, 60, 4, 0, 0},
    Sheet{"Jetson Orin NX 16GB", 0, 3200, 16, 0, 25, 4, 0, 0},
    Sheet{"Jetson Orin NX 8GB", 0, 3200, 8, 0, 20, 4, 0, 0},
    Sheet{"L40", 735, 2250, 48, 96, 300, 4, 16, 0},
    Sheet{"L40S", 1110, 2250, 48, 0, 350, 4, 16, 0},
    Sheet{"GeForce RTX 4070", 1920, 1313, 12, 36, 200, 4, 16, 0},
    Sheet{"GeForce RTX 4090", 2235, 1313, 24, 72, 450, 4, 16, 0},
    Sheet{"RTX 5000 Ada Generation", 1155, 2250, 32, 72, 250, 4, 16, 0},
    Sheet{"H100 SXM5 80GB", 1590, 2619, 80, 50, 700, 5, 16, 900},
    Sheet{"H100 NVL 94GB", 1080, 2619, 94, 50, 400, 5, 16, 600},
    Sheet{"H200 SXM 141GB", 1500, 3201, 141, 50, 700, 5, 16, 900},
    Sheet{"GH200 96GB HBM3", 0, 0, 96, 0, 0, 0, 0, 0},
    Sheet{"GH200 144GB HBM3e", 0, 0, 141, 0, 0, 0, 0, 0},
    Sheet{"H800 SXM5 80GB", 1095, 2619, 80, 50, 700, 5, 16, 400},
    Sheet{"H800 PCIe 80GB", 1095, 1593, 80, 50, 350, 5, 16, 400},
    Sheet{"H20 96GB", 0, 0, 96, 60, 400, 5, 16, 900},
    Sheet{"B100", 0, 0, 192, 0, 0, 0, 0, 0},
    Sheet{"B200 SXM", 700, 3996, 180, 126.5, 1000, 5, 16, 1800},
    Sheet{"B300 SXM", 1665, 0, 288, 0, 1100, 6, 16, 1800},
    Sheet{"GB300 (per GPU)", 0, 3996, 288, 129.25, 1400, 0, 0, 1800},
    Sheet{"Jetson Thor T5000", 0, 0, 128, 0, 0, 0, 0, 0},
    Sheet{"GeForce RTX 5070", 2325, 1750, 12, 48, 250, 5, 16, 0},
    Sheet{"GeForce RTX 5090", 2017, 1750, 32, 96, 575, 5, 16, 0},
    Sheet{"RTX PRO 6000 Blackwell Workstation", 1590, 1750, 96, 128, 600, 5, 16, 0},
    Sheet{"RTX PRO 6000 Blackwell Max-Q", 1590, 1750, 96, 128, 300, 5, 16, 0},
    Sheet{"GB10 (DGX Spark)", 1665, 1067, 128, 0, 140, 5, 16, 0},
};

TEST(Boards, CarryTheDataSheetWhereNoPeakWouldTell) {
  ASSERT_EQ(kSheets.size(), boards().size());
  for (std::size_t i = 0; i < kSheets.size(); ++i) {
    const auto& sheet = kSheets.at(i);
    const auto& board = boards()[i];
    EXPECT_EQ(board.name, sheet.board);
    EXPECT_EQ(board.base_mhz, sheet.base_mhz) << sheet.board;
    EXPECT_EQ(board.memory_clock_mhz, sheet.memory_mhz) << sheet.board;
    EXPECT_EQ(board.memory_gb, sheet.memory_gb) << sheet.board;
    EXPECT_EQ(board.l2_mib, sheet.l2_mib) << sheet.board;
    EXPECT_EQ(board.power_w, sheet.power_w) << sheet.board;
    EXPECT_EQ(board.pcie_generation, sheet.pcie_generation) << sheet.board;
    EXPECT_EQ(board.pcie_lanes, sheet.pcie_lanes) << sheet.board;
    EXPECT_EQ(board.nvlink_gbs, sheet.nvlink_gbs) << sheet.board;
  }
}

TEST(Boards, DeviceSpecCarriesTheDataSheet) {
  const auto search = find_board("H100 SXM");
  ASSERT_NE(search.board, nullptr) << search.error;
  const auto device = device_spec(*search.board);
  EXPECT_EQ(device.name, "H100 SXM5 80GB");
  EXPECT_EQ(device.kind, DeviceKind::gpu);
  EXPECT_EQ(device.compute_capability, (ComputeCapability{9, 0}));
  EXPECT_EQ(device.variant, Variant::datacenter_pro);
  EXPECT_EQ(device.sm_count, 132);
  EXPECT_EQ(device.base_clock_hz, 1590e6);
  EXPECT_EQ(device.sm_clock_hz, 1980e6);
  EXPECT_EQ(device.tensor_clock_hz, 1830e6);
  EXPECT_EQ(device.memory_clock_hz, 2619e6);
  EXPECT_DOUBLE_EQ(device.memory_data_rate_bps, 5.238e9);
  EXPECT_EQ(device.memory_type, "HBM3");
  EXPECT_EQ(device.memory_bus_bits, 5120);
  EXPECT_EQ(device.memory_bytes, 80'000'000'000);
  EXPECT_EQ(device.l2_bytes, 50LL * 1024 * 1024);
  EXPECT_EQ(device.power_limit_w, 700);
}

std::string found(std::string_view query) {
  const auto search = find_board(query);
  return search.board != nullptr ? std::string(search.board->name) : search.error;
}

TEST(FindBoard, TakesAnUnambiguousPartOfTheNameInAnyCase) {
  for (const auto& board : boards()) EXPECT_EQ(found(board.name), board.name);
  EXPECT_EQ(found("A100 SXM"), "A100 SXM4 80GB");
  EXPECT_EQ(found("a100 sxm4"), "A100 SXM4 80GB");
  EXPECT_EQ(found("h200"), "H200 SXM 141GB") << "not GH200";
  EXPECT_EQ(found("4090"), "GeForce RTX 4090");
  EXPECT_EQ(found("L40"), "L40") << "not L40S";
  EXPECT_EQ(found("l40s"), "L40S");
  EXPECT_EQ(found("A10"), "A10") << "not A10G";
  EXPECT_EQ(found("h20"), "H20 96GB") << "not H200";
  EXPECT_EQ(found("max-q"), "RTX PRO 6000 Blackwell Max-Q");
  EXPECT_EQ(found("spark"), "GB10 (DGX Spark)");
}

TEST(FindBoard, TakesTheDriversName) {
  EXPECT_EQ(found("NVIDIA A100-SXM4-80GB"), "A100 SXM4 80GB");
  EXPECT_EQ(found("NVIDIA A100-PCIE-40GB"), "A100 PCIe 40GB");
  EXPECT_EQ(found("NVIDIA H100 80GB HBM3"), "H100 SXM5 80GB");
  EXPECT_EQ(found("NVIDIA GeForce RTX 4090"), "GeForce RTX 4090");
  EXPECT_EQ(found("Tesla V100-SXM2-16GB"), "Tesla V100 SXM2 16GB");
}

TEST(FindBoard, NeverTakesAnotherProduct) {
  EXPECT_EQ(find_board("RTX 4090 D").board, nullptr) << "another product of fewer SMs";
  EXPECT_EQ(find_board("RTX 3090").board, nullptr) << "there is an RTX 3090 Ti only";
  EXPECT_EQ(find_board("L4").board, nullptr) << "L40 and L40S are other boards";
  EXPECT_EQ(find_board("RTX 4070 Ti").board, nullptr);
  EXPECT_EQ(find_board("RTX 4090 Laptop GPU").board, nullptr);
  EXPECT_EQ(find_board("RTX 500").board, nullptr) << "not RTX 5000";
  EXPECT_EQ(find_board("A100 SXM4 40GB").board, nullptr);
}

TEST(FindBoard, AnAmbiguousNameListsTheMatchesInOneLine) {
  const auto search = find_board("a100");
  EXPECT_EQ(search.board, nullptr);
  EXPECT_EQ(search.candidates.size(), 3U);
  EXPECT_EQ(search.error,
            "board \"a100\" is ambiguous: A100 PCIe 40GB, A100 PCIe 80GB, A100 SXM4 80GB; give more of the name");
  EXPECT_EQ(find_board("2080 Ti").candidates.size(), 2U);
}

TEST(FindBoard, AnUnknownNameListsCloseOnesInOneLine) {
  const auto search = find_board("H20O");
  EXPECT_EQ(search.board, nullptr);
  EXPECT_THAT(search.error, testing::StartsWith("board \"H20O\" is not known; close: "));
  EXPECT_THAT(search.error, testing::HasSubstr("H200 SXM 141GB"));
  EXPECT_THAT(search.error, testing::HasSubstr("--list"));
  EXPECT_THAT(search.error, testing::Not(testing::HasSubstr("\n")));
  EXPECT_THAT(find_board("zzzzzz").error, testing::Not(testing::HasSubstr("close")));
  EXPECT_THAT(find_board("").error, testing::HasSubstr("--list"));
  EXPECT_THAT(find_board("NVIDIA").error, testing::HasSubstr("--list"));
}

DeviceSpec running(const char* device_name, ComputeCapability cc, int sm_count, int bus_bits, double clock_mhz) {
  DeviceSpec device;
  device.name = device_name;
  device.compute_capability = cc;
  device.sm_count = sm_count;
  device.memory_bus_bits = bus_bits;
  device.sm_clock_hz = clock_mhz * 1e6;
  return device;
}

std::string identified(const DeviceSpec& device) {
  const auto* board = identify_board(device);
  return board != nullptr ? std::string(board->name) : "none";
}

TEST(IdentifyBoard, NeedsTheNameAndTheMachine) {
  EXPECT_EQ(identified(running("NVIDIA H100 80GB HBM3", {9, 0}, 132, 5120, 1980)), "H100 SXM5 80GB");
  EXPECT_EQ(identified(running("NVIDIA H200", {9, 0}, 132, 6016, 1980)), "H200 SXM 141GB");
  EXPECT_EQ(identified(running("NVIDIA H200", {9, 0}, 132, 0, 1980)), "H200 SXM 141GB") << "bus not known";
  EXPECT_EQ(identified(running("Orin", {8, 7}, 16, 256, 1300)), "Jetson AGX Orin 64GB") << "told by its SMs";
  EXPECT_EQ(identified(running("NVIDIA GeForce RTX 2080 Ti", {7, 5}, 68, 352, 1635)),
            "GeForce RTX 2080 Ti Founders Edition")
      << "told by its clock";
  EXPECT_EQ(identified(running("NVIDIA GeForce RTX 2080 Ti", {7, 5}, 68, 352, 1700)), "none") << "of another maker";
  EXPECT_EQ(identified(running("NVIDIA H100 PCIe", {9, 0}, 114, 5120, 1755)), "none") << "not in the table";
  EXPECT_EQ(identified(running("NVIDIA H200 NVL", {9, 0}, 132, 6016, 1785)), "none");
  EXPECT_EQ(identified(running("NVIDIA H200", {9, 0}, 66, 6016, 1980)), "none") << "half of it is no H200";
  EXPECT_EQ(identified(running("NVIDIA H200", {9, 0}, 132, 6144, 1980)), "none") << "another bus";
  EXPECT_EQ(identified(running("NVIDIA H200", {8, 0}, 132, 6016, 1980)), "none");
  EXPECT_EQ(identified(running("NVIDIA A100-SXM4-80GB MIG 1g.10gb", {8, 0}, 14, 5120, 1410)), "none");
  EXPECT_EQ(identified(running("", {9, 0}, 132, 6016, 1980)), "none");
  auto cpu = running("NVIDIA H200", {9, 0}, 132, 6016, 1980);
  cpu.kind = DeviceKind::cpu;
  EXPECT_EQ(identified(cpu), "none");
}

}  // namespace
}  // namespace peakproof::theory
