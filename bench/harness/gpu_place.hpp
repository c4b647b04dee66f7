// Where a GPU and the host's memory sit, from the system's files: what limits a link that the GPU does not.
#pragma once

#include <optional>
#include <string>

#include "bench/harness/cpu_topology.hpp"
#include "theory/link.hpp"

namespace peakproof::bench {

/// What the system says of a GPU's place; a field that it does not tell is empty.
struct GpuPlace {
  std::optional<int> numa_node;          ///< of the CPU that the GPU hangs on
  std::optional<theory::PcieLink> port;  ///< the most that the port above it can do
};
/// By its PCI address ("00000000:17:00.0"), from sys/bus/pci/devices below `root`.
[[nodiscard]] GpuPlace gpu_place(const std::string& pci_bus_id, const SystemRoot& root = "/");

/// The generation of a speed as the kernel writes it ("32.0 GT/s PCIe"); 0: none.
[[nodiscard]] int pcie_generation(const std::string& speed);

/// The node that holds the page at this address, which has been written to; nothing where the system does not tell.
[[nodiscard]] std::optional<int> memory_node(const void* address);

}  // namespace peakproof::bench
