// Memory of the host in pages of a wanted size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "bench/harness/cpu_topology.hpp"

namespace peakproof::bench {

enum class Pages { base, huge };

/// Bytes from an address that is a multiple of 2 MiB, zero at first, given back at the end. A page lies in the NUMA node
/// of the thread that writes it first. Huge pages are a wish: a system without them gives small ones.
class HostMemory {
 public:
  static constexpr std::size_t alignment = std::size_t{2} << 20U;

  HostMemory() = default;
  /// Throws std::bad_alloc where there is no room.
  explicit HostMemory(std::int64_t bytes, Pages pages = Pages::huge);
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;
  HostMemory(HostMemory&& other) noexcept { swap(other); }
  HostMemory& operator=(HostMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~HostMemory();

  [[nodiscard]] void* data() const { return data_; }
  [[nodiscard]] std::span<std::uint64_t> words() const {
    return {static_cast<std::uint64_t*>(data_), static_cast<std::size_t>(bytes_) / sizeof(std::uint64_t)};
  }
  /// The share of it that huge pages hold now, 0 to 1; nothing where the system does not tell.
  [[nodiscard]] std::optional<double> huge_share() const;

 private:
  void swap(HostMemory& other) noexcept;

  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
  void* data_ = nullptr;
  std::int64_t bytes_ = 0;
};

/// Whether the system has huge pages for programs that ask for them.
[[nodiscard]] bool has_huge_pages(const SystemRoot& root = "/");
/// Bytes of a page: of the base size, or of a huge one (0 where unknown).
[[nodiscard]] std::int64_t page_bytes(Pages pages, const SystemRoot& root = "/");
/// In the text of /proc/self/smaps, the bytes in huge pages of the mapping that holds the address; nothing where there
/// is none.
[[nodiscard]] std::optional<std::int64_t> huge_bytes(std::string_view smaps, std::uintptr_t address);

}  // namespace peakproof::bench
