// The device that a command is about: one in this machine, a known board, or one described in a file.
#pragma once

#include <string>

#include "theory/boards.hpp"
#include "theory/device_spec.hpp"

namespace CLI {
class App;
}

namespace peakproof::bench {

struct DeviceChoice {
  std::string device;
  std::string board;
  std::string spec;
};

/// Adds --device, --board and --spec to a group of options of which one at most is taken.
void add_device_choice(CLI::App& group, DeviceChoice& choice);

/// The device that is meant, and the board that it is, if it is a known one.
struct ChosenDevice {
  theory::DeviceSpec device;
  const theory::Board* board = nullptr;
};
/// Without a choice the first GPU, as elsewhere. Throws UsageError for an unknown board and a file that describes none.
[[nodiscard]] ChosenDevice chosen_device(const DeviceChoice& choice);

}  // namespace peakproof::bench
