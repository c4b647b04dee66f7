#include "bench/harness/link_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace peakproof::bench {
namespace {

double rate(theory::PcieLink link) {
  const auto peak = theory::pcie_peak(link);
  return peak ? peak->per_second : 0;
}

}  // namespace

LinkWatch::LinkWatch(std::vector<Gpu> gpus) {
  for (Gpu& gpu : gpus) {
    const NvmlDevice* management = gpu.management;
    Watched watched{.gpu = std::move(gpu)};
    if (management != nullptr) {
      watched.best = management->best_pcie_link();
      watched.own_generation = management->own_pcie_generation();
      watched.at_rest = management->pcie_link();
      watched.replays_before = management->pcie_replays();
    }
    watched_.push_back(std::move(watched));
  }
}

void LinkWatch::look(const std::function<void()>& load, const std::function<bool()>& busy) {
  constexpr int kMostLoads = 64;
  for (int loads = 1; loads <= kMostLoads; loads *= 2) {
    for (int i = 0; i < loads; ++i) load();
    std::vector<std::optional<theory::PcieLink>> read;
    for (const Watched& watched : watched_)
      read.push_back(watched.gpu.management != nullptr ? watched.gpu.management->pcie_link() : std::nullopt);
    if (!busy()) continue;
    for (std::size_t i = 0; i < read.size(); ++i) {
      auto& known = watched_[i].under_load;
      if (read[i] && std::find(known.begin(), known.end(), *read[i]) == known.end()) known.push_back(*read[i]);
    }
    return;
  }
}

std::optional<theory::PcieLink> LinkWatch::fastest(const Watched& watched) {
  std::optional<theory::PcieLink> best;
  for (const auto link : watched.under_load)
    if (!best || rate(link) > rate(*best)) best = link;
  return best;
}

std::optional<theory::PcieLink> LinkWatch::link() const {
  std::optional<theory::PcieLink> narrowest;
  for (const Watched& watched : watched_) {
    const auto link = fastest(watched);
    if (!link) return std::nullopt;
    if (!narrowest || rate(*link) < rate(*narrowest)) narrowest = link;
  }
  return narrowest;
}

std::string LinkWatch::text(const Watched& watched) {
  const std::string whose = watched.gpu.name.empty() ? "PCIe link" : "PCIe link of " + watched.gpu.name;
  const auto link = fastest(watched);
  if (!link)
    return whose + (watched.gpu.management == nullptr ? " unknown: NVML does not answer"
                                                      : " unknown: NVML did not tell it while copies were under way");
  std::string text = fmt::format("{} under load: {}", whose, theory::to_string(*link));
  if (watched.best) {
    text += rate(*link) < rate(*watched.best)
                ? fmt::format(" of {} that GPU and slot can do (look at the seat, the riser and the BIOS)",
                              theory::to_string(*watched.best))
                : ", all that GPU and slot can do";
    if (watched.own_generation && *watched.own_generation > watched.best->generation)
      text += fmt::format("; the slot stops at Gen{}, the GPU alone could Gen{}", watched.best->generation,
                          *watched.own_generation);
  }
  if (watched.under_load.size() > 1) {
    text += "; it changed:";
    for (const auto other : watched.under_load) text += ' ' + theory::to_string(other);
  }
  if (watched.at_rest && *watched.at_rest != *link) text += "; at rest " + theory::to_string(*watched.at_rest);
  const auto replays = watched.gpu.management->pcie_replays();
  if (replays && watched.replays_before && *replays > *watched.replays_before)
    text += fmt::format("; {} packets were sent again (PCIe replays): the link has errors",
                        *replays - *watched.replays_before);
  return text;
}

std::string LinkWatch::text() const {
  std::string all;
  for (const Watched& watched : watched_) all += (all.empty() ? "" : "; ") + text(watched);
  return all;
}

}  // namespace peakproof::bench
