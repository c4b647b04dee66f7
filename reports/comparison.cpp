#include "reports/comparison.hpp"

namespace peakproof::reports {}
