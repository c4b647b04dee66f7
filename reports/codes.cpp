#include "reports/codes.hpp"

namespace peakproof::reports {}
