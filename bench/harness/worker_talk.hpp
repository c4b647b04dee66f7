// What supervisor and worker say to each other: the command line one way; exit code, lines on stdout and a file with the
// report the other way. Pure text, so that both ends share it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness/options.hpp"

namespace peakproof::bench {

/// The options that decide what is measured and how, as a command line: equal texts measure alike.
[[nodiscard]] std::vector<std::string> measuring_arguments(const Options& options);

/// A line of a worker, its fields separated by tabs.
enum class Word {
  device,  ///< selector, label, UUID, PCI address, name
  plan,    ///< place in the order asked for, benchmark, case
  begins,  ///< case
  ended,   ///< case; its result is in the file
  failed,  ///< kind of failure (below), what happened: the last line
};
struct Line {
  Word word;
  std::vector<std::string> fields;
};
/// Tabs and line breaks within a field become spaces.
[[nodiscard]] std::string to_text(const Line& line);
/// Nothing where it is none of ours or has not as many fields as its word has.
[[nodiscard]] std::optional<Line> line_of(std::string_view text);

/// Why a worker could not begin.
inline constexpr std::string_view kUsageFailure = "usage";
inline constexpr std::string_view kNoDeviceFailure = "no device";
inline constexpr std::string_view kFaultFailure = "device fault";
inline constexpr std::string_view kOtherFailure = "error";

/// Reads whole lines out of a growing text.
class Lines {
 public:
  /// The lines that have become whole since the last call.
  [[nodiscard]] std::vector<Line> next(const std::string& text);

 private:
  std::size_t read_ = 0;
};

}  // namespace peakproof::bench
