#include "tests/stand_in/memory.hpp"

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>

#include "tests/stand_in/link.hpp"
#include "tests/stand_in/models/library_memory.hpp"
#include "tests/stand_in/settings.hpp"
#include "tests/stand_in/state.hpp"
#include "tests/stand_in/stream.hpp"

namespace peakproof::stand_in {
namespace {

struct Allocation {
  std::size_t bytes = 0;
  std::uint64_t version = 0;
  int device = 0;
};

struct DeviceMemory {
  std::map<std::uintptr_t, Allocation> allocations;  // by first address
  std::size_t used = 0;
  std::uint64_t writes = 0;
};
DeviceMemory& device_memory() {
  static DeviceMemory memory;
  return memory;
}

std::size_t total_bytes() { return static_cast<std::size_t>(settings().memory_mib) << 20U; }

std::uintptr_t number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

/// The allocation that holds this address.
std::optional<std::map<std::uintptr_t, Allocation>::iterator> find(const void* address) {
  auto& all = device_memory().allocations;
  auto after = all.upper_bound(number(address));
  if (after == all.begin()) return std::nullopt;
  const auto holder = std::prev(after);
  if (number(address) - holder->first >= holder->second.bytes) return std::nullopt;
  return holder;
}

cudaError_t allocate(void** memory, std::size_t bytes) {
  if (memory == nullptr) return cudaErrorInvalidValue;
  *memory = nullptr;
  if (bytes == 0) return cudaSuccess;
  if (bytes > total_bytes() - device_memory().used) return cudaErrorMemoryAllocation;
  // Pages of their own, which cost nothing until they are written, on an address that suits every vector.
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return cudaErrorMemoryAllocation;
  device_memory().used += bytes;
  device_memory().allocations[number(pages)] = {
      .bytes = bytes, .version = ++device_memory().writes, .device = current_device()};
  *memory = pages;
  return cudaSuccess;
}

cudaError_t release(void* memory) {
  if (memory == nullptr) return cudaSuccess;
  const auto found = device_memory().allocations.find(number(memory));
  if (found == device_memory().allocations.end()) return cudaErrorInvalidValue;
  munmap(memory, found->second.bytes);
  device_memory().used -= found->second.bytes;
  device_memory().allocations.erase(found);
  return cudaSuccess;
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const auto size = static_cast<std::int64_t>(bytes);
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (bytes == 0) return cudaSuccess;
  if ((to_device && !is_device_memory(to, size)) || (from_device && !is_device_memory(from, size)))
    return cudaErrorInvalidValue;
  std::memcpy(to, from, bytes);
  if (find(to)) written(to);
  return cudaSuccess;
}

cudaError_t set(void* memory, int value, std::size_t bytes) {
  if (bytes == 0) return cudaSuccess;
  if (!is_device_memory(memory, static_cast<std::int64_t>(bytes))) return cudaErrorInvalidValue;
  std::memset(memory, value, bytes);
  written(memory);
  return cudaSuccess;
}

/// `call` on a healthy device, when everything before it has ended.
template <class Call>
cudaError_t on_device(const Call& call) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return remember(sick);
  wait_for_device();
  return remember(call());
}

}  // namespace

bool is_device_memory(const void* address, std::int64_t bytes) {
  const auto holder = find(address);
  return bytes >= 0 && holder &&
         number(address) - (*holder)->first + static_cast<std::size_t>(bytes) <= (*holder)->second.bytes;
}

std::int64_t bytes_from(const void* address) {
  const auto holder = find(address);
  return holder ? static_cast<std::int64_t>((*holder)->first + (*holder)->second.bytes - number(address)) : 0;
}

int device_of(const void* address) {
  const auto holder = find(address);
  return holder ? (*holder)->second.device : -1;
}

void written(const void* address) {
  if (const auto holder = find(address)) (*holder)->second.version = ++device_memory().writes;
}

std::uint64_t version(const void* address) {
  const auto holder = find(address);
  return holder ? (*holder)->second.version : 0;
}

std::vector<std::uint64_t> Repetition::state(std::vector<std::uint64_t> parameters,
                                             std::initializer_list<const void*> memory, const void* output) {
  for (const void* address : memory) parameters.insert(parameters.end(), {number(address), version(address)});
  parameters.insert(parameters.end(), {number(output), version(output)});
  return parameters;
}

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  return self::on_device([&] { return self::allocate(memory, bytes); });
}
cudaError_t cudaFree(void* memory) {
  return self::on_device([&] { return self::release(memory); });
}
cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  return self::on_device([&] {
    const std::int64_t limit = self::settings().host_mib << 20;
    *memory = limit > 0 && static_cast<std::int64_t>(bytes) > limit ? nullptr : std::malloc(bytes);
    if (*memory == nullptr) return cudaErrorMemoryAllocation;
    self::pin(*memory, bytes);
    return cudaSuccess;
  });
}
cudaError_t cudaFreeHost(void* memory) {
  if (memory != nullptr && !self::unpin(memory)) return self::remember(cudaErrorInvalidValue);
  std::free(memory);
  return self::remember(self::health());
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return self::on_device([&] {
    *total = self::total_bytes();
    *free = *total - self::device_memory().used;
    return cudaSuccess;
  });
}
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  const cudaError_t status = cudaMemcpyAsync(to, from, bytes, kind, nullptr);
  return status == cudaSuccess ? cudaStreamSynchronize(nullptr) : status;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  if (kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToHost) {
    if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
    return self::remember(self::copy_over_pcie(to, from, bytes, kind == cudaMemcpyHostToDevice, stream));
  }
  return self::on_device([&] {
    if (const cudaError_t error = self::find_stream(stream); error != cudaSuccess) return error;
    self::settle(stream);
    const auto size = static_cast<std::int64_t>(bytes);
    const bool on_one_device = kind == cudaMemcpyDeviceToDevice && bytes > 0 && self::is_device_memory(to, size) &&
                               self::is_device_memory(from, size) && self::device_of(to) == self::device_of(from);
    return on_one_device ? self::play_copy(to, from, bytes) : self::copy(to, from, bytes, kind);
  });
}
cudaError_t cudaMemset(void* memory, int value, size_t bytes) {
  return self::on_device([&] { return self::set(memory, value, bytes); });
}
cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t stream) {
  if (self::device_hangs()) return self::remember(self::health());  // it waits behind what never ends
  if (const cudaError_t error = self::find_stream(stream); error != cudaSuccess) return self::remember(error);
  self::settle(stream);
  if (bytes >= self::kMeasuredFill && self::is_device_memory(memory, static_cast<std::int64_t>(bytes)))
    return self::on_device([&] { return self::play_fill(memory, value, bytes); });
  return cudaMemset(memory, value, bytes);
}
}
// NOLINTEND(readability-identifier-naming)
