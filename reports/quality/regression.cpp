#include "reports/quality/regression.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace peakproof::reports::quality {
namespace {

/// The mean of what `part` makes of each error.
Measure mean(std::span<const double> truth, std::span<const double> predicted, double (*part)(double error)) {
  if (truth.size() != predicted.size())
    throw std::invalid_argument(
        fmt::format("{} true values, but {} predicted ones: give as many", truth.size(), predicted.size()));
  long double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (const double x : {truth[i], predicted[i]})
      if (!std::isfinite(x)) throw std::invalid_argument(fmt::format("row {}: {} is not finite", i, x));
    sum += part(truth[i] - predicted[i]);
  }
  if (truth.empty()) return undefined("no values");
  const auto value = static_cast<double>(sum / static_cast<long double>(truth.size()));
  return std::isfinite(value) ? defined(value) : undefined("larger than a double holds");
}

double square(double x) { return x * x; }
double magnitude(double x) { return std::fabs(x); }

}  // namespace

Measure mean_squared_error(std::span<const double> truth, std::span<const double> predicted) {
  return mean(truth, predicted, &square);
}

Measure root_mean_squared_error(std::span<const double> truth, std::span<const double> predicted) {
  Measure measure = mean_squared_error(truth, predicted);
  if (measure.value) measure.value = std::sqrt(*measure.value);
  return measure;
}

Measure mean_absolute_error(std::span<const double> truth, std::span<const double> predicted) {
  return mean(truth, predicted, &magnitude);
}

}  // namespace peakproof::reports::quality
