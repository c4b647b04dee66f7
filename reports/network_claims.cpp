#include "reports/network_claims.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace peakproof::reports {
namespace {

constexpr double kRounding = 1e-9;

bool near(double a, double b) { return std::abs(a - b) <= kRounding * std::abs(b); }
bool share(const std::optional<double>& x) { return !x || (*x >= 0 && *x <= 1); }  // false for NaN

/// Whether the param, where there is one, is the figure.
bool agrees(const Result& result, const std::string& key, const std::string& figure) {
  const auto found = result.params.find(key);
  return found == result.params.end() || found->second == figure;
}

std::string of_latencies(const Inference& i) {
  constexpr std::int64_t kFewestForP95 = 20;
  constexpr std::int64_t kFewestForP99 = 100;
  const auto reaches = [](const std::optional<double>& higher, const std::optional<double>& lower) {
    return !higher || (lower ? *higher >= *lower : *higher > 0);
  };
  if (!reaches(i.p50_s, std::nullopt) || !reaches(i.p95_s, i.p50_s) || !reaches(i.p99_s, i.p95_s) ||
      !reaches(i.p99_s, i.p50_s))
    return "gives latencies that do not rise from p50 to p99";
  if ((i.p50_s && i.passes < 1) || (i.p95_s && i.passes < kFewestForP95) || (i.p99_s && i.passes < kFewestForP99))
    return "gives a quantile of too few passes";
  return {};
}

std::string of_inference(const Result& result) {
  const Inference& i = *result.inference;
  if (i.batch < 1 || !agrees(result, "batch", std::to_string(i.batch)) || !agrees(result, "network", i.network) ||
      !agrees(result, "precision", i.precision))
    return "names another network, precision or batch than its params";
  if (!near(i.items_per_s * i.flops_per_item, result.achieved_per_s))
    return "gives items a second that its rate does not give";
  if (std::string found = of_latencies(i); !found.empty()) return found;
  if (i.quality &&
      (!share(i.quality->top1_agreement) || !share(i.quality->accuracy) || !share(i.quality->reference_accuracy)))
    return "gives a share of items that is none";
  return {};
}

/// Whether the target was reached in the epoch that is named, and not before.
bool reached_as_told(const Training& t) {
  const auto reached = std::find_if(t.curve.begin(), t.curve.end(),
                                    [&](const Epoch& epoch) { return epoch.accuracy >= t.target_accuracy; });
  const bool any = reached != t.curve.end();
  if (t.epochs_to_target.has_value() != any || t.time_to_target_s.has_value() != any ||
      t.iterations_to_target.has_value() != any)
    return false;
  return !any ||
         (*t.epochs_to_target == reached - t.curve.begin() + 1 && *t.time_to_target_s > 0 &&
          *t.time_to_target_s <= reached->seconds * (1 + kRounding) && *t.iterations_to_target >= *t.epochs_to_target);
}

std::string of_training(const Result& result) {
  const Training& t = *result.training;
  if (t.batch < 1 || !agrees(result, "batch", std::to_string(t.batch)) || !agrees(result, "network", t.network))
    return "names another network or batch than its params";
  double best = 0;
  for (const Epoch& epoch : t.curve) {
    if (!share(epoch.accuracy)) return "gives an accuracy that is no share";
    best = std::max(best, epoch.accuracy);
  }
  if (!share(t.target_accuracy) || !near(t.best_accuracy, best))
    return "gives a best accuracy that its curve does not have";
  if (!reached_as_told(t)) return "reaches its target in another epoch than its curve";
  return {};
}

}  // namespace

std::string network_contradiction(const Result& result) {
  if (result.inference)
    if (std::string found = of_inference(result); !found.empty()) return found;
  return result.training ? of_training(result) : std::string();
}

}  // namespace peakproof::reports
