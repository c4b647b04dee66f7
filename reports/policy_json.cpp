#include "reports/policy.hpp"

namespace peakproof::reports {
Policy read_policy(std::string_view text) { return {.text = std::string(text)}; }
}  // namespace peakproof::reports
