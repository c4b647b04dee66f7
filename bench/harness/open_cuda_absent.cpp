#include "bench/harness/errors.hpp"
#include "bench/harness/open_cuda.hpp"

namespace peakproof::bench {
namespace {
constexpr const char* kNoCuda =
    "no GPU to measure: this build has no CUDA (install the CUDA Toolkit 12.4 or later and run scripts/run.sh again). "
    "To measure the host CPU instead, add --device cpu.";
}  // namespace

std::unique_ptr<OpenDevice> open_cuda(const Options& /*options*/) { throw NoDevice(kNoCuda); }

std::vector<DeviceName> visible_cuda_devices(const std::vector<std::string>& /*selectors*/) { throw NoDevice(kNoCuda); }

reports::Texts cuda_build_facts() { return {{"cuda_toolkit", "none: a CPU-only build"}}; }

}  // namespace peakproof::bench
