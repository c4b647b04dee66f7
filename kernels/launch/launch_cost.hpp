// What a launch costs: kernels that do nothing, and those that prove it. The kernels and their data sheet are in
// launch_cost.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace peakproof::kernels {

/// When a kernel ran, by %globaltimer.
struct LaunchStamp {
  std::int64_t begin_ns = -1;  ///< at its first instruction; -1: never written
  std::int64_t end_ns = -1;    ///< at its last one
};

/// `launches` kernels, one after the other: all of them empty but the last one, which adds 1 to *count (device memory);
/// that one is empty too where `count` is null.
[[nodiscard]] cudaError_t launch_empty_chain(int launches, unsigned long long* count, cudaStream_t stream);
/// The same launches, each of which adds 1 to *count.
[[nodiscard]] cudaError_t launch_counted_chain(int launches, unsigned long long* count, cudaStream_t stream);
/// `launches` kernels, one after the other, the i-th of which writes stamps[i].
[[nodiscard]] cudaError_t launch_stamps(int launches, LaunchStamp* stamps, cudaStream_t stream);
/// One kernel that keeps the stream busy for this long (at most 100 ms), so that the host can fill the queue behind it.
[[nodiscard]] cudaError_t launch_hold(std::int64_t nanoseconds, cudaStream_t stream);
/// One kernel that writes the steps of %globaltimer that it sees, one after the other, into `ticks`, of `count` elements.
[[nodiscard]] cudaError_t launch_ticks(std::int64_t* ticks, int count, cudaStream_t stream);

/// The symbols, as the audit knows them.
inline constexpr const char* empty_symbol = "launch_nothing";
inline constexpr const char* count_symbol = "launch_count";
inline constexpr const char* stamp_symbol = "launch_stamp";

}  // namespace peakproof::kernels
