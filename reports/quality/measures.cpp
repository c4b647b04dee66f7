#include "reports/quality/measures.hpp"
