// What NVIDIA's Xids mean and what its catalogue says to do, in short.
// Source: "Analyzing Xid Errors with the Xid Catalog", docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html
// (Ampere and newer).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace peakproof::bench {

struct Xid {
  std::int64_t number = 0;
  std::string_view meaning;
  std::string_view action;
  /// The device cannot be believed any more: it is lost, or its memory was wrong for whoever used it.
  bool fatal = false;
};
/// In the order of their numbers.
[[nodiscard]] std::span<const Xid> xids();
/// Null for one that the table lacks.
[[nodiscard]] const Xid* find_xid(std::int64_t number);
/// "Xid 79: the GPU has fallen off the bus; restart the node". One that the table lacks says so.
[[nodiscard]] std::string describe_xid(std::int64_t number);

}  // namespace peakproof::bench
