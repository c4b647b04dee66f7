// The build without oneDNN.
#include "kernels/network/sgemm.hpp"

namespace peakproof::kernels {

std::optional<std::string> sgemm_lacks() { return "built without oneDNN 2 (install libdnnl-dev and build again)"; }

std::string sgemm_found() { return {}; }

bool sgemm(std::int64_t /*m*/, std::int64_t /*n*/, std::int64_t /*k*/, SgemmOperand /*a*/, SgemmOperand /*b*/,
           float* /*c*/) {
  return false;
}

}  // namespace peakproof::kernels
