#include "bench/harness/inference.hpp"
