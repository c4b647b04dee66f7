// PCIe links as they are under load: an idle GPU lets its link fall to a lower generation, so that a reading counts only
// if copies were under way before it and still are after it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/nvml.hpp"
#include "theory/link.hpp"

namespace peakproof::bench {

class LinkWatch {
 public:
  /// Of these GPUs, by their names; reads what they can do and how they are at rest. A null one is unknown.
  struct Gpu {
    std::string name;
    const NvmlDevice* management = nullptr;
  };
  explicit LinkWatch(std::vector<Gpu> gpus);

  /// Reads the links while `load` keeps them busy, `busy` telling whether it still does; with twice the load again where
  /// the load had ended too early. Leaves waiting for the load to the caller.
  void look(const std::function<void()>& load, const std::function<bool()>& busy);

  /// The narrowest of the links, each at the best that was read under load; nothing where one is unknown.
  [[nodiscard]] std::optional<theory::PcieLink> link() const;
  /// The links for a note: under load, at rest, what GPU and slot could do, packets sent again.
  [[nodiscard]] std::string text() const;

 private:
  struct Watched {
    Gpu gpu;
    std::optional<theory::PcieLink> best;  ///< of GPU and slot
    std::optional<int> own_generation;     ///< of the GPU alone
    std::optional<theory::PcieLink> at_rest;
    std::optional<std::uint64_t> replays_before;
    std::vector<theory::PcieLink> under_load;  ///< each that was read, once, in the order of reading
  };
  [[nodiscard]] static std::optional<theory::PcieLink> fastest(const Watched& watched);
  [[nodiscard]] static std::string text(const Watched& watched);
  std::vector<Watched> watched_;
};

}  // namespace peakproof::bench
