#include "reports/policy.hpp"

namespace peakproof::reports {}
