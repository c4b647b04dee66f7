#include "tests/stand_in/link.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/settings.hpp"
#include "tests/stand_in/state.hpp"
#include "tests/stand_in/stream.hpp"

namespace peakproof::stand_in {
namespace {

/// Bytes per second of a lane, encoding taken off, by generation.
constexpr std::array<double, 7> kLane = {0, 250e6, 500e6, 984.615e6, 1969.231e6, 3938.462e6, 7375e6};
constexpr double kNvLink = 25e9;           // of a link and direction
constexpr std::size_t kService = 1 << 16;  // smaller copies of pageable memory serve the measuring: they take no time

double pcie_bytes_per_second() {
  const Settings& played = settings();
  const auto generation = static_cast<std::size_t>(std::clamp(played.pcie.generation, 1, 6));
  return kLane.at(generation) * played.pcie.lanes;
}

/// By first address, the bytes.
std::map<std::uintptr_t, std::size_t>& pinned() {
  static std::map<std::uintptr_t, std::size_t> ranges;
  return ranges;
}
std::uintptr_t number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

bool is_pinned(const void* address, std::size_t bytes) {
  const auto after = pinned().upper_bound(number(address));
  if (after == pinned().begin()) return false;
  const auto holder = std::prev(after);
  return number(address) - holder->first + bytes <= holder->second;
}

/// One direction of one device's link.
struct Direction {
  int device = 0;
  bool nvlink = false;
  bool inwards = false;
  friend bool operator<(const Direction& a, const Direction& b) {
    return std::tie(a.device, a.nvlink, a.inwards) < std::tie(b.device, b.nvlink, b.inwards);
  }
};
std::map<Direction, std::int64_t>& free_from() {
  static std::map<Direction, std::int64_t> times;
  return times;
}

struct Copy {
  void* to = nullptr;
  const void* from = nullptr;
  std::size_t bytes = 0;
  cudaStream_t stream = nullptr;
  double bytes_per_second = 0;
  std::vector<Direction> over;
  bool waits = false;  ///< the call comes back when the copy has ended
};

/// What arrives, with a flaw or without.
void move(const Copy& copy, Flaw flaw) {
  constexpr std::size_t block = 4096;
  auto* to = static_cast<unsigned char*>(copy.to);
  const auto* from = static_cast<const unsigned char*>(copy.from);
  const std::size_t middle = copy.bytes / 2;
  switch (flaw) {
    case Flaw::idle:
      return;
    case Flaw::shorter:
      std::memcpy(to, from, copy.bytes - std::min<std::size_t>(copy.bytes, 64));
      return;
    case Flaw::dropped:
      if (copy.bytes < 2 * block) return;
      std::memcpy(to, from, middle);
      std::memcpy(to + middle + block, from + middle + block, copy.bytes - middle - block);
      return;
    case Flaw::none:
    case Flaw::wrong:
    case Flaw::nan:
      break;
  }
  std::memcpy(to, from, copy.bytes);
  if (flaw == Flaw::wrong) to[middle] ^= 1U;
  if (flaw == Flaw::nan) std::memset(to + middle / 8 * 8, 0xff, std::min<std::size_t>(copy.bytes, 8));
}

/// Whether the same copy has just been made and nothing has happened since: a thousand copies in a row move their data
/// once.
class Moved {
 public:
  [[nodiscard]] bool already(const Copy& copy) const {
    const auto found = done_.find({copy.to, copy.from, copy.bytes});
    return found != done_.end() && found->second == now(copy);
  }
  void remember(const Copy& copy) { done_[{copy.to, copy.from, copy.bytes}] = now(copy); }

