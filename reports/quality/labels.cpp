#include "reports/quality/labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <set>
#include <stdexcept>

namespace peakproof::reports::quality {
namespace {

/// A number that a label can be.
std::optional<double> finite(std::string_view text) {
  const auto value = to_number(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

template <class Values, class Value>
std::optional<int> place_in(const Values& sorted, const Value& value) {
  const auto place = std::lower_bound(sorted.begin(), sorted.end(), value);
  if (place == sorted.end() || *place != value) return std::nullopt;
  return static_cast<int>(place - sorted.begin());
}

}  // namespace

std::optional<double> to_number(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(first);
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  if (text.substr(0, 1) == "+" && text.substr(1, 1) != "-") text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Labels::Labels(std::span<const std::vector<std::string>* const> columns) {
  std::set<std::string_view> texts;
  for (const auto* column : columns) texts.insert(column->begin(), column->end());
  numbers_ = std::all_of(texts.begin(), texts.end(), [](std::string_view text) { return finite(text).has_value(); });
  if (!numbers_) {
    names_.assign(texts.begin(), texts.end());
    return;
  }
  std::set<double> values;
  for (const std::string_view text : texts) values.insert(*finite(text) + 0.0);  // -0 becomes 0
  values_.assign(values.begin(), values.end());
  std::transform(values_.begin(), values_.end(), std::back_inserter(names_),
                 [](double value) { return fmt::format("{}", value); });
}

std::optional<int> Labels::find(std::string_view label) const {
  if (!numbers_) return place_in(names_, label);
  const auto value = finite(label);
  return value ? place_in(values_, *value) : std::nullopt;
}

std::vector<int> Labels::find_all(const std::vector<std::string>& labels) const {
  std::vector<int> places;
  places.reserve(labels.size());
  for (const std::string& label : labels) {
    const auto place = find(label);
    if (!place) throw std::invalid_argument(fmt::format("'{}' is none of the labels", label));
    places.push_back(*place);
  }
  return places;
}

}  // namespace peakproof::reports::quality
