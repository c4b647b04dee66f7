#include "reports/health.hpp"

namespace peakproof::reports {}
