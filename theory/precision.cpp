#include "theory/precision.hpp"
