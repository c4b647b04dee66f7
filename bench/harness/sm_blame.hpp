// Which SM gave a wrong answer, how many, and which bits were wrong: silent data corruption has an address, and its
// pattern tells a defect from a mistake of ours.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernels/probe/block_trace.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// Collects what differs, by the SM whose block wrote it.
class SmBlame {
 public:
  /// Every block wrote `items_per_block` items in a row, and a trace that names its SM.
  SmBlame(const std::vector<kernels::BlockTrace>& traces, std::size_t items_per_block);
  /// Item `item` holds the bits `got` and should hold `expected`.
  void wrong(std::size_t item, std::uint64_t got, std::uint64_t expected);
  /// Adds the mismatches, the SMs that were looked at and those that were wrong, the worst first.
  void add_to(reports::Verification& verification) const;

 private:
  std::vector<int> sm_of_block_;
  std::size_t items_per_block_;
  std::map<int, reports::WrongUnit> wrong_;
  std::int64_t mismatches_ = 0;
};

/// What most of the items of each lane hold: item i is of lane i % lanes. One wrong item does not make the others wrong.
template <class Word>
[[nodiscard]] std::vector<Word> agreed_words(const std::vector<Word>& out, std::size_t lanes) {
  std::vector<Word> agreed(lanes);
  std::vector<std::size_t> lead(lanes);  // Boyer and Moore's majority vote
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t lane = i % lanes;
    if (lead[lane] == 0) agreed[lane] = out[i];
    if (out[i] == agreed[lane])
      ++lead[lane];
    else
      --lead[lane];
  }
  return agreed;
}

/// "item 4711: 3f8ccccd, expected 3f8ccccc".
[[nodiscard]] std::string wrong_item_text(std::uint64_t item, std::uint64_t got, std::uint64_t expected);

/// Every word of `out` against expected(index), bit for bit; where it differs, the SM is named.
template <class Word, std::invocable<std::size_t> Expected>
[[nodiscard]] reports::Verification verify_by_sm(std::string method, const std::vector<Word>& out,
                                                 const std::vector<kernels::BlockTrace>& traces,
                                                 const Expected& expected) {
  reports::Verification result{.method = std::move(method), .items = static_cast<std::int64_t>(out.size())};
  SmBlame blame(traces, traces.empty() ? 1 : out.size() / traces.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    if (const Word right = expected(i); out[i] != right) blame.wrong(i, out[i], right);
  blame.add_to(result);
  return result;
}

}  // namespace peakproof::bench
