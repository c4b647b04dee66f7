// oneDNN on cores that are ours, one thread each.
#pragma once

#include <string>

namespace peakproof::kernels {

/// The library's parallel loops run on the calling thread alone from here on, and code that it makes is made for that.
/// A number of threads belongs to the thread that sets it (OpenMP 5.0, 2.5: nthreads-var is of the data environment).
/// Throws std::runtime_error where the library's OpenMP has no such setting.
void keep_onednn_to_this_thread();

/// "oneDNN 2.6.3".
[[nodiscard]] std::string onednn_version();

}  // namespace peakproof::kernels
