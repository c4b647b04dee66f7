// One thread that follows a ring: through global memory by addresses, through a texture by numbers of elements, through
// shared and constant memory by offsets into a ring that the kernel brings along. And single loads, one after the
// other.
#include "kernels/memory/pointer_chase.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/caches.hpp"
#include "tests/stand_in/models/ring.hpp"
#include "tests/stand_in/texture.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kStepsOfTrip = 61;

using Places = std::vector<std::uint64_t>;

/// The places of one round, from `first` on; empty where the walk leaves the memory or does not come back.
template <class Next>
Places round_from(std::uint64_t first, std::int64_t most, const Next& next) {
  Places places;
  std::uint64_t place = first;
  do {
    places.push_back(place);
    if (static_cast<std::int64_t>(places.size()) > most || !next(place)) return {};
  } while (place != first);
  return places;
}

/// A number that is an address, as a pointer.
const std::uint64_t* pointer(std::uint64_t address) {
  const std::uint64_t* there = nullptr;
  std::memcpy(&there, &address, sizeof there);
  return there;
}
const std::uint64_t* node(std::uint64_t address) { return elements(pointer(address), 1); }

/// The ring in global memory that this node belongs to.
Places global_ring(std::uint64_t first) {
  return round_from(first, std::int64_t{1} << 31U, [](std::uint64_t& place) {
    const auto* here = node(place);
    if (here != nullptr) place = *here;
    return here != nullptr;
  });
}

/// A walk: its ring, where in it it begins, and what a step takes.
struct Walk {
  Places places;
  std::size_t begin = 0;
  double cycles = 0;

  [[nodiscard]] std::uint64_t after(std::int64_t steps) const {
    return places[(begin + static_cast<std::size_t>(steps)) % places.size()];
  }
};

/// The near partition holds half of the L2.
double l2_or_memory_cycles(std::int64_t bytes) {
  if (bytes > Caches::l2_bytes()) return kMemoryCycles;
  return caches().two_partitions && bytes > Caches::l2_bytes() / 2 ? kFarCycles : kNearCycles;
}

/// Of a ring in global memory: by the size of its lines, and by how far it reaches.
double cycles_of(const Places& places, bool past_l1) {
  const std::int64_t lines = static_cast<std::int64_t>(places.size()) * kLine;
  const auto lowest = *std::min_element(places.begin(), places.end());
  const std::int64_t reach = bytes_from(pointer(lowest));
  const double walk = reach > kReachBytes ? kPageWalkCycles : 0;
  if (!past_l1 && lines <= caches().l1_bytes) return kL1Cycles;
  return walk + l2_or_memory_cycles(lines);
}

Places places_of_own_ring(std::int64_t nodes) {
  Places places;
  for (std::int64_t step = 0; step < nodes; ++step)
    places.push_back(static_cast<std::uint64_t>(ring_offset(nodes, 4, 1, step)));
  return places;
}

enum class Through { all_levels, second_level, shared, constant, texture };

