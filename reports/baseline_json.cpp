#include "reports/baseline.hpp"

namespace peakproof::reports {}
