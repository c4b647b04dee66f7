#include "theory/units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace peakproof::theory {
namespace {

TEST(Units, DecimalPrefixes) {
  EXPECT_EQ(si(66.9e12, "FLOP/s"), "66.9 TFLOP/s");
  EXPECT_EQ(si(1, "B"), "1.00 B");
  EXPECT_EQ(si(1.5e3, "B"), "1.50 KB");
  EXPECT_EQ(si(2.5e6, "B"), "2.50 MB");
  EXPECT_EQ(si(3.5e9, "B"), "3.50 GB");
  EXPECT_EQ(si(4.5e12, "B"), "4.50 TB");
  EXPECT_EQ(si(1.979e15, "FLOP/s", 4), "1.979 PFLOP/s");
  EXPECT_EQ(si(6.5e18, "OP/s"), "6.50 EOP/s");
  EXPECT_EQ(si(2.039e12, "B/s", 4), "2.039 TB/s");
}

TEST(Units, BeyondExaStaysWithExa) {
  EXPECT_EQ(si(1e21, "FLOP/s"), "1000 EFLOP/s");
  EXPECT_EQ(si(2.5e22, "FLOP/s"), "25000 EFLOP/s");
}

TEST(Units, RoundingCarriesIntoTheNextPrefix) {
  EXPECT_EQ(si(999.4e9, "FLOP/s"), "999 GFLOP/s");
  EXPECT_EQ(si(999.96e9, "FLOP/s"), "1.00 TFLOP/s");
  EXPECT_EQ(si(9.996e12, "FLOP/s"), "10.0 TFLOP/s");
  EXPECT_EQ(si(999.96e9, "FLOP/s", 4), "1.000 TFLOP/s");
  EXPECT_EQ(si(999.94e9, "FLOP/s", 4), "999.9 GFLOP/s");
}

TEST(Units, SmallNegativeAndUnknown) {
  EXPECT_EQ(si(0, "B/s"), "0 B/s");
  EXPECT_EQ(si(0.5, "B/s"), "0.500 B/s");
  EXPECT_EQ(si(-66.9e12, "FLOP/s"), "-66.9 TFLOP/s");
  EXPECT_EQ(si(std::nan(""), "FLOP/s"), "unknown");
  EXPECT_EQ(si(std::numeric_limits<double>::infinity(), "FLOP/s"), "infinite");
  EXPECT_EQ(si(12, ""), "12.0");
}

TEST(Units, Clocks) {
  EXPECT_EQ(gigahertz(1.98e9), "1.980 GHz");
  EXPECT_EQ(gigahertz(918e6), "0.918 GHz");
  EXPECT_EQ(gigahertz(1976432100), "1.976432 GHz");
  EXPECT_EQ(gigahertz(1976400000), "1.9764 GHz");
  EXPECT_EQ(gigahertz(3.7e9), "3.700 GHz");
}

TEST(Units, PlainNumbers) {
  EXPECT_EQ(plain(128), "128");
  EXPECT_EQ(plain(32768), "32768");
  EXPECT_EQ(plain(6.402), "6.402");
  EXPECT_EQ(plain(0.5), "0.5");
  EXPECT_EQ(plain(-2.5), "-2.5");
  EXPECT_EQ(plain(0), "0");
  EXPECT_EQ(plain(1410), "1410");
  EXPECT_EQ(plain(1234.5678, 6), "1234.57");
}

}  // namespace
}  // namespace peakproof::theory
