#include "bench/harness/cuda_p2p.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>
#include <vector>

#include "bench/harness/copy_lanes.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/device_check.hpp"
#include "bench/harness/watched_links.hpp"
#include "kernels/memory/pattern.hpp"

namespace peakproof::bench {
namespace {

constexpr std::int64_t kWordBytes = 8;
constexpr std::int64_t kUsualBytes = std::int64_t{256} << 20;

bool same_address(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool can_access(const GpuName& from, const GpuName& to) {
  int can = 0;
  check(cudaDeviceCanAccessPeer(&can, from.index, to.index));
  return can != 0;
}

std::int64_t free_bytes_of(const GpuName& gpu) {
  const OnGpu on(gpu.index);
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total));
  return static_cast<std::int64_t>(free);
}

/// What is wrong with --size. Looked at only where it is given: asking a GPU for its free memory wakes it.
std::optional<std::string> size_misuse(const Options& options, const GpuName& from, const GpuName& to) {
  constexpr double kShareOfMemory = 0.4;  // of what is free, for each of two buffers
  if (!options.size_bytes) return std::nullopt;
  const double free = kShareOfMemory * static_cast<double>(std::min(free_bytes_of(from), free_bytes_of(to)));
  const std::int64_t room = static_cast<std::int64_t>(free) / kWordBytes * kWordBytes;
  if (*options.size_bytes >= kWordBytes && *options.size_bytes <= room) return std::nullopt;
  return fmt::format("--size {} is no size for copies between GPUs: give 8 to {} bytes (two buffers on each GPU)",
                     *options.size_bytes, room);
}

/// Lets a GPU reach the memory of another for as long as it lives.
class PeerAccess {
 public:
  PeerAccess(const GpuName& from, const GpuName& to) : from_(from.index), to_(to.index) {
    const OnGpu on(from_);
    const cudaError_t status = cudaDeviceEnablePeerAccess(to_, 0);
    if (status == cudaErrorPeerAccessAlreadyEnabled) {
      static_cast<void>(cudaGetLastError());
      return;
    }
    check(status);
    ours_ = true;
  }
  PeerAccess(const PeerAccess&) = delete;
  PeerAccess& operator=(const PeerAccess&) = delete;
  ~PeerAccess() {
    if (!ours_ || DeviceFault::happened) return;
    int before = 0;
    static_cast<void>(cudaGetDevice(&before));
    static_cast<void>(cudaSetDevice(from_));
    static_cast<void>(cudaDeviceDisablePeerAccess(to_));
    static_cast<void>(cudaSetDevice(before));
  }

 private:
  int from_;
  int to_;
  bool ours_ = false;
};

/// Words on one GPU, and a stream of that GPU.
struct GpuWords {
  int gpu = 0;
  Stream stream;
  DeviceBuffer<std::uint64_t> words;

  GpuWords(const GpuName& name, std::int64_t size) : gpu(name.index) {
    const OnGpu on(gpu);
    stream = make_stream();
    words = DeviceBuffer<std::uint64_t>(size);
  }
  void fill(const kernels::Pattern& pattern) const {
    const OnGpu on(gpu);
    check(kernels::fill(pattern, words.data(), words.count() * kWordBytes, stream.get()));
    wait_for(stream.get());
  }
  void poison() const {
    constexpr int kPoison = 0xA5;
    const OnGpu on(gpu);
    words.fill_bytes(kPoison, stream.get());
    wait_for(stream.get());
  }
  [[nodiscard]] kernels::Mismatches mismatches(const kernels::Pattern& pattern) const {
    const OnGpu on(gpu);
    return found_on_device(stream.get(), [&](kernels::Mismatches* found) {
      return kernels::count_mismatches(pattern, words.data(), words.count() * kWordBytes, found, stream.get());
    });
  }
};

/// One direction: a source that holds a pattern, and a destination.
struct Way {
  kernels::Pattern pattern;
  GpuWords source;
  GpuWords destination;

  Way(const GpuName& from, const GpuName& to, std::int64_t words, kernels::Data data)
      : pattern{.data = data, .seed = static_cast<std::uint64_t>(1 + from.index)},
        source(from, words),
        destination(to, words) {
    source.fill(pattern);
  }
  void copy(cudaStream_t stream) const {
    check(cudaMemcpyPeerAsync(destination.words.data(), destination.gpu, source.words.data(), source.gpu,
                              source.words.bytes(), stream));
  }
};

/// What a case needs while it is measured.
struct Pair {
  std::vector<std::unique_ptr<PeerAccess>> access;  // given back last
  std::vector<std::unique_ptr<Way>> ways;
  CopyLanes lanes;
  std::unique_ptr<WatchedLinks> links;  // of PCIe; null where NVLink joins the two
  std::int64_t length = 1;

