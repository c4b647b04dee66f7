#include "bench/harness/gpu_place.hpp"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <charconv>

namespace peakproof::bench {
namespace {

std::optional<int> integer(const std::optional<std::string>& text) {
  int value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

/// "00000000:17:00.0" -> "0000:17:00.0", as the kernel names the folder.
std::string kernel_address(std::string address) {
  for (char& c : address) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::size_t domain_digits = 4;
  const auto colon = address.find(':');
  if (colon != std::string::npos && colon > domain_digits) address.erase(0, colon - domain_digits);
  return address;
}

}  // namespace

int pcie_generation(const std::string& speed) {
  static constexpr std::array<const char*, 6> kSpeeds = {"2.5", "5", "8", "16", "32", "64"};
  const auto space = speed.find(' ');
  if (space == std::string::npos || speed.compare(space + 1, 4, "GT/s") != 0) return 0;
  std::string number = speed.substr(0, space);
  if (number.ends_with(".0")) number.erase(number.size() - 2);
  for (std::size_t i = 0; i < kSpeeds.size(); ++i)
    if (number == kSpeeds.at(i)) return static_cast<int>(i) + 1;
  return 0;
}

GpuPlace gpu_place(const std::string& pci_bus_id, const SystemRoot& root) {
  const auto folder = root / "sys/bus/pci/devices" / kernel_address(pci_bus_id);
  GpuPlace place;
  if (const auto node = integer(read_text(folder / "numa_node")); node && *node >= 0) place.numa_node = node;
  // The folder is a link into the tree of bridges: what is above it there is the port.
  std::error_code error;
  const auto real = std::filesystem::canonical(folder, error);
  if (error) return place;
  const auto port = real.parent_path();
  const auto lanes = integer(read_text(port / "max_link_width"));
  const int generation = pcie_generation(read_text(port / "max_link_speed").value_or(""));
  if (lanes && *lanes > 0 && generation > 0) place.port = theory::PcieLink{generation, *lanes};
  return place;
}

std::optional<int> memory_node(const void* address) {
  int node = -1;
  const long status = syscall(SYS_get_mempolicy, &node, nullptr, 0UL, address, MPOL_F_NODE | MPOL_F_ADDR);
  return status == 0 && node >= 0 ? std::optional(node) : std::nullopt;
}

}  // namespace peakproof::bench
