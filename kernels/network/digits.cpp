#include "kernels/network/digits.hpp"
