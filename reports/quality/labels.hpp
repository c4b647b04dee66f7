// Class labels as they stand in a file.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::reports::quality {

/// The whole text as a decimal number, blanks around it aside; nothing where it is none or too large or small for a
/// double. "nan" and "inf" are read as what they say.
[[nodiscard]] std::optional<double> to_number(std::string_view text);

/// What occurs in `columns`, each once: by value where all are numbers (then "1", "1.0" and "01" are the same label),
/// as text otherwise.
class Labels {
 public:
  explicit Labels(std::span<const std::vector<std::string>* const> columns);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool numbers() const { return numbers_; }
  /// The place in names(), if it is there.
  [[nodiscard]] std::optional<int> find(std::string_view label) const;
  /// The same of a whole column; throws std::invalid_argument on a label that is not there.
  [[nodiscard]] std::vector<int> find_all(const std::vector<std::string>& labels) const;

 private:
  std::vector<std::string> names_;
  std::vector<double> values_;  ///< of names_, where all are numbers
  bool numbers_ = false;
};

}  // namespace peakproof::reports::quality
