// What a launch costs: kernels that do nothing.
//
//   idea     an empty kernel leaves no trace, so that its own absence could not be seen. Every timed chain of them ends
//            with a kernel that counts, which runs when all before it have ended: the count says how many chains came to
//            their end. The same chain with a counting kernel in each place says how many launches one has
//   work     one launch each
//   machine  launch_nothing returns at once: three instructions, of which one is never reached. launch_count is one
//            thread that loads a counter, adds 1 and stores it: the kernels of a stream run one after the other, so that
//            no atomic is needed. launch_stamp reads the global timer twice. launch_wait and launch_tick serve the
//            measuring
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel launch_nothing  EXIT=1
//            LD=0 LDG=0 ST=0 STG=0 ATOM=0 ATOMG=0 RED=0 BAR=0 loops=0 other<0.7
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel launch_count  LDG.E.64=1 STG.E.64=1
//            LDG=1 STG=1 LD=0 ST=0 ATOM=0 ATOMG=0 RED=0 loops=0
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel launch_stamp  CS2R=2
//            STG.E.64=2 STG=2 LD=0 LDG=0 ST=0 ATOM=0 ATOMG=0 RED=0 loops=0
//   limit    none: a time per call
//   answer   *count grows by 1 for each chain of empty kernels and by n for the counted one; stamps never go back
#include "kernels/launch/launch_cost.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {

__global__ void launch_nothing() {}

__global__ void launch_count(unsigned long long* count) { *count += 1; }

__global__ void launch_stamp(LaunchStamp* stamp) {
  const std::int64_t begin = global_ns();
  stamp->begin_ns = begin;
  stamp->end_ns = global_ns();
}

__global__ void launch_wait(std::int64_t nanoseconds) {
  const std::int64_t begin = global_ns();
  while (global_ns() - begin < nanoseconds) {
  }
}

__global__ void launch_tick(std::int64_t* ticks, int count) {
  constexpr std::int64_t guard = 1 << 22;  // cycles for one step, about 2 ms: the slowest known one is 1 ms
  std::int64_t before = global_ns();
  for (int i = 0; i < count; ++i) {
    const std::int64_t begin = clock64();
    std::int64_t now = before;
    while (now == before && clock64() - begin < guard) now = global_ns();
    ticks[i] = now - before;
    before = now;
  }
}

cudaError_t launch_empty_chain(int launches, unsigned long long* count, cudaStream_t stream) {
  if (launches < 1) return cudaErrorInvalidValue;
  for (int i = 1; i < launches; ++i) launch_nothing<<<1, 1, 0, stream>>>();
  if (count != nullptr)
    launch_count<<<1, 1, 0, stream>>>(count);
  else
    launch_nothing<<<1, 1, 0, stream>>>();
  return cudaGetLastError();
}

cudaError_t launch_counted_chain(int launches, unsigned long long* count, cudaStream_t stream) {
  if (launches < 1 || count == nullptr) return cudaErrorInvalidValue;
  for (int i = 0; i < launches; ++i) launch_count<<<1, 1, 0, stream>>>(count);
  return cudaGetLastError();
}

cudaError_t launch_stamps(int launches, LaunchStamp* stamps, cudaStream_t stream) {
  if (launches < 1 || stamps == nullptr) return cudaErrorInvalidValue;
  for (int i = 0; i < launches; ++i) launch_stamp<<<1, 1, 0, stream>>>(stamps + i);
  return cudaGetLastError();
}

cudaError_t launch_hold(std::int64_t nanoseconds, cudaStream_t stream) {
  constexpr std::int64_t longest = 100'000'000;
  if (nanoseconds < 0 || nanoseconds > longest) return cudaErrorInvalidValue;
  launch_wait<<<1, 1, 0, stream>>>(nanoseconds);
  return cudaGetLastError();
}

cudaError_t launch_ticks(std::int64_t* ticks, int count, cudaStream_t stream) {
  if (ticks == nullptr || count < 1) return cudaErrorInvalidValue;
  launch_tick<<<1, 1, 0, stream>>>(ticks, count);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
