#include "bench/harness/cublas_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/harness/errors.hpp"
#include "reports/sample.hpp"
#include "theory/units.hpp"

namespace peakproof::bench {
namespace {

constexpr int kRounds = 5;
constexpr double kEnough = 1;          // seconds in all: a round that begins later is left out
constexpr double kInterval = 0.0005;   // a timed interval lasts about this, so that short launches do not starve
constexpr double kMostLaunches = 100;  // of one interval

/// Rates with the unit once, that of `best`; for what did not run, why.
std::string rates(const std::vector<CublasCandidate>& candidates, double operations, double best,
                  std::string_view unit) {
  const double scale = std::pow(1000, std::floor(std::log10(best) / 3));
  std::string text;
  for (const auto& candidate : candidates) {
    if (!text.empty()) text += ", ";
    text += candidate.failure.empty() ? theory::plain(operations / candidate.seconds / scale, 3) : candidate.failure;
  }
  const std::string one = theory::si(scale, unit);  // "1.00 TFLOP/s"
  return text + one.substr(one.find(' '));
}

std::string failures(const std::vector<CublasCandidate>& candidates) {
  std::string text;
  for (const auto& candidate : candidates) text += (text.empty() ? "" : ", ") + candidate.failure;
  return text;
}

}  // namespace

CublasChoice choose(int count, const TimeCandidate& time) {
  CublasChoice choice{.candidates = std::vector<CublasCandidate>(static_cast<std::size_t>(count))};
  std::vector<std::vector<double>> timed(choice.candidates.size());
  double spent = 0;
  const auto round = [&](const auto& keep) {
    for (std::size_t i = 0; i < timed.size(); ++i) {
      auto& candidate = choice.candidates[i];
      if (!candidate.failure.empty()) continue;
      const bool known = candidate.seconds > 0;
      const int launches =
          known ? static_cast<int>(std::clamp(std::ceil(kInterval / candidate.seconds), 1.0, kMostLaunches)) : 1;
      try {
        const double seconds = time(static_cast<int>(i), launches);
        if (!(seconds > 0)) throw MeasurementError("no time passed");
        spent += seconds;
        keep(candidate, timed[i], seconds / launches);
      } catch (const DeviceFault&) {
        throw;
      } catch (const MeasurementError& error) {
        candidate.failure = error.what();
      }
    }
  };
  // The first launch loads the kernel, and an idle device is slow: it says how many launches make an interval.
  round([](CublasCandidate& candidate, auto& /*timed*/, double seconds) { candidate.seconds = seconds; });
  for (int i = 0; i < kRounds && spent < kEnough; ++i)
    round([](CublasCandidate& /*candidate*/, auto& all, double seconds) { all.push_back(seconds); });
  for (std::size_t i = 0; i < timed.size(); ++i) {
    auto& candidate = choice.candidates[i];
    if (!timed[i].empty()) candidate.seconds = reports::quantile(timed[i], 0.5);
    if (!candidate.failure.empty()) continue;
    if (choice.best < 0 || candidate.seconds < choice.candidates[static_cast<std::size_t>(choice.best)].seconds)
      choice.best = static_cast<int>(i);
  }
  return choice;
}

std::string describe(const CublasChoice& choice, double operations, std::string_view unit) {
  const auto count = choice.candidates.size();
  if (choice.best < 0) return fmt::format("none of {} candidates runs: {}", count, failures(choice.candidates));
  const double best = operations / choice.candidates[static_cast<std::size_t>(choice.best)].seconds;
  std::string text = fmt::format("candidate {} of {}: {}", choice.best + 1, count, theory::si(best, unit));
  if (count > 1) text += fmt::format(" (in the library's order {})", rates(choice.candidates, operations, best, unit));
  return text;
}

std::vector<std::string> cublas_overrides(const std::function<const char*(const char*)>& get) {
  // cuBLAS library documentation: NVIDIA_TF32_OVERRIDE, and "floating point emulation" from 12.9 on.
  constexpr const char* kNames[] = {"NVIDIA_TF32_OVERRIDE", "CUBLAS_EMULATE_SINGLE_PRECISION",
                                    "CUBLAS_EMULATE_DOUBLE_PRECISION", "CUBLAS_EMULATION_STRATEGY"};
  std::vector<std::string> found;
  for (const char* name : kNames)
    if (const char* value = get(name)) found.push_back(fmt::format("{}={}", name, value));
  return found;
}

}  // namespace peakproof::bench
