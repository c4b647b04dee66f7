// Descriptions of devices as JSON, and the peaks of a device (reports/spec.hpp).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/json_encode.hpp"
#include "reports/json_node.hpp"
#include "reports/spec.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 14> kSpecFields = {
    "name",         "compute_capability",    "variant",         "sm_count",
    "sm_clock_mhz", "tensor_clock_mhz",      "base_clock_mhz",  "memory_clock_mhz",
    "memory_type",  "memory_data_rate_gbps", "memory_bus_bits", "memory_gb",
    "l2_mb",        "power_limit_w"};

/// Letters to insert, delete or replace between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

/// "did you mean …", or all there are.
std::string suggestion(std::string_view key) {
  // A field that is only longer or shorter ("sm_clock") is nearer than any other spelling.
  const auto contains = [&](std::string_view field) {
    return !key.empty() && (field.find(key) != std::string_view::npos || key.find(field) != std::string_view::npos);
  };
  const auto rank = [&](std::string_view field) { return std::pair(!contains(field), distance(key, field)); };
  const auto* const nearest =
      std::min_element(kSpecFields.begin(), kSpecFields.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  if (contains(*nearest) || distance(key, *nearest) <= 2 + key.size() / 4) {
    return fmt::format("did you mean {}?", *nearest);
  }
  return fmt::format("the fields are {}", fmt::join(kSpecFields, ", "));
}

struct Range {
  double low;
  double high;
  std::string_view unit;  ///< with a leading space, or empty
};
// Wide enough for any board of the coming years, narrow enough to catch Hz or GHz in a field of MHz.
constexpr Range kUnits{1, 10'000, ""};
constexpr Range kClock{10, 100'000, " MHz"};
constexpr Range kDataRate{0.1, 1'000, " Gbit/s per pin"};
constexpr Range kBus{1, 131'072, " bits"};
constexpr Range kMemory{0.1, 100'000, " GB"};
constexpr Range kCache{0.001, 100'000, " MB"};
constexpr Range kPower{1, 100'000, " W"};

/// Reads the fields of a description and collects a line for each bad one.
class SpecReader {
 public:
  explicit SpecReader(const Json& root) : root_(root) {
    for (const auto& [key, value] : root.items()) {
      if (std::find(kSpecFields.begin(), kSpecFields.end(), key) == kSpecFields.end()) {
        problems_.push_back(fmt::format("{}: no such field; {}", shortened(key), suggestion(key)));
      }
    }
  }

  void require(std::string_view key, std::string_view expected) {
    if (!root_.contains(key)) problems_.push_back(fmt::format("{}: missing, expected {}", key, expected));
  }
  /// A number in the range; 0 (unknown) where the field is absent or bad.
  double number(std::string_view key, const Range& range) {
    const Json* value = find(key);
    if (value == nullptr) return 0;
    const double x = value->is_number() ? value->get<double>() : std::numeric_limits<double>::quiet_NaN();
    if (x >= range.low && x <= range.high) return x;
    bad(key, *value, fmt::format("a number between {} and {}{}", range.low, range.high, range.unit));
    return 0;
  }
  int integer(std::string_view key, const Range& range) {
    const Json* value = find(key);
    if (value == nullptr) return 0;
    const double x = value->is_number() ? value->get<double>() : std::numeric_limits<double>::quiet_NaN();
    if (x >= range.low && x <= range.high && x == std::floor(x)) return static_cast<int>(x);
    bad(key, *value, fmt::format("a whole number between {} and {}{}", range.low, range.high, range.unit));
    return 0;
  }
  /// Text that is not empty; empty where the field is absent or bad.
  std::string text(std::string_view key, std::string_view expected) {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string() && !value->get_ref<const std::string&>().empty()) return value->get<std::string>();
    bad(key, *value, expected);
    return {};
  }
  /// What lookup() makes of a text; nothing where the field is absent or bad.
  template <typename Lookup>
  auto named(std::string_view key, std::string_view expected, const Lookup& lookup)
      -> decltype(lookup(std::string_view())) {
    const std::string name = text(key, expected);
    if (name.empty()) return std::nullopt;
    const auto value = lookup(name);
    if (!value) bad(key, *find(key), expected);
    return value;
  }

  void finish() const {
    if (!problems_.empty()) throw SpecError(fmt::format("{}", fmt::join(problems_, "\n")));
  }

 private:
  [[nodiscard]] const Json* find(std::string_view key) const {
    const auto found = root_.find(key);
    return found == root_.end() ? nullptr : &*found;
  }
  void bad(std::string_view key, const Json& value, std::string_view expected) {
    problems_.push_back(fmt::format("{}: found {}, expected {}", key, describe(value), expected));
  }

  const Json& root_;
  std::vector<std::string> problems_;
};

/// The variants that a board can have; `any` is a mark of table rows.
std::optional<theory::Variant> board_variant(std::string_view name) {
  const auto variant = theory::variant_from_name(name);
  return variant == theory::Variant::any ? std::nullopt : variant;
}

std::string variant_names() {
  using enum theory::Variant;
  std::vector<std::string_view> names;
  for (const theory::Variant v : {datacenter_pro, geforce, a10g, l40, h20}) names.push_back(theory::name(v));
  return fmt::format("one of {}", fmt::join(names, ", "));
}

theory::DeviceSpec read_spec(const Json& root) {
  constexpr std::string_view kCapability = R"(text such as "9.0")";
  constexpr std::string_view kName = "the board's name as text";
  SpecReader reader(root);
  reader.require("name", kName);
  reader.require("compute_capability", kCapability);
  reader.require("sm_count", "the number of SMs");
  reader.require("sm_clock_mhz", "the rated boost clock of the SMs in MHz");
  theory::DeviceSpec d;
  d.name = reader.text("name", kName);
  d.compute_capability = reader.named("compute_capability", kCapability, theory::compute_capability_from_text)
                             .value_or(d.compute_capability);
  d.variant = reader.named("variant", variant_names(), board_variant).value_or(theory::variant_of_board(d.name));
  d.sm_count = reader.integer("sm_count", kUnits);
  d.sm_clock_hz = reader.number("sm_clock_mhz", kClock) * 1e6;
  d.tensor_clock_hz = reader.number("tensor_clock_mhz", kClock) * 1e6;
  d.base_clock_hz = reader.number("base_clock_mhz", kClock) * 1e6;
  d.memory_clock_hz = reader.number("memory_clock_mhz", kClock) * 1e6;
  d.memory_type = reader.text("memory_type", R"(text such as "HBM3e" or "GDDR6X")");
  d.memory_data_rate_bps = reader.number("memory_data_rate_gbps", kDataRate) * 1e9;
  d.memory_bus_bits = reader.integer("memory_bus_bits", kBus);
  d.memory_bytes = std::llround(reader.number("memory_gb", kMemory) * 1e9);
  d.l2_bytes = std::llround(reader.number("l2_mb", kCache) * 1048576);
  d.power_limit_w = reader.number("power_limit_w", kPower);
  reader.finish();
  return d;
}

}  // namespace

theory::DeviceSpec spec_from_json(std::string_view text) {
  try {
    const Json root = parse<Json>(text);
    if (!root.is_object()) {
      throw SpecError(
          fmt::format("found {}, expected an object such as {}", describe(root),
                      R"({"name": "A100", "compute_capability": "8.0", "sm_count": 108, "sm_clock_mhz": 1410})"));
    }
    return read_spec(root);
  } catch (const Malformed& e) {
    throw SpecError(e.what());
  }
}

std::string theory_json(const theory::DeviceSpec& device, const std::vector<theory::Peak>& peaks) {
  using Encode = MeasurementEncoder<Json>;
  return dumped(Json{{"device", Encode::of(device)}, {"peaks", Encode::list(peaks)}});
}

}  // namespace peakproof::reports
