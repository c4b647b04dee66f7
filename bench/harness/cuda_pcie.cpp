#include "bench/harness/cuda_pcie.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/copy_lanes.hpp"
#include "bench/harness/cpu_topology.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/device_check.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/gpu_place.hpp"
#include "bench/harness/host_batches.hpp"
#include "bench/harness/watched_links.hpp"
#include "kernels/memory/pattern.hpp"

namespace peakproof::bench {
namespace {

constexpr int kPoison = 0xA5;
constexpr std::int64_t kSmallWords = 1024;  // of the small copies, each of which takes the next one
constexpr std::int64_t kWordBytes = 8;
constexpr double kShareOfMemory = 0.4;           // of what is free, for each of the two buffers of a case
constexpr std::int64_t kScratchBytes = 1 << 24;  // keeps the link busy while it is looked at

std::string name_of(Direction direction) {
  switch (direction) {
    case Direction::to_device:
      return "h2d";
    case Direction::to_host:
      return "d2h";
    case Direction::both:
      break;
  }
  return "both";
}

/// Words of the host, in one kind of memory or the other.
class HostWords {
 public:
  HostWords() = default;
  HostWords(HostMemory memory, std::int64_t words) {
    if (memory == HostMemory::pinned)
      pinned_ = PinnedBuffer<std::uint64_t>(words);
    else
      pageable_.resize(static_cast<std::size_t>(words));
  }
  [[nodiscard]] std::span<std::uint64_t> words() {
    return pinned_.data() != nullptr ? pinned_.elements() : std::span(pageable_);
  }
  void fill(const kernels::Pattern& pattern) {
    std::uint64_t index = 0;
    for (auto& word : words()) word = pattern.word(index++);
  }
  void poison() { std::memset(words().data(), kPoison, words().size_bytes()); }
  [[nodiscard]] kernels::Mismatches mismatches(const kernels::Pattern& pattern) {
    kernels::Mismatches found;
    std::uint64_t index = 0;
    for (const auto word : words()) {
      if (const std::uint64_t right = pattern.word(index); word != right) {
        if (found.count++ == 0) found.not_first = ~index;
        found.bits |= word ^ right;
        found.end = index + 1;
      }
      ++index;
    }
    return found;
  }

 private:
  PinnedBuffer<std::uint64_t> pinned_;
  std::vector<std::uint64_t> pageable_;
};

/// One direction: a source that holds a pattern, and a destination.
struct Way {
  kernels::Pattern pattern;
  bool to_device = true;
  HostWords host;
  DeviceBuffer<std::uint64_t> gpu;

  Way(bool towards_device, HostMemory memory, std::int64_t words, kernels::Data data, cudaStream_t stream)
      : pattern{.data = data, .seed = towards_device ? 1U : 2U},
        to_device(towards_device),
        host(memory, words),
        gpu(words) {
    if (to_device)
      host.fill(pattern);
    else
      check(kernels::fill(pattern, gpu.data(), words * kWordBytes, stream));
  }
  void poison(cudaStream_t stream) {
    if (to_device)
      gpu.fill_bytes(kPoison, stream);
    else
      host.poison();
  }
  /// Copies `count` words from word `first` on.
  void copy(std::int64_t first, std::int64_t count, cudaStream_t stream) {
    std::uint64_t* const here = host.words().data() + first;
    std::uint64_t* const there = gpu.data() + first;
    const auto bytes = static_cast<std::size_t>(count * kWordBytes);
    if (to_device)
      check(cudaMemcpyAsync(there, here, bytes, cudaMemcpyHostToDevice, stream));
    else
      check(cudaMemcpyAsync(here, there, bytes, cudaMemcpyDeviceToHost, stream));
  }
  [[nodiscard]] kernels::Mismatches mismatches(cudaStream_t stream) {
    wait_for(stream);
    if (!to_device) return host.mismatches(pattern);
    return found_on_device(stream, [&](kernels::Mismatches* found) {
      return kernels::count_mismatches(pattern, gpu.data(), gpu.count() * kWordBytes, found, stream);
    });
  }
};

/// Copies that keep the link busy while it is looked at.
struct Scratch {
  PinnedBuffer<std::byte> host{kScratchBytes};
  DeviceBuffer<std::byte> gpu{kScratchBytes};
  void copy(cudaStream_t stream) const {
    check(cudaMemcpyAsync(gpu.data(), host.data(), gpu.bytes(), cudaMemcpyHostToDevice, stream));
  }
};

/// What a case needs while it is measured.
struct Copies {
  std::vector<std::unique_ptr<Way>> ways;
  CopyLanes lanes;
  Scratch scratch;
  WatchedLinks link;
  std::int64_t length = 1;
  double own_seconds = 0;
  std::optional<int> node;  ///< that the host's buffer lies on

