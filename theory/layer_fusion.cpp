#include "theory/layer_fusion.hpp"

#include <algorithm>
#include <numeric>

namespace peakproof::theory {
namespace {

bool can_host(LayerKind kind) {
  return kind == LayerKind::matrix || kind == LayerKind::reduction || kind == LayerKind::elementwise;
}

class Fusion {
 public:
  Fusion(const Network& network, const NetworkCost& cost, const TensorFlow& flow)
      : network_(network), cost_(cost), flow_(flow), host_(network.layers.size()), barred_(network.layers.size()) {}

  /// Takes in every candidate first; those through whose input others would be served too are then left out, until none
  /// is left to leave out. So x * sigmoid(x) is fused, which reads x twice, and a residual connection is not.
  std::vector<std::size_t> hosts() {
    do {
      assign();
    } while (bar());
    return host_;
  }

 private:
  void assign() {
    std::iota(host_.begin(), host_.end(), std::size_t{0});
    for (std::size_t l = 0; l < host_.size(); ++l)
      if (cost_.layers[l].kind == LayerKind::elementwise && !barred_[l]) host_[l] = candidate(l);
  }

  /// The host of the input that is made last, where that one has as many elements as the output; else itself.
  std::size_t candidate(std::size_t layer) const {
    const auto outputs = flow_.homes(network_.layers[layer].outputs);
    const auto inputs = flow_.homes(network_.layers[layer].inputs);
    std::size_t host = TensorFlow::nobody;
    for (const std::size_t input : inputs) {
      const std::size_t maker = flow_.maker[input];
      if (maker != TensorFlow::nobody && (host == TensorFlow::nobody || host_[maker] > host)) host = host_[maker];
    }
    if (outputs.empty() || host == TensorFlow::nobody || !can_host(cost_.layers[host].kind)) return layer;
    const std::int64_t elements = network_.tensors[outputs.front()].elements();
    const bool same = std::all_of(inputs.begin(), inputs.end(), [&](std::size_t input) {
      const std::size_t maker = flow_.maker[input];
      return maker == TensorFlow::nobody || host_[maker] != host || network_.tensors[input].elements() == elements;
    });
    return same ? host : layer;
  }

  bool bar() {
    bool changed = false;
    for (std::size_t l = 0; l < host_.size(); ++l) {
      if (host_[l] == l) continue;
      for (const std::size_t input : flow_.homes(network_.layers[l].inputs)) {
        const std::size_t maker = flow_.maker[input];
        if (maker == TensorFlow::nobody || host_[maker] != host_[l] || stays_inside(input, host_[l])) continue;
        barred_[l] = true;
        changed = true;
      }
    }
    return changed;
  }

  bool stays_inside(std::size_t tensor, std::size_t host) const {
    const auto& readers = flow_.readers[tensor];
    return !flow_.leaves[tensor] &&
           std::all_of(readers.begin(), readers.end(), [&](std::size_t reader) { return host_[reader] == host; });
  }

  const Network& network_;
  const NetworkCost& cost_;
  const TensorFlow& flow_;
  std::vector<std::size_t> host_;
  std::vector<bool> barred_;
};

}  // namespace

std::vector<std::size_t> fuse(const Network& network, const NetworkCost& cost, const TensorFlow& flow) {
  return Fusion(network, cost, flow).hosts();
}

}  // namespace peakproof::theory
