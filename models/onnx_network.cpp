#include "models/onnx_network.hpp"
