#include "reports/policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace peakproof::reports {
namespace {

constexpr std::array kMeasures = {
    std::pair{Measure::issue, std::string_view{"issue"}},
    std::pair{Measure::spec, std::string_view{"spec"}},
    std::pair{Measure::clock, std::string_view{"clock"}},
    std::pair{Measure::absolute, std::string_view{"absolute"}},
    std::pair{Measure::peer, std::string_view{"peer"}},
    std::pair{Measure::baseline, std::string_view{"baseline"}},
    std::pair{Measure::reason, std::string_view{"reason"}},
    std::pair{Measure::counter, std::string_view{"counter"}},
    std::pair{Measure::state, std::string_view{"state"}},
    std::pair{Measure::event, std::string_view{"event"}},
    std::pair{Measure::correctness, std::string_view{"correctness"}},
    std::pair{Measure::validity, std::string_view{"validity"}},
};

constexpr std::array<std::string_view, 9> kAspects = {"complete", "measured", "quiet",   "audited", "plausible",
                                                      "known",    "judged",   "watched", "sound"};

/// One glob without alternatives. The usual walk with one place to go back to: linear but for the last *.
bool matches_one(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t behind_star = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      behind_star = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++behind_star;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace

std::string_view name(Measure measure) {
  for (const auto& [value, text] : kMeasures)
    if (value == measure) return text;
  return "validity";
}

std::optional<Measure> measure_from_name(std::string_view name) {
  for (const auto& [value, text] : kMeasures)
    if (text == name) return value;
  return std::nullopt;
}

std::span<const std::string_view> validity_aspects() { return kAspects; }

bool matches_glob(std::string_view globs, std::string_view text) {
  while (true) {
    const std::size_t bar = globs.find('|');
    if (matches_one(globs.substr(0, bar), text)) return true;
    if (bar == std::string_view::npos) return false;
    globs.remove_prefix(bar + 1);
  }
}

bool applies_to(const Rule& rule, const theory::DeviceSpec& device) {
  if (rule.architectures.empty()) return true;
  std::vector<std::string> tags{device.name};
  if (device.kind == theory::DeviceKind::cpu) {
    tags.insert(tags.end(), {"cpu", device.microarchitecture});
  } else {
    tags.insert(tags.end(), {"gpu", theory::to_string(device.compute_capability),
                             std::string(theory::name(device.variant)), device.memory_type});
  }
  return std::any_of(rule.architectures.begin(), rule.architectures.end(), [&tags](const std::string& globs) {
    return std::any_of(tags.begin(), tags.end(),
                       [&globs](const std::string& tag) { return !tag.empty() && matches_glob(globs, tag); });
  });
}

}  // namespace peakproof::reports