/// The walk of this launch, without places where it would fault. The last one of each kind is kept: a ring is walked
/// through by many launches, each of which goes on where the one before it ended.
Walk& walk_of(const Launch& launch, Through through) {
  struct Known {
    std::uint64_t version = 0;  // of the memory
    std::uint64_t texture = 0;
    Walk walk;
  };
  static std::map<Through, Known> all;
  Known& known = all[through];
  Walk& walk = known.walk;
  const auto first = launch.argument<std::uint64_t>(0);
  if (through == Through::all_levels || through == Through::second_level) {
    const auto now = version(pointer(first));
    if (walk.places.empty() || known.version != now) {
      walk.places = global_ring(first);
      walk.cycles = walk.places.empty() ? 0 : cycles_of(walk.places, through == Through::second_level);
    }
    known.version = now;
  } else if (through == Through::texture) {
    const auto handle = launch.argument<std::uint64_t>(1);
    const TextureObject* object = texture(handle);
    const auto now = object != nullptr ? version(object->data) : 0;
    if (object == nullptr)
      walk.places.clear();
    else if (walk.places.empty() || known.texture != handle || known.version != now)
      walk.places = round_from(first, object->texels, [&](std::uint64_t& place) {
        const bool inside = static_cast<std::int64_t>(place) < object->texels;
        if (inside) place = object->data[place];
        return inside;
      });
    known.texture = handle;
    known.version = now;
    walk.cycles = kTextureCycles;
  } else if (walk.places.empty()) {
    walk.places = places_of_own_ring(through == Through::shared ? 2048 : 256);
    walk.cycles = through == Through::shared ? kSharedCycles : kConstantCycles;
  }
  if (walk.begin >= walk.places.size() || walk.places[walk.begin] != first) {
    const auto found = std::find(walk.places.begin(), walk.places.end(), first);
    walk.begin = static_cast<std::size_t>(found - walk.places.begin());
    if (found == walk.places.end()) walk.places.clear();
  }
  return walk;
}

std::int64_t flawed(std::int64_t steps, Flaw flaw) {
  if (flaw == Flaw::shorter) return steps - kStepsOfTrip;
  return flaw == Flaw::dropped ? steps - 1 : steps;
}

std::uint64_t spoilt(std::uint64_t last, Flaw flaw) {
  if (flaw == Flaw::nan) return ~std::uint64_t{0};
  return flaw == Flaw::wrong ? last ^ 4U : last;
}

KernelModel chase_model(const std::string& name, const std::string& path, Through through) {
  const auto steps = [](const Launch& launch, int argument) { return launch.argument<int>(argument) * kStepsOfTrip; };
  return {.name = name,
          .kernel = "pointer_chase<" + path + ">",
          .role = Role::measured,
          .cost =
              [=](const Launch& launch) {
                const Walk& walk = walk_of(launch, through);
                return Cost{.latency_cycles = walk.cycles * static_cast<double>(steps(launch, 2) + steps(launch, 3))};
              },
          .answer =
              [=](const Launch& launch) {
                auto* out = elements(launch.argument<kernels::ChaseOutcome*>(4), 1);
                Walk& walk = walk_of(launch, through);
                if (out == nullptr || walk.places.empty()) return cudaErrorIllegalAddress;
                const std::int64_t all = steps(launch, 2) + steps(launch, 3);
                *out = {.last = spoilt(walk.after(flawed(all, launch.flaw)), launch.flaw),
                        .cycles = static_cast<std::int64_t>(walk.cycles * static_cast<double>(steps(launch, 3))),
                        .smid = 0};
                written(out);
                walk.begin = (walk.begin + static_cast<std::size_t>(all)) % walk.places.size();
                return cudaSuccess;
              }};
}

const Model kAllLevels(chase_model("chase_all_levels", "AllLevels", Through::all_levels));
const Model kSecondLevel(chase_model("chase_second_level", "SecondLevel", Through::second_level));
const Model kShared(chase_model("chase_shared", "SharedRing", Through::shared));
const Model kConstant(chase_model("chase_constant", "ConstantRing", Through::constant));
const Model kTexture(chase_model("chase_texture", "TextureRing", Through::texture));

// ---- the same walk from every SM ----

double cycles_on(const Launch& launch, std::int64_t sm) {
  return l2_cycles(static_cast<std::int64_t>(launch.argument<std::uint64_t>(0)) / kLine, sm);
}

Cost by_sm_cost(const Launch& launch) {
  double cycles = 0;
  for (std::int64_t sm = 0; sm < settings().sms; ++sm)
    cycles += cycles_on(launch, sm) * static_cast<double>((launch.argument<int>(1) + 1) * kStepsOfTrip);
  return {.latency_cycles = cycles};
}

