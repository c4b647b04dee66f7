#include "kernels/network/program.hpp"
