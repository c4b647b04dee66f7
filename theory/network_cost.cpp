#include "theory/network_cost.hpp"
