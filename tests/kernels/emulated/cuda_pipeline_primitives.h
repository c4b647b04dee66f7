// Asynchronous copies on the host, in the place of CUDA's header: either as late as a kernel's waits allow, or at once.
// What comes too late is seen by the one, what comes too early by the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "mma.h"

namespace emulated {

struct Copy {
  void* to;
  const void* from;
  std::size_t bytes;
};
inline bool copies_come_at_once = false;
inline thread_local std::vector<Copy> requested;
inline thread_local std::deque<std::vector<Copy>> groups;

}  // namespace emulated

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's
inline void __pipeline_memcpy_async(void* to, const void* from, std::size_t bytes) {
  if (reinterpret_cast<std::uintptr_t>(to) % bytes != 0 || reinterpret_cast<std::uintptr_t>(from) % bytes != 0)
    emulated::fail("a copy that is not aligned");
  const auto* first = static_cast<const std::uint8_t*>(to);
  if (first < emulated::block->shared_begin || first + bytes > emulated::block->shared_end)
    emulated::fail("a copy that does not go to shared memory");
  if (emulated::copies_come_at_once)
    std::memcpy(to, from, bytes);
  else
    emulated::requested.push_back({to, from, bytes});
}
inline void __pipeline_commit() {
  emulated::groups.push_back(emulated::requested);
  emulated::requested.clear();
}
/// All groups but the newest `pending` have come.
inline void __pipeline_wait_prior(std::size_t pending) {
  while (emulated::groups.size() > pending) {
    for (const auto& copy : emulated::groups.front()) std::memcpy(copy.to, copy.from, copy.bytes);
    emulated::groups.pop_front();
  }
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