cudaError_t by_sm(const Launch& launch) {
  const std::int64_t steps = launch.argument<int>(1) * kStepsOfTrip;
  auto* out = elements(launch.argument<kernels::ChaseOutcome*>(3), 1024);
  const auto* turn = elements(launch.argument<const std::uint32_t*>(2), 1025);
  if (!out || !turn || std::any_of(turn, turn + 1025, [](std::uint32_t word) { return word != 0; }))
    return cudaErrorIllegalAddress;
  const Places places = global_ring(launch.argument<std::uint64_t>(0));
  if (places.empty()) return cudaErrorIllegalAddress;
  const auto all = static_cast<std::size_t>(flawed(steps + kStepsOfTrip, launch.flaw));
  for (std::int64_t sm = 0; sm < settings().sms; ++sm)
    out[sm] = {.last = places[all % places.size()],
               .cycles = static_cast<std::int64_t>(cycles_on(launch, sm) * static_cast<double>(steps)),
               .smid = sm};
  auto& victim = out[settings().sms / 2];
  victim.last = spoilt(victim.last, launch.flaw);
  written(out);
  return cudaSuccess;
}

const Model kBySm({.name = "chase_by_sm", .role = Role::measured, .cost = by_sm_cost, .answer = by_sm});

// ---- what serves the measuring ----

Cost fill_cost(const Launch& launch) {
  return {.dram_bytes = 32.0 * static_cast<double>(launch.argument<kernels::Ring>(0).nodes)};
}

cudaError_t fill(const Launch& launch) {
  const auto ring = launch.argument<kernels::Ring>(0);
  auto* memory = elements(launch.argument<char*>(1), ring.nodes * ring.stride_bytes);
  if (!memory) return cudaErrorIllegalAddress;
  const bool numbers = launch.argument<bool>(2);
  for (std::int64_t step = 0; step < ring.nodes; ++step) {
    const std::int64_t here = ring_offset(ring.nodes, ring.stride_bytes, ring.seed, step);
    const std::int64_t next = ring_offset(ring.nodes, ring.stride_bytes, ring.seed, step + 1);
    if (numbers)
      *reinterpret_cast<std::uint32_t*>(memory + here) = static_cast<std::uint32_t>(next / 4);
    else
      *reinterpret_cast<std::uint64_t*>(memory + here) = reinterpret_cast<std::uint64_t>(memory + next);
  }
  written(memory);
  return cudaSuccess;
}

/// Of a buffer that is much larger than the L2 nothing of its begin is left there.
double cycles_of_found(const char* memory, std::int64_t line) {
  const bool flushed = bytes_from(memory) >= 4 * (settings().l2_mib << 20U);
  return flushed || line * kLine >= Caches::l2_bytes() ? kMemoryCycles : l2_cycles(line, 0);
}

cudaError_t load_latency(const Launch& launch) {
  const auto order = launch.argument<kernels::Permutation>(1);
  const auto samples = launch.argument<std::int64_t>(2);
  auto* memory = elements(launch.argument<char*>(0), static_cast<std::int64_t>(order.count) * kLine);
  auto* first = elements(launch.argument<std::uint32_t*>(3), samples);
  auto* again = elements(launch.argument<std::uint32_t*>(4), samples);
  if (!memory || !first || !again || samples > static_cast<std::int64_t>(order.count)) return cudaErrorIllegalAddress;
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const auto line = static_cast<std::int64_t>(shuffled(order.count, order.seed, static_cast<std::uint64_t>(sample)));
    first[sample] = static_cast<std::uint32_t>(cycles_of_found(memory, line));
    again[sample] = static_cast<std::uint32_t>(l2_cycles(line, 0));
  }
  written(first);
  written(again);
  return cudaSuccess;
}

Cost load_cost(const Launch& launch) {
  return {.latency_cycles = 2 * kMemoryCycles * static_cast<double>(launch.argument<std::int64_t>(2))};
}

const Model kFill({.name = "fill_ring", .cost = fill_cost, .answer = fill});
const Model kLoads({.name = "load_latency", .cost = load_cost, .answer = load_latency});

}  // namespace
}  // namespace peakproof::stand_in
