#include "tests/stand_in/state.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {
namespace {

struct State {
  cudaError_t last = cudaSuccess;
  cudaError_t lost = cudaSuccess;
  bool hangs = false;
};
State& state() {
  static State state;
  return state;
}

/// As CUDA reads CUDA_VISIBLE_DEVICES: the first entry that means no device ends the list.
std::vector<int> read_visible() {
  std::vector<int> there;
  for (int i = 0; i < settings_of(0).count; ++i)
    if (settings_of(i).visible) there.push_back(i);
  const char* variable = std::getenv("CUDA_VISIBLE_DEVICES");
  if (!variable) return there;
  std::vector<int> visible;
  std::istringstream entries(variable);
  for (std::string entry; std::getline(entries, entry, ',');) {
    int meant = -1;
    for (std::size_t i = 0; i < there.size(); ++i)
      if (entry == std::to_string(i) || (entry.size() > 4 && uuid_text(there[i]).compare(0, entry.size(), entry) == 0))
        meant = there[i];
    if (meant < 0) break;
    visible.push_back(meant);
  }
  return visible;
}

const std::vector<int>& visible() {
  static const std::vector<int> kVisible = read_visible();
  return kVisible;
}

}  // namespace

cudaError_t health() {
  const Settings& played = settings();
  if (!played.driver) return cudaErrorInsufficientDriver;
  if (played.init.cuda != 0 && !played.init.of_device && !played.init.at_launch)
    return static_cast<cudaError_t>(played.init.cuda);
  if (visible().empty()) return cudaErrorNoDevice;
  return state().lost;
}

cudaError_t refusal_of_device() {
  constexpr int prohibited = 2;  // nvmlComputeMode_t
  constexpr int exclusive = 3;
  const Settings& played = settings();
  const bool taken = played.compute_mode == exclusive && played.foreign_load_percent > 0;
  if (played.compute_mode == prohibited || taken) return cudaErrorDevicesUnavailable;
  return played.init.of_device ? static_cast<cudaError_t>(played.init.cuda) : cudaSuccess;
}

cudaError_t refusal_of_kernels() {
  return settings().init.at_launch ? static_cast<cudaError_t>(settings().init.cuda) : cudaSuccess;
}

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess && error != cudaErrorNotReady) state().last = error;
  return error;
}

void lose_device(cudaError_t error) { state().lost = error; }

void hang_device() {
  state().hangs = true;
  if (!settings().deaf) return;
  for (const int heard : {SIGTERM, SIGINT, SIGHUP}) static_cast<void>(std::signal(heard, SIG_IGN));
  wait_for_device();
}
bool device_hangs() { return state().hangs; }
void wait_for_device() {
  if (device_hangs()) static_cast<void>(std::fputs("stand-in: waiting for a device that hangs\n", stderr));
  while (device_hangs()) pause();
}

int visible_count() { return static_cast<int>(visible().size()); }
int physical_index(int visible_index) { return visible().at(static_cast<std::size_t>(visible_index)); }

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

/// The program looks for this name and then says STAND-IN in its reports.
extern const int peakproof_stand_in;
const int peakproof_stand_in = 1;

cudaError_t cudaGetLastError() {
  using peakproof::stand_in::state;
  if (state().lost != cudaSuccess) return state().lost;
  const cudaError_t last = state().last;
  state().last = cudaSuccess;
  return last;
}
cudaError_t cudaPeekAtLastError() {
  using peakproof::stand_in::state;
  return state().lost != cudaSuccess ? state().lost : state().last;
}
}
// NOLINTEND(readability-identifier-naming)
