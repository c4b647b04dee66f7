#include "theory/device_spec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "theory/words.hpp"

namespace peakproof::theory {
namespace {

constexpr std::array<std::pair<Variant, std::string_view>, 8> kVariants = {{
    {Variant::any, "any"},
    {Variant::datacenter_pro, "datacenter_pro"},
    {Variant::geforce, "geforce"},
    {Variant::a10g, "a10g"},
    {Variant::l40, "l40"},
    {Variant::h20, "h20"},
    {Variant::h800, "h800"},
    {Variant::gtx16, "gtx16"},
}};

/// The whole of `text` as a small number without sign, or nothing.
std::optional<int> small_number(std::string_view text) {
  constexpr std::size_t max_digits = 3;
  if (text.empty() || text.size() > max_digits || text.front() == '-') return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view name(Variant variant) {
  for (const auto& [value, text] : kVariants)
    if (value == variant) return text;
  return "any";
}

std::optional<Variant> variant_from_name(std::string_view name) {
  for (const auto& [value, text] : kVariants)
    if (text == name) return value;
  return std::nullopt;
}

std::string to_string(ComputeCapability cc) { return std::to_string(cc.major) + "." + std::to_string(cc.minor); }

std::optional<ComputeCapability> compute_capability_from_text(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = small_number(text.substr(0, dot));
  const auto minor = small_number(text.substr(dot + 1));
  if (!major || !minor) return std::nullopt;
  return ComputeCapability{*major, *minor};
}

Variant variant_of_board(std::string_view device_name) {
  const auto words = words_of(device_name);
  const auto has = [&](std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  const auto has_any = [&](auto... word) { return (has(word) || ...); };

  if (has("a10g")) return Variant::a10g;
  if (has("l40")) return Variant::l40;
  if (has("h20")) return Variant::h20;
  if (has("h800")) return Variant::h800;
  // TU116 and TU117 have no tensor cores: GeForce GTX 16xx and MX4x0, and the T boards but the T4.
  const bool gtx16 = has("gtx") && std::any_of(words.begin(), words.end(), [](const std::string& word) {
                       return word.size() == 4 && word.starts_with("16");
                     });
  if (gtx16 || has_any("mx450", "mx550", "t400", "t500", "t550", "t600", "t1000", "t1200", "t2000"))
    return Variant::gtx16;
  if (has("geforce") || (has("titan") && has("v"))) return Variant::geforce;
  return Variant::datacenter_pro;
}

}  // namespace peakproof::theory
