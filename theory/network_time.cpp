#include "theory/network_time.hpp"
