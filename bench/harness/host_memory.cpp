#include "bench/harness/host_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <sstream>
#include <string>
#include <utility>

namespace peakproof::bench {
namespace {

/// "7f12a000-7f12c000 rw-p …" -> begin and end; nothing for any other line.
std::optional<std::pair<std::uintptr_t, std::uintptr_t>> range_of(const std::string& line) {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  const char* const last = line.data() + line.size();
  const auto first = std::from_chars(line.data(), last, begin, 16);
  if (first.ec != std::errc() || first.ptr == last || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, last, end, 16);
  if (second.ec != std::errc() || second.ptr == last || *second.ptr != ' ') return std::nullopt;
  return std::pair{begin, end};
}

}  // namespace

HostMemory::HostMemory(std::int64_t bytes, Pages pages) : bytes_(bytes) {
  // Whole huge pages, and room to begin at one.
  mapped_ = (static_cast<std::size_t>(bytes) + alignment - 1) / alignment * alignment + alignment;
  mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    throw std::bad_alloc();
  }
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(mapping_) % alignment;
  data_ = static_cast<std::byte*>(mapping_) + (beyond == 0 ? 0 : alignment - beyond);
  // A kernel that has no huge pages says no, and everything runs all the same.
  (void)madvise(mapping_, mapped_, pages == Pages::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

HostMemory::~HostMemory() {
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
}

void HostMemory::swap(HostMemory& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_, other.mapped_);
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
}

std::optional<double> HostMemory::huge_share() const {
  const auto huge = huge_bytes(read_text("/proc/self/smaps").value_or(""), reinterpret_cast<std::uintptr_t>(data_));
  if (!huge || bytes_ <= 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(*huge) / static_cast<double>(bytes_));
}

bool has_huge_pages(const SystemRoot& root) {
  const auto enabled = read_text(root / "sys/kernel/mm/transparent_hugepage/enabled");
  return enabled && enabled->find("[never]") == std::string::npos;
}

std::int64_t page_bytes(Pages pages, const SystemRoot& root) {
  if (pages == Pages::base) return sysconf(_SC_PAGESIZE);
  const std::string text = read_text(root / "sys/kernel/mm/transparent_hugepage/hpage_pmd_size").value_or("");
  std::int64_t bytes = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return parsed.ec == std::errc() ? bytes : 0;
}

std::optional<std::int64_t> huge_bytes(std::string_view smaps, std::uintptr_t address) {
  constexpr std::string_view key = "AnonHugePages:";
  std::istringstream lines{std::string(smaps)};
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (const auto range = range_of(line)) inside = range->first <= address && address < range->second;
    if (!inside || line.compare(0, key.size(), key) != 0) continue;
    std::istringstream number(line.substr(key.size()));
    std::int64_t kibibytes = 0;
    if (number >> kibibytes) return kibibytes * 1024;
  }
  return std::nullopt;
}

}  // namespace peakproof::bench
