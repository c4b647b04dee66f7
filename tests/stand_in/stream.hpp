// Streams: what was put into one has ended at a moment that may lie ahead of the device's own time, so that copies in two
// streams overlap. Kernels let the device's time pass: one begins when everything before it in its stream has ended, and
// what is put into any stream later begins after it.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace peakproof::stand_in {

class Graph;

/// cudaErrorInvalidResourceHandle where there is no such stream.
[[nodiscard]] cudaError_t find_stream(cudaStream_t stream);
/// The same, and where it is one of another device than the current one: a kernel cannot be launched into it.
[[nodiscard]] cudaError_t find_own_stream(cudaStream_t stream);

/// When everything in the stream so far has ended; never before the device's own time.
[[nodiscard]] std::int64_t end_of(cudaStream_t stream);
/// The stream's work goes on until then.
void extend(cudaStream_t stream, std::int64_t end_ps);
/// Lets the device's time pass until everything in the stream has ended.
void settle(cudaStream_t stream);

/// What the stream records, or null where it records nothing.
[[nodiscard]] Graph* recording_of(cudaStream_t stream);

/// A copy over a link is under way from now on, until the host has looked a second time, or waits: queries say once that
/// there is something to wait for, as a real device does with a copy of milliseconds.
void link_is_busy();
[[nodiscard]] bool is_link_busy();
/// Changes whenever the host may have looked at what the device did, or the device did something else.
[[nodiscard]] std::uint64_t epoch();

}  // namespace peakproof::stand_in
