#include "reports/format.hpp"

namespace peakproof::reports {}
