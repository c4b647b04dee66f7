#include "reports/check.hpp"

namespace peakproof::reports {}