 private:
  using State = std::array<std::uint64_t, 3>;
  static State now(const Copy& copy) { return {epoch(), version(copy.to), version(copy.from)}; }
  std::map<std::tuple<void*, const void*, std::size_t>, State> done_;
};

cudaError_t play(const KernelModel& model, const Copy& copy) {
  static Moved moved;
  if (copy.waits) wait_for_device();
  const bool measured = model.role == Role::measured;
  if (measured) {
    cudaError_t error = cudaSuccess;
    if (!survives(model, &error)) return error;
  }
  std::int64_t begin = end_of(copy.stream);
  for (const Direction& direction : copy.over) begin = std::max(begin, free_from()[direction]);
  if (measured || copy.bytes >= kService) {
    const double seconds = 1e-6 * settings().copy_us + static_cast<double>(copy.bytes) / copy.bytes_per_second;
    const std::int64_t end = begin + std::llround(1e12 * seconds * (measured ? delay_by_noise() : 1));
    for (const Direction& direction : copy.over) free_from()[direction] = end;
    extend(copy.stream, end);
  }
  if (copy.waits)
    settle(copy.stream);
  else
    link_is_busy();
  const bool flawed = measured || (settings().flawed_kernel == model.name && copy.bytes >= kService);
  const Flaw flaw = flawed ? flaw_of(model.name) : Flaw::none;
  if (moved.already(copy)) return cudaSuccess;
  move(copy, flaw);
  if (is_device_memory(copy.to, 0)) written(copy.to);
  moved.remember(copy);
  return cudaSuccess;
}

/// Which device may reach the memory of which.
std::set<std::pair<int, int>>& accesses() {
  static std::set<std::pair<int, int>> accesses;
  return accesses;
}

bool has_access(int from, int to) { return accesses().count({from, to}) == 1; }

/// The NVLinks between two devices: all by way of switches, or those that end at the other one (see nvml.cpp).
int nvlinks_between(int from, int to) {
  const int links = settings().nvlinks;
  const int others = settings().count - 1;
  if (settings().nvswitch || others < 1) return links;
  const int place = to < from ? to : to - 1;
  return links / others + (place < links % others ? 1 : 0);
}

cudaError_t copy_to_peer(void* to, int to_device, const void* from, int from_device, std::size_t bytes,
                         cudaStream_t stream) {
  static const KernelModel kPeer{.name = "p2p", .role = Role::measured};
  const auto size = static_cast<std::int64_t>(bytes);
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  if (const cudaError_t error = find_stream(stream); error != cudaSuccess) return error;
  if (recording_of(stream) != nullptr) return cudaErrorStreamCaptureUnsupported;
  if (bytes == 0) return cudaSuccess;
  if (!is_device_memory(to, size) || !is_device_memory(from, size) || device_of(to) != to_device ||
      device_of(from) != from_device)
    return cudaErrorInvalidValue;
  const bool direct = has_access(from_device, to_device) || has_access(to_device, from_device);
  const int nvlinks = nvlinks_between(physical_index(from_device), physical_index(to_device));
  const bool nvlink = direct && nvlinks > 0;
  const double link = nvlink ? kNvLink * nvlinks : pcie_bytes_per_second();
  constexpr double staged = 0.5;  // through the host: over the link twice
  return play(kPeer, {.to = to,
                      .from = from,
                      .bytes = bytes,
                      .stream = stream,
                      .bytes_per_second = link * settings().p2p_speed * (direct ? 1 : staged),
                      .over = {{.device = from_device, .nvlink = nvlink, .inwards = false},
                               {.device = to_device, .nvlink = nvlink, .inwards = true}}});
}

bool exists(int device) { return device >= 0 && device < visible_count(); }
bool can_access(int from, int to) { return from != to && settings().peer; }

cudaError_t enable_access(int peer) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  if (!exists(peer)) return cudaErrorInvalidDevice;
  if (!can_access(current_device(), peer)) return cudaErrorPeerAccessUnsupported;
  return accesses().insert({current_device(), peer}).second ? cudaSuccess : cudaErrorPeerAccessAlreadyEnabled;
}

cudaError_t disable_access(int peer) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  return accesses().erase({current_device(), peer}) == 1 ? cudaSuccess : cudaErrorPeerAccessNotEnabled;
}

}  // namespace

void pin(const void* memory, std::size_t bytes) { pinned()[number(memory)] = bytes; }
bool unpin(const void* memory) { return pinned().erase(number(memory)) == 1; }

cudaError_t copy_over_pcie(void* to, const void* from, std::size_t bytes, bool to_device, cudaStream_t stream) {
  static const std::array<KernelModel, 4> kModels = {{{.name = "pageable_d2h"},
                                                      {.name = "pageable_h2d"},
                                                      {.name = "pcie_d2h", .role = Role::measured},
                                                      {.name = "pcie_h2d", .role = Role::measured}}};
  const auto size = static_cast<std::int64_t>(bytes);
  if (const cudaError_t error = find_stream(stream); error != cudaSuccess) return error;
  if (recording_of(stream) != nullptr) return cudaErrorStreamCaptureUnsupported;
  if (bytes == 0) return cudaSuccess;
  if (!is_device_memory(to_device ? to : from, size)) return cudaErrorInvalidValue;
  const bool fixed = is_pinned(to_device ? from : to, bytes);
  const int device = device_of(to_device ? to : from);
  const double speed = fixed ? settings().pcie_speed : settings().pageable_speed;
  return play(kModels.at((fixed ? 2U : 0U) + (to_device ? 1U : 0U)),
              {.to = to,
               .from = from,
               .bytes = bytes,
               .stream = stream,
               .bytes_per_second = pcie_bytes_per_second() * speed,
               .over = {{.device = device, .inwards = to_device}},
               .waits = !fixed});
}

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (!self::exists(device) || !self::exists(peer)) return self::remember(cudaErrorInvalidDevice);
  *can = self::can_access(device, peer) ? 1 : 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  return self::remember(flags != 0 ? cudaErrorInvalidValue : self::enable_access(peer));
}
cudaError_t cudaDeviceDisablePeerAccess(int peer) { return self::remember(self::disable_access(peer)); }
cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, size_t bytes,
                                cudaStream_t stream) {
  return self::remember(self::copy_to_peer(to, to_device, from, from_device, bytes, stream));
}
}
// NOLINTEND(readability-identifier-naming)
