#include "reports/result.hpp"

namespace peakproof::reports {

bool Verification::passed() const {
  if (method.empty() || items <= 0 || mismatches != 0) return false;
  if (relative_error.has_value() != tolerance.has_value()) return false;  // half a check is none
  // False for NaN on either side.
  return !relative_error || (*relative_error >= 0 && *relative_error <= *tolerance);
}

}  // namespace peakproof::reports
