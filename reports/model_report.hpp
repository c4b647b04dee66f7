// What `peakproof model` tells: the cost of a network, and the least time that it takes on a machine. A plain struct and
// the formats that are made of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/render.hpp"
#include "theory/network.hpp"
#include "theory/network_cost.hpp"
#include "theory/network_time.hpp"
#include "theory/precision.hpp"

namespace peakproof::reports {

/// The network at one precision on the machine; without `time` it has no ceilings there, and `why` says so.
struct ModelTime {
  theory::Precision precision = theory::Precision::fp16;
  std::optional<theory::Ceilings> ceilings;
  std::optional<theory::NetworkTime> time;
  std::string why;
};

/// The largest batch size that is asked for, and looked for.
inline constexpr std::int64_t kMostBatch = 1 << 20;

/// One batch size at the first precision.
struct BatchPoint {
  std::int64_t batch = 0;
  double seconds = 0;
  double bytes_needed = 0;
  std::optional<bool> fits;
};

struct ModelReport {
  std::string file;         ///< its name, without folders
  std::vector<Line> facts;  ///< what the file says of itself
  std::vector<std::string> notes;
  std::string tool;        ///< "PeakProof 0.1.0 (commit …)"
  std::int64_t batch = 1;  ///< items of one pass: the first dimension of the first input
  bool fused = true;
  /// Of the bytes that layers are told with, and of their times and the batches, where there are any.
  theory::Precision precision = theory::Precision::fp16;
  theory::Network network;
  theory::NetworkCost cost;
  std::string machine;           ///< what the times are for: "NVIDIA H200, rated"; empty: cost alone
  bool stand_in = false;         ///< the ceilings are those of a pretend device
  std::vector<ModelTime> times;  ///< the first one is told layer by layer
  std::vector<BatchPoint> batches;
  std::optional<std::int64_t> largest_batch;  ///< that fits, up to kMostBatch; 0: not even one; nothing: not known
};

/// A format of a model report.
struct ModelFormat {
  std::string_view name;  ///< the option without dashes
  std::string_view help;
  std::string (*render)(const ModelReport&);
};
/// JSON, Markdown, CSV, HTML.
[[nodiscard]] std::span<const ModelFormat> model_formats();

inline constexpr std::string_view kModelSchemaVersion = "1.0.0";

/// For a terminal of 120 columns; of the layers only the `most` that take longest (need most operations, without times).
[[nodiscard]] std::string model_text(const ModelReport& report, std::size_t most = 20);
/// Described by reports/model.schema.json; what is no finite number is null.
[[nodiscard]] std::string model_json(const ModelReport& report);
[[nodiscard]] std::string model_markdown(const ModelReport& report);
/// One row for each layer, quoted as RFC 4180 says.
[[nodiscard]] std::string model_csv(const ModelReport& report);
/// One page that needs nothing but itself: the tables, a bar for each layer, the layers under the roofline, the curve
/// over the batch size.
[[nodiscard]] std::string model_html(const ModelReport& report);

}  // namespace peakproof::reports
