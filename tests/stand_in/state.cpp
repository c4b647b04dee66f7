#include "tests/stand_in/state.hpp"

#include <unistd.h>

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

std::string uuid_text(int index) {
  std::string text = "GPU-";
  const auto uuid = uuid_of(index);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[uuid[i] >> 4U];
    text += digits[uuid[i] & 15U];
    if (i == 3 || i == 5 || i == 7 || i == 9) text += '-';
  }
  return text;
}

/// As CUDA reads CUDA_VISIBLE_DEVICES: the first entry that means no device ends the list.
std::vector<int> read_visible() {
  const int count = settings().count;
  std::vector<int> visible;
  const char* variable = std::getenv("CUDA_VISIBLE_DEVICES");
  if (!variable) {
    for (int i = 0; i < count; ++i) visible.push_back(i);
    return visible;
  }
  std::istringstream entries(variable);
  for (std::string entry; std::getline(entries, entry, ',');) {
    int meant = -1;
    for (int i = 0; i < count; ++i)
      if (entry == std::to_string(i) || (entry.size() > 4 && uuid_text(i).compare(0, entry.size(), entry) == 0))
        meant = i;
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
  if (!settings().driver) return cudaErrorInsufficientDriver;
  if (visible().empty()) return cudaErrorNoDevice;
  return state().lost;
}

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess && error != cudaErrorNotReady) state().last = error;
  return error;
}

void lose_device(cudaError_t error) { state().lost = error; }

void hang_device() { state().hangs = true; }
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
