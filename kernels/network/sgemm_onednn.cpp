#include <dnnl.hpp>

#include "kernels/network/onednn_thread.hpp"
#include "kernels/network/sgemm.hpp"

namespace peakproof::kernels {

std::optional<std::string> sgemm_lacks() { return std::nullopt; }

std::string sgemm_found() { return onednn_version(); }

bool sgemm(std::int64_t m, std::int64_t n, std::int64_t k, SgemmOperand a, SgemmOperand b, float* c) {
  keep_onednn_to_this_thread();
  const auto order = [](const SgemmOperand& operand) { return operand.transposed ? 'T' : 'N'; };
  return dnnl_sgemm(order(a), order(b), m, n, k, 1.0F, a.data, a.transposed ? m : k, b.data, b.transposed ? k : n, 0.0F,
                    c, n) == dnnl_success;
}

}  // namespace peakproof::kernels
