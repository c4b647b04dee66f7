// The build without oneDNN.
#include <stdexcept>

#include "kernels/network/onednn_network.hpp"

namespace peakproof::kernels {

struct OneDnnProgram::Shared {};
struct OneDnnShare::Built {};

std::optional<std::string> onednn_lacks(HostPrecision /*precision*/) {
  return "built without oneDNN 2 (install libdnnl-dev and build again)";
}

std::string onednn_found() { return {}; }

OneDnnProgram::OneDnnProgram(const Program& /*program*/, const ProgramWeights& /*weights*/, HostPrecision precision,
                             std::vector<double> /*largest*/) {
  throw std::runtime_error(*onednn_lacks(precision));
}
OneDnnProgram::~OneDnnProgram() = default;
double OneDnnProgram::weight_bytes() const { return 0; }
std::string OneDnnProgram::implementations() const { return {}; }

OneDnnShare::OneDnnShare(OneDnnProgram& /*program*/, std::span<const float> /*inputs*/, std::int64_t /*items*/) {}
OneDnnShare::~OneDnnShare() = default;
void OneDnnShare::run() {}
void OneDnnShare::run_step(int /*step*/) {}
void OneDnnShare::poison() {}
std::vector<float> OneDnnShare::outputs() const { return {}; }

}  // namespace peakproof::kernels
