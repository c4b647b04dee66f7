#include "theory/network.hpp"
