#include "reports/evaluate.hpp"

namespace peakproof::reports {}
