// A check that counts on the device: what it found, as a Verification.
#pragma once

#include <string>
#include <utility>

#include "bench/harness/cuda.hpp"
#include "kernels/memory/mismatches.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// Runs `count`, which adds to the mismatches that it is given (device memory), on the stream and waits for it.
template <class Count>
[[nodiscard]] kernels::Mismatches found_on_device(cudaStream_t stream, const Count& count) {
  const DeviceBuffer<kernels::Mismatches> found(1);
  found.fill_bytes(0, stream);
  check(count(found.data()));
  return found.to_host(stream).front();
}

/// Adds them to a verification. The words lie in memory that every SM writes to: no SM can be named, but the place and the
/// bits are.
void add_mismatches(reports::Verification& verification, const kernels::Mismatches& found);

/// Both, of `items` words.
template <class Count>
[[nodiscard]] reports::Verification verify_on_device(cudaStream_t stream, std::string method, std::int64_t items,
                                                     const Count& count) {
  reports::Verification result{.method = std::move(method), .items = items};
  add_mismatches(result, found_on_device(stream, count));
  return result;
}

}  // namespace peakproof::bench
