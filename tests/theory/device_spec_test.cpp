#include "theory/device_spec.hpp"

#include <gtest/gtest.h>

#include "theory/boards.hpp"

namespace peakproof::theory {
namespace {

TEST(Variant, NamesRoundTrip) {
  for (const auto variant : {Variant::any, Variant::datacenter_pro, Variant::geforce, Variant::a10g, Variant::l40,
                             Variant::h20, Variant::h800, Variant::gtx16})
    EXPECT_EQ(variant_from_name(name(variant)), variant) << name(variant);
  EXPECT_EQ(variant_from_name("GeForce"), std::nullopt);
  EXPECT_EQ(variant_from_name(""), std::nullopt);
  EXPECT_EQ(name(Variant::datacenter_pro), "datacenter_pro");
}

TEST(ComputeCapability, ReadsAndWritesText) {
  EXPECT_EQ(to_string(ComputeCapability{9, 0}), "9.0");
  EXPECT_EQ(to_string(ComputeCapability{12, 1}), "12.1");
  EXPECT_EQ(compute_capability_from_text("9.0"), (ComputeCapability{9, 0}));
  EXPECT_EQ(compute_capability_from_text("12.1"), (ComputeCapability{12, 1}));
  for (const char* bad : {"", "9", "9.", ".0", "9.0a", "a.0", "-9.0", "9.-1", "9,0", " 9.0", "9.0 ", "9.0.1", "9999.0"})
    EXPECT_EQ(compute_capability_from_text(bad), std::nullopt) << bad;
}

TEST(VariantOfBoard, TellsTheBoardsThatDiffer) {
  EXPECT_EQ(variant_of_board("NVIDIA GeForce RTX 4090"), Variant::geforce);
  EXPECT_EQ(variant_of_board("NVIDIA GeForce RTX 4090 Laptop GPU"), Variant::geforce);
  EXPECT_EQ(variant_of_board("NVIDIA A10G"), Variant::a10g);
  EXPECT_EQ(variant_of_board("NVIDIA A10"), Variant::datacenter_pro);
  EXPECT_EQ(variant_of_board("NVIDIA L40"), Variant::l40);
  EXPECT_EQ(variant_of_board("NVIDIA L40S"), Variant::datacenter_pro);
  EXPECT_EQ(variant_of_board("NVIDIA L4"), Variant::datacenter_pro);
  EXPECT_EQ(variant_of_board("NVIDIA H20"), Variant::h20);
  EXPECT_EQ(variant_of_board("NVIDIA H20-3e"), Variant::h20);
  EXPECT_EQ(variant_of_board("NVIDIA H200"), Variant::datacenter_pro);
  EXPECT_EQ(variant_of_board("NVIDIA H800"), Variant::h800);
  EXPECT_EQ(variant_of_board("NVIDIA A800-SXM4-80GB"), Variant::datacenter_pro);
  EXPECT_EQ(variant_of_board("NVIDIA GeForce GTX 1660 SUPER"), Variant::gtx16);
  EXPECT_EQ(variant_of_board("NVIDIA T1000 8GB"), Variant::gtx16);
  EXPECT_EQ(variant_of_board("Tesla T4"), Variant::datacenter_pro);
  EXPECT_EQ(variant_of_board("NVIDIA TITAN RTX"), Variant::datacenter_pro);
  EXPECT_EQ(variant_of_board(""), Variant::datacenter_pro);
}

TEST(VariantOfBoard, AgreesWithTheBoards) {
  for (const auto& board : boards()) EXPECT_EQ(variant_of_board(board.name), board.variant) << board.name;
}

}  // namespace
}  // namespace peakproof::theory