  Copies(CudaDevice& device, Direction direction, HostMemory memory, std::int64_t words, kernels::Data data)
      : lanes(device.stream()), link(device, {{.name = "", .management = device.management()}}, [this, &device] {
          scratch.copy(device.stream());
        }) {
    for (const bool to_device : {true, false})
      if (direction == Direction::both || to_device == (direction == Direction::to_device))
        ways.push_back(std::make_unique<Way>(to_device, memory, words, data, device.stream()));
    wait_for(device.stream());
    node = memory_node(ways.front()->host.words().data());
    for (auto& way : ways) {
      const CopyLanes::Copy copy = [&way = *way, words](cudaStream_t stream) { way.copy(0, words, stream); };
      if (&way == &ways.front())
        lanes.add(copy);
      else
        lanes.add(device.gpu().index, copy);
    }
  }
  [[nodiscard]] int directions() const { return static_cast<int>(ways.size()); }
};

/// The part of a note that the machine around the GPU makes.
std::string place_text(const CudaDevice& device, std::optional<int> buffer_node) {
  const GpuPlace place = gpu_place(device.gpu().pci_bus_id);
  std::string text;
  if (place.port) text += fmt::format("; the port above the GPU can do {}", theory::to_string(*place.port));
  if (place.numa_node)
    text += fmt::format("; GPU at NUMA node {}, host buffer on {}", *place.numa_node,
                        buffer_node ? fmt::format("node {}", *buffer_node) : "an unknown node");
  if (place.numa_node && buffer_node && *buffer_node != *place.numa_node)
    text += " (the copies cross from CPU to CPU: numactl --cpunodebind puts the run beside the GPU)";
  return text;
}

/// A CPU that is joined to the GPU by something faster than PCIe, which then says nothing of the copies.
bool has_c2c(const CudaDevice& device) {
  return device.management() != nullptr && device.management()->c2c_links().value_or(0) > 0;
}

std::string link_text(const CudaDevice& device, const LinkWatch& watch) {
  if (has_c2c(device)) return "NVLink-C2C joins CPU and GPU: no theory of it is sourced";
  std::string text = watch.text();
  constexpr int kPayload = 256;
  const auto link = watch.link();
  if (!link) return text;
  const auto peak = theory::pcie_peak(*link);
  const auto share = theory::pcie_payload_share(link->generation, kPayload);
  if (peak && share)
    text +=
        fmt::format("; packets with {} bytes of payload would leave {:.1f} % of it (derived)", kPayload, 100 * *share);
  return text;
}

/// What others accept of a link of 16 lanes, each way, from pinned memory.
std::optional<reports::Floor> copy_floor(const CudaDevice& device, Direction direction, HostMemory memory) {
  constexpr int kLanes = 16;
  if (direction == Direction::both || memory == HostMemory::pageable || device.management() == nullptr) return {};
  if (has_c2c(device)) return {};
  const auto best = device.management()->best_pcie_link();
  if (!best || best->lanes != kLanes || (best->generation != 4 && best->generation != 5)) return {};
  return reports::Floor{0.76,
                        "Azure's node health check accepts an H100 or H200 (Gen5 x16) from 48 GB/s and an A100 (Gen4 "
                        "x16) from 24 GB/s each way: 76 % of the link"};
}

std::string size_error(const CudaDevice& device, std::int64_t bytes) {
  return fmt::format(
      "--size {} is no size for copies between host and GPU: give 8 to {} bytes (two buffers each, {} bytes of host "
      "memory and {} of the GPU's are free)",
      bytes, pcie_room(device), available_memory_bytes("/"), device.free_bytes());
}

}  // namespace

std::int64_t pcie_room(const CudaDevice& device) {
  const std::int64_t host = available_memory_bytes("/");
  const std::int64_t gpu = device.free_bytes() - kScratchBytes;
  const std::int64_t free = host > 0 ? std::min(host, gpu) : gpu;
  return std::max<std::int64_t>(static_cast<std::int64_t>(kShareOfMemory * static_cast<double>(free)), 0) / kWordBytes *
         kWordBytes;
}

std::int64_t pcie_buffer_bytes(const Registry& registry, const CudaDevice& device) {
  constexpr std::int64_t kUsual = std::int64_t{128} << 20;
  const std::int64_t bytes = registry.options().size_bytes.value_or(std::min(kUsual, pcie_room(device)));
  return bytes / kWordBytes * kWordBytes;
}

void add_pcie_copy(Registry& registry, CudaDevice& device, Direction direction, HostMemory memory, std::int64_t bytes,
                   bool sweep) {
  using State = std::unique_ptr<Copies>;
  const auto state = std::make_shared<State>();
  const auto data = registry.options().data;
  reports::Texts params = {{"direction", name_of(direction)},
                           {"memory", memory == HostMemory::pinned ? "pinned" : "pageable"},
                           {"bytes", std::to_string(bytes)}};
  if (sweep) params["sweep"] = "size";
  if (!sweep) params["data"] = data_name(data);
  const bool impossible = bytes < kWordBytes || bytes > pcie_room(device);
  const auto asked = registry.options().size_bytes;
  registry.add({
      .name = "pcie",
      .params = std::move(params),
      .pipe = theory::Pipe::pcie,
      .unit = "B/s",
      .floor = sweep ? std::nullopt : copy_floor(device, direction, memory),
      .remark = memory == HostMemory::pageable
                    ? "the driver copies pageable memory through a pinned buffer of its own, "
                      "so that the host's memory and CPU limit it"
                    : "",
      .misuse = impossible && asked ? std::optional(size_error(device, *asked)) : std::nullopt,
      .prepare =
          [state, &device, direction, memory, bytes, data] {
            if (bytes < kWordBytes || bytes > pcie_room(device))
              throw MeasurementError(
                  fmt::format("too little memory for copies of {} bytes: {} of the GPU's are free: end "
                              "what else uses the GPU or the host's memory",
                              bytes, device.free_bytes()));
            *state = std::make_unique<Copies>(device, direction, memory, bytes / kWordBytes, kernel_data(data));
          },
      .release = [state] { state->reset(); },
      .found = [state,
                &device] { return link_text(device, (*state)->link.watch()) + place_text(device, (*state)->node); },
      .set_length = [state](std::int64_t length) { (*state)->length = length; },
      .work =
          [state, bytes] {
            return static_cast<double>(bytes) * static_cast<double>((*state)->length) * (*state)->directions();
          },
      .peak = [state, &device](double /*clock_hz*/) -> std::optional<theory::Peak> {
        if (has_c2c(device)) return std::nullopt;
        const auto link = (*state)->link.watch().link();
        return link ? theory::pcie_peak(*link, (*state)->directions()) : std::nullopt;
      },
      .poison =
          [state, &device] {
            for (const auto& way : (*state)->ways) way->poison(device.stream());
          },
      .launch = [state] { (*state)->lanes.run((*state)->length); },
      .verify =
          [state, &device, bytes] {
            reports::Verification result{
                .method =
                    "every 8-byte word at the destination against the pattern: on the device of what went there, on "
                    "the host of what came back"};
            for (const auto& way : (*state)->ways) {
              result.items += bytes / kWordBytes;
              add_mismatches(result, way->mismatches(device.stream()));
            }
            return result;
          },
  });
}

void add_pcie_latency(Registry& registry, CudaDevice& device, Direction direction) {
  const auto state = std::make_shared<std::unique_ptr<Copies>>();
  registry.add({
      .name = "pcie",
      .params = {{"direction", name_of(direction)}, {"memory", "pinned"}, {"bytes", std::to_string(kWordBytes)}},
      .unit = "CALL/s",
      .remark = "one copy of a word and cudaStreamSynchronize, by the host's clock",
      .prepare =
          [state, &device, direction] {
            *state =
                std::make_unique<Copies>(device, direction, HostMemory::pinned, kSmallWords, kernels::Data::random);
          },
      .release = [state] { state->reset(); },
      .found = [state,
                &device] { return link_text(device, (*state)->link.watch()) + place_text(device, (*state)->node); },
      .set_length = [state](std::int64_t length) { (*state)->length = length; },
      .work = [state] { return static_cast<double>((*state)->length); },
      .poison = [state, &device] { (*state)->ways.front()->poison(device.stream()); },
      .launch =
          [state, &device] {
            wait_for(device.stream());
            with_limit([&copies = **state, stream = device.stream()] {
              constexpr std::int64_t kBatch = 32;  // that the clock is read around
              HostBatches batches;
              for (std::int64_t done = 0; done < copies.length; done += kBatch) {
                const std::int64_t end = std::min(done + kBatch, copies.length);
                batches.time(end - done, [&] {
                  for (std::int64_t i = done; i < end; ++i) {
                    copies.ways.front()->copy(i % kSmallWords, 1, stream);
                    check(cudaStreamSynchronize(stream));
                  }
                });
              }
              copies.own_seconds = batches.seconds();
            });
          },
      .own_seconds = [state] { return (*state)->own_seconds; },
      .verify =
          [state, &device] {
            // A launch shorter than the buffer leaves the words behind its last one as they were.
            const std::int64_t left = std::max<std::int64_t>(kSmallWords - (*state)->length, 0);
            return reports::Verification{
                .method = "each copy takes the next of 1024 words, and every word is there",
                .items = kSmallWords - left,
                .mismatches = std::max<std::int64_t>(
                    static_cast<std::int64_t>((*state)->ways.front()->mismatches(device.stream()).count) - left, 0)};
          },
  });
}

}  // namespace peakproof::bench
