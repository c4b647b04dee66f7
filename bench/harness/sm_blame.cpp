#include "bench/harness/sm_blame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace peakproof::bench {

SmBlame::SmBlame(const std::vector<kernels::BlockTrace>& traces, std::size_t items_per_block)
    : items_per_block_(std::max<std::size_t>(items_per_block, 1)) {
  for (const auto& trace : traces) sm_of_block_.push_back(static_cast<int>(trace.smid));
}

void SmBlame::wrong(std::size_t item, std::uint64_t got, std::uint64_t expected) {
  constexpr int nobody = -1;
  const std::size_t block = item / items_per_block_;
  const int sm = block < sm_of_block_.size() ? sm_of_block_[block] : nobody;
  auto& unit = wrong_[sm];
  if (unit.items++ == 0) unit.example = wrong_item_text(item, got, expected);
  unit.unit = sm;
  unit.bits |= got ^ expected;
  ++mismatches_;
}

void SmBlame::add_to(reports::Verification& verification) const {
  std::set<int> answered(sm_of_block_.begin(), sm_of_block_.end());
  answered.erase(-1);
  verification.mismatches += mismatches_;
  verification.units = static_cast<int>(answered.size());
  for (const auto& [sm, unit] : wrong_) verification.wrong_units.push_back(unit);
  std::stable_sort(verification.wrong_units.begin(), verification.wrong_units.end(),
                   [](const auto& a, const auto& b) { return a.items > b.items; });
}

std::string wrong_item_text(std::uint64_t item, std::uint64_t got, std::uint64_t expected) {
  const int digits = (got | expected) >> 32U == 0 ? 8 : 16;
  return fmt::format("item {}: {:0{}x}, expected {:0{}x}", item, got, digits, expected, digits);
}

}  // namespace peakproof::bench
