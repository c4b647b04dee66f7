// Reading JSON: what stands where, and complaints that name the place. Written for any JSON type that behaves as
// nlohmann's does, so that no header includes that library: the .cpp files that read JSON give it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {

/// The text is no JSON, or has a field twice; what() says where and what.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline std::string shortened(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string line = one_line(text);
  if (line.size() <= kLongest) return line;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80) --end;  // no character is cut in two
  return line.substr(0, end) + "...";
}

/// What stands in the JSON, in words.
template <typename Json>
std::string describe(const Json& value) {
  if (value.is_string()) return fmt::format("the text \"{}\"", shortened(value.template get_ref<const std::string&>()));
  if (value.is_number()) return fmt::format("the number {}", value.dump());
  if (value.is_boolean()) return value.template get<bool>() ? "true" : "false";
  if (value.is_array()) return "a list";
  return value.is_object() ? "an object" : "null";
}

/// What is no JSON need not be UTF-8 either: other bytes become question marks.
inline std::string ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  return out;
}

inline bool in_token(char c) { return std::string_view(" \t\r\n,:{}[]\"").find(c) == std::string_view::npos; }

/// The name in `"name" :` right before a place; empty if there is none.
inline std::string_view field_before(std::string_view text) {
  const auto strip = [&] {
    while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) {
      text.remove_suffix(1);
    }
  };
  strip();
  if (!text.ends_with(':')) return {};
  text.remove_suffix(1);
  strip();
  if (!text.ends_with('"')) return {};
  text.remove_suffix(1);
  const std::size_t quote = text.rfind('"');
  return quote == std::string_view::npos ? std::string_view() : text.substr(quote + 1);
}

/// One line on a syntax error: line, column, field and what stands there. `byte` counts from 1.
inline std::string syntax_error(std::string_view text, std::size_t byte) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "the text is empty";
  if (byte > text.size()) return "not JSON: the text ends too early; the file is cut off";
  std::size_t begin = byte > 0 ? byte - 1 : 0;
  std::size_t end = begin;
  while (begin > 0 && in_token(text[begin - 1])) --begin;
  while (end < text.size() && in_token(text[end])) ++end;
  const std::string_view token = text.substr(begin, std::max<std::size_t>(end - begin, 1));
  const std::string_view before = text.substr(0, begin);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  const std::string_view field = field_before(before);
  const bool no_number = token.find("NaN") != std::string_view::npos || token.find("nan") != std::string_view::npos ||
                         token.find("Inf") != std::string_view::npos || token.find("inf") != std::string_view::npos;
  return fmt::format("{}: {}found {}, expected {} (line {}, column {})", field.empty() ? "not JSON" : ascii(field),
                     no_number ? "not JSON, " : "", shortened(ascii(token)),
                     no_number ? "a finite number" : "a value, a field or a separator as JSON has them", line, column);
}

/// Throws Malformed.
template <typename Json>
Json parse(std::string_view text) {
  std::vector<std::set<std::string>> open;  // the field names of each object that is being read
  const auto watch = [&](int /*depth*/, typename Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key && !open.back().insert(value.template get<std::string>()).second) {
      throw Malformed(
          fmt::format("{}: the field is given twice, expected once", shortened(value.template get<std::string>())));
    }
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const typename Json::parse_error& e) {
    throw Malformed(syntax_error(text, e.byte));
  } catch (const typename Json::out_of_range& e) {
    throw Malformed(fmt::format("not JSON: a number is too large for a 64-bit float ({})", shortened(e.what())));
  }
}