  explicit Pair(CudaDevice& device) : lanes(device.stream()) {}
};

/// What is known of the way between two GPUs before anything is copied.
struct Path {
  bool direct = false;                    ///< each can reach the other's memory
  std::optional<theory::NvLinks> nvlink;  ///< what joins them, if they can
  std::shared_ptr<const NvmlDevice> from;
  std::shared_ptr<const NvmlDevice> to;
};

Path find_path(const CudaDevice& device, const GpuName& from, const GpuName& to) {
  Path path{.direct = can_access(from, to) && can_access(to, from)};
  if (device.nvml() == nullptr) return path;
  path.from = device.nvml()->device_at(from.pci_bus_id);
  path.to = device.nvml()->device_at(to.pci_bus_id);
  if (path.direct && path.from && path.to) path.nvlink = nvlinks_between(*path.from, *path.to, to.pci_bus_id);
  return path;
}

std::string path_text(const Path& path) {
  if (path.nvlink) {
    std::string text = fmt::format("{} NVLinks of generation {}", path.nvlink->links,
                                   path.nvlink->generation > 0 ? std::to_string(path.nvlink->generation) : "unknown");
    if (path.nvlink->line_bytes_per_second > 0)
      text += fmt::format(", each {:g} GB/s on the line as the driver says", 1e-9 * path.nvlink->line_bytes_per_second);
    return text;
  }
  return path.direct ? "over PCIe: no NVLink joins the two"
                     : "no access from GPU to GPU: the driver copies through the host's memory";
}

/// What others accept of a pair, one way.
std::optional<reports::Floor> copy_floor(const Path& path, bool both_ways) {
  constexpr int kLinks = 18;
  if (both_ways || !path.nvlink || path.nvlink->generation != 4 || path.nvlink->links != kLinks) return {};
  return reports::Floor{
      0.74,
      "Azure's node health check accepts a pair of H100 or H200 (18 NVLinks of generation 4) from 335 "
      "GB/s: 74 % of the links"};
}

}  // namespace

std::optional<theory::NvLinks> nvlinks_between(const NvmlDevice& from, const NvmlDevice& to,
                                               const std::string& to_address) {
  const auto links = from.nvlinks();
  const auto reaches = [&](const NvLink& link) {
    return !link.to_switch && same_address(link.remote_address, to_address);
  };
  const auto to_switch = [](const NvLink& link) { return link.to_switch; };
  const auto count = [](const std::vector<NvLink>& all, const auto& which) {
    return static_cast<int>(std::count_if(all.begin(), all.end(), which));
  };
  int number = count(links, reaches);
  auto one = std::find_if(links.begin(), links.end(), reaches);
  if (number == 0) {
    number = std::min(count(links, to_switch), count(to.nvlinks(), to_switch));
    one = std::find_if(links.begin(), links.end(), to_switch);
  }
  if (number == 0) return std::nullopt;
  return theory::NvLinks{.generation = one->generation,
                         .links = number,
                         .line_bytes_per_second = from.nvlink_bytes_per_second().value_or(0)};
}

void add_p2p_copy(Registry& registry, CudaDevice& device, const GpuName& from, const GpuName& to, bool both_ways) {
  const auto state = std::make_shared<std::unique_ptr<Pair>>();
  const auto data = registry.options().data;
  const auto path = std::make_shared<const Path>(find_path(device, from, to));
  const std::int64_t bytes = registry.options().size_bytes.value_or(kUsualBytes) / kWordBytes * kWordBytes;
  const int directions = both_ways ? 2 : 1;
  registry.add({
      .name = "p2p",
      .params = {{"from", fmt::format("cuda:{}", from.index)},
                 {"to", fmt::format("cuda:{}", to.index)},
                 {"way", both_ways ? "both" : "one"},
                 {"bytes", std::to_string(bytes)},
                 {"data", data_name(data)}},
      .pipe = path->nvlink ? theory::Pipe::nvlink : theory::Pipe::pcie,
      .unit = "B/s",
      .floor = copy_floor(*path, both_ways),
      .remark = path_text(*path),
      .misuse = size_misuse(registry.options(), from, to),
      .prepare =
          [state, path, &device, from, to, both_ways, bytes, data] {
            auto pair = std::make_unique<Pair>(device);
            const auto add = [&](const GpuName& source, const GpuName& destination) {
              if (path->direct) pair->access.push_back(std::make_unique<PeerAccess>(source, destination));
            };
            add(from, to);
            add(to, from);
            const auto add_way = [&](const GpuName& source, const GpuName& destination) {
              pair->ways.push_back(std::make_unique<Way>(source, destination, bytes / kWordBytes, kernel_data(data)));
              pair->lanes.add(source.index, [&way = *pair->ways.back()](cudaStream_t stream) { way.copy(stream); });
            };
            add_way(from, to);
            if (both_ways) add_way(to, from);
            if (!path->nvlink)
              pair->links = std::make_unique<WatchedLinks>(
                  device,
                  std::vector<LinkWatch::Gpu>{{fmt::format("cuda:{}", from.index), path->from.get()},
                                              {fmt::format("cuda:{}", to.index), path->to.get()}},
                  [&lanes = pair->lanes] { lanes.run(1); });
            *state = std::move(pair);
          },
      .release = [state] { state->reset(); },
      .found = [state] { return (*state)->links ? (*state)->links->watch().text() : std::string(); },
      .set_length = [state](std::int64_t length) { (*state)->length = length; },
      .work = [state, bytes,
               directions] { return static_cast<double>(bytes) * static_cast<double>((*state)->length) * directions; },
      .peak = [state, path, directions](double /*clock_hz*/) -> std::optional<theory::Peak> {
        if (path->nvlink) return theory::nvlink_peak(*path->nvlink, directions);
        const auto link = (*state)->links->watch().link();
        return link ? theory::pcie_peak(*link, directions) : std::nullopt;
      },
      .poison =
          [state] {
            for (const auto& way : (*state)->ways) way->destination.poison();
          },
      .launch = [state] { (*state)->lanes.run((*state)->length); },
      .verify =
          [state, bytes] {
            reports::Verification result{.method =
                                             "every 8-byte word of the copy against the pattern, on the GPU that "
                                             "got it"};
            for (const auto& way : (*state)->ways) {
              result.items += bytes / kWordBytes;
              add_mismatches(result, way->destination.mismatches(way->pattern));
            }
            return result;
          },
  });
}

}  // namespace peakproof::bench
