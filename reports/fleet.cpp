#include "reports/fleet.hpp"

namespace peakproof::reports {}