/// A value of a saved file and where it stands, so that every complaint names the place. Throws ReadError.
template <typename Json>
class JsonNode {
 public:
  JsonNode(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  [[noreturn]] void fail(std::string_view expected) const {
    throw ReadError(fmt::format("{}: expected {}, found {}", path_, expected, describe(*value_)));
  }

  [[nodiscard]] bool is_null() const { return value_->is_null(); }
  [[nodiscard]] bool has(std::string_view key) const { return value_->is_object() && value_->contains(key); }

  [[nodiscard]] JsonNode at(std::string_view key) const {
    if (!value_->is_object()) fail("an object");
    const auto found = value_->find(key);
    if (found == value_->end()) throw ReadError(fmt::format("{}.{}: the field is missing", path_, key));
    return {*found, fmt::format("{}.{}", path_, key)};
  }

  [[nodiscard]] std::string text() const {
    if (!value_->is_string()) fail("text");
    return value_->template get<std::string>();
  }
  [[nodiscard]] bool boolean() const {
    if (!value_->is_boolean()) fail("true or false");
    return value_->template get<bool>();
  }
  /// null is `absent`.
  [[nodiscard]] double number(double absent = std::numeric_limits<double>::quiet_NaN()) const {
    if (is_null()) return absent;
    if (!value_->is_number()) fail("a number or null");
    return value_->template get<double>();
  }
  [[nodiscard]] std::optional<double> maybe_number() const {
    return is_null() ? std::nullopt : std::optional(number());
  }
  /// A field that files of an older version lack: nothing then, as where it is null.
  [[nodiscard]] std::optional<double> added(std::string_view key) const {
    return has(key) ? at(key).maybe_number() : std::nullopt;
  }
  /// A field that files of an older version lack: `absent` then, else what read(JsonNode) makes of it.
  template <typename Read, typename T>
  [[nodiscard]] T added(std::string_view key, const Read& read, T absent) const {
    return has(key) ? T(read(at(key))) : absent;
  }
  /// Nothing where an older file lacks the field or it is null.
  template <typename Read>
  [[nodiscard]] auto added_maybe(std::string_view key, const Read& read) const {
    return has(key) ? at(key).maybe(read) : std::nullopt;
  }
  /// Empty where an older file lacks the list.
  template <typename Read>
  [[nodiscard]] auto added_list(std::string_view key, const Read& read) const {
    return has(key) ? at(key).list(read) : std::vector<decltype(read(*this))>();
  }
  template <std::integral T = int>
  [[nodiscard]] T integer() const {
    const bool fits = value_->is_number_unsigned()
                          ? std::in_range<T>(value_->template get<std::uint64_t>())
                          : value_->is_number_integer() && std::in_range<T>(value_->template get<std::int64_t>());
    if (!fits) fail(fmt::format("a whole number of {} bits", 8 * sizeof(T)));
    return value_->template get<T>();
  }
  /// null is zero: unknown.
  template <std::integral T = int>
  [[nodiscard]] T known_integer() const {
    return is_null() ? T{0} : integer<T>();
  }

  /// The values of a list, each read by read(Node).
  template <typename Read>
  [[nodiscard]] auto list(const Read& read) const {
    if (!value_->is_array()) fail("a list");
    std::vector<decltype(read(*this))> out;
    out.reserve(value_->size());
    for (std::size_t i = 0; i < value_->size(); ++i)
      out.push_back(read(JsonNode((*value_)[i], fmt::format("{}[{}]", path_, i))));
    return out;
  }
  /// The values of an object by their names.
  template <typename Read>
  [[nodiscard]] auto map(const Read& read) const {
    if (!value_->is_object()) fail("an object");
    std::map<std::string, decltype(read(*this))> out;
    for (const auto& [key, value] : value_->items())
      out.emplace(key, read(JsonNode(value, fmt::format("{}.{}", path_, key))));
    return out;
  }
  /// null is nothing.
  template <typename Read>
  [[nodiscard]] auto maybe(const Read& read) const {
    return is_null() ? std::nullopt : std::optional(read(*this));
  }
  /// One of the names that lookup(text) knows.
  template <typename Lookup>
  [[nodiscard]] auto named(const Lookup& lookup, std::string_view what) const {
    const auto value = lookup(text());
    if (!value) fail(what);
    return *value;
  }

 private:
  const Json* value_;
  std::string path_;
};

}  // namespace peakproof::reports
