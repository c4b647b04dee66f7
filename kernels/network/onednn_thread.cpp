#include "kernels/network/onednn_thread.hpp"

#include <dlfcn.h>

#include <dnnl.hpp>
#include <stdexcept>

namespace peakproof::kernels {

void keep_onednn_to_this_thread() {
  thread_local const bool done = [] {
    if (dnnl_version()->cpu_runtime != DNNL_RUNTIME_OMP) return true;
    using SetThreads = void (*)(int);
    const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
    if (set == nullptr)
      throw std::runtime_error("oneDNN's OpenMP has no omp_set_num_threads: it cannot be kept to a core");
    set(1);
    return true;
  }();
  static_cast<void>(done);
}

std::string onednn_version() {
  const dnnl_version_t& version = *dnnl_version();
  return "oneDNN " + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.patch);
}

}  // namespace peakproof::kernels
