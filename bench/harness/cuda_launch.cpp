#include "bench/harness/cuda_launch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/host_batches.hpp"
#include "kernels/launch/launch_cost.hpp"
#include "reports/sample.hpp"

namespace peakproof::bench {
namespace {

constexpr int kPoison = 0xA5;
constexpr unsigned long long kPoisoned = 0xA5A5A5A5A5A5A5A5;
// A stream takes about a thousand launches before the next one waits (observed by many, documented nowhere): batches stay
// well below.
constexpr int kBatch = 256;
constexpr int kHeldBatch = 512;
constexpr std::int64_t kWaits = 32;  // that the host's clock is read around
// Longer than the host needs to put so many launches (of events twice as many) behind the kernel that holds them, and no
// longer: the wait is no part of what is timed, and many of them would make a case of seconds out of milliseconds.
constexpr std::int64_t hold_ns(std::int64_t calls) {
  constexpr std::int64_t kSome = 500'000;
  constexpr std::int64_t kOfOne = 5'000;
  return kSome + kOfOne * calls;
}
constexpr int kGraphNodes = 1000;

template <class Handle, cudaError_t (*Destroy)(Handle)>
struct Delete {
  using pointer = Handle;
  void operator()(Handle handle) const noexcept {
    if (!DeviceFault::happened) static_cast<void>(Destroy(handle));
  }
};
using Graph = std::unique_ptr<CUgraph_st, Delete<cudaGraph_t, cudaGraphDestroy>>;
using GraphExec = std::unique_ptr<CUgraphExec_st, Delete<cudaGraphExec_t, cudaGraphExecDestroy>>;

/// What `launches` put into the stream, as a graph.
GraphExec record_graph(cudaStream_t stream, const std::function<cudaError_t()>& launches) {
  check(launches());  // a kernel is loaded by its first launch, which is no matter for a recording
  wait_for(stream);
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  const cudaError_t launched = launches();
  cudaGraph_t recorded = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &recorded);
  const Graph graph(recorded);
  check(launched);
  check(ended);
  cudaGraphExec_t exec = nullptr;
  check(cudaGraphInstantiate(&exec, graph.get(), 0));
  return GraphExec(exec);
}

/// What all shapes share: a counter on the device, and how often it should have been raised since it was poisoned.
struct Launches {
  explicit Launches(CudaDevice& gpu) : device(gpu), count(1) {}
  Launches(const Launches&) = delete;
  Launches& operator=(const Launches&) = delete;
  virtual ~Launches() = default;

  /// One timed launch: `length` kernels. `counted`: each of them counts, in place of the last of each chain.
  virtual void run(bool counted) = 0;
  [[nodiscard]] virtual std::string found() const { return {}; }
  /// Launches (or nodes, or calls) of one run.
  [[nodiscard]] virtual std::int64_t calls() const { return length; }

  [[nodiscard]] cudaStream_t stream() const { return device.stream(); }
  /// A chain of kernels, the last of which counts (or all of them), with the expectation of it.
  void chain(int launches, bool counted) {
    check(counted ? kernels::launch_counted_chain(launches, count.data(), stream())
                  : kernels::launch_empty_chain(launches, count.data(), stream()));
    expected += counted ? launches : 1;
  }
  void poison() {
    count.fill_bytes(kPoison, stream());
    expected = 0;
  }
  /// How far the counter is from what it should be.
  [[nodiscard]] std::int64_t miscounted() const {
    const auto counted = static_cast<std::int64_t>(count.to_host(stream()).front() - kPoisoned);
    return std::abs(counted - expected);
  }
  [[nodiscard]] virtual reports::Verification verify() {
    reports::Verification result{
        .method =
            "the last kernel of each timed chain counts, and all of them are there; the same launches with a kernel "
            "that counts in each place give their number",
        .items = expected,
        .mismatches = miscounted()};
    poison();
    run(true);
    result.items += expected;
    result.mismatches += miscounted() + std::abs(expected - calls());
    return result;
  }

  CudaDevice& device;
  DeviceBuffer<unsigned long long> count;
  std::int64_t expected = 0;
  std::int64_t length = 1;
  double own_seconds = 0;
};

/// The host's seconds for `calls` in batches that the queue takes without waiting; waiting for them is not counted.
template <class Batch>
double host_seconds(std::int64_t calls, cudaStream_t stream, const Batch& batch) {
  HostBatches batches;
  for (std::int64_t done = 0; done < calls; done += kBatch) {
    const int size = static_cast<int>(std::min<std::int64_t>(kBatch, calls - done));
    wait_for(stream);
    batches.time(size, [&] { batch(size); });
  }
  wait_for(stream);
  return batches.seconds();
}

struct Enqueue final : Launches {
  using Launches::Launches;
  void run(bool counted) override {
    own_seconds = host_seconds(length, stream(), [&](int size) { chain(size, counted); });
  }
};

struct LaunchSync final : Launches {
  using Launches::Launches;
  void run(bool counted) override {
    wait_for(stream());
    with_limit([this, counted] {
      HostBatches batches;
      for (std::int64_t done = 0; done < length; done += kWaits) {
        const std::int64_t end = std::min(done + kWaits, length);
        batches.time(end - done, [&] {
          for (std::int64_t i = done; i < end; ++i) {
            const bool counts = counted || i + 1 == length;
            check(kernels::launch_empty_chain(1, counts ? count.data() : nullptr, stream()));
            check(cudaStreamSynchronize(stream()));
          }
        });
      }
      own_seconds = batches.seconds();
    });
    expected += counted ? length : 1;
  }
};

struct GraphLaunch final : Launches {
  explicit GraphLaunch(CudaDevice& gpu)
      : Launches(gpu),
        empty(record_graph(stream(), [&] { return kernels::launch_empty_chain(1, nullptr, stream()); })),
        counting(record_graph(stream(), [&] { return kernels::launch_empty_chain(1, count.data(), stream()); })) {}
  void run(bool counted) override {
    own_seconds = host_seconds(length, stream(), [&](int size) {
      for (int i = 1; i <= size; ++i) {
        const bool counts = counted || i == size;
        check(cudaGraphLaunch(counts ? counting.get() : empty.get(), stream()));
        if (counts) ++expected;
      }
    });
  }
  GraphExec empty;
  GraphExec counting;
};

struct GraphNode final : Launches {
  explicit GraphNode(CudaDevice& gpu)
      : Launches(gpu),
        empty(record_graph(stream(), [&] { return kernels::launch_empty_chain(kGraphNodes, count.data(), stream()); })),
        counting(record_graph(stream(),
                              [&] { return kernels::launch_counted_chain(kGraphNodes, count.data(), stream()); })) {}
  void run(bool counted) override {
    for (std::int64_t i = 0; i < length; ++i) check(cudaGraphLaunch(counted ? counting.get() : empty.get(), stream()));
    expected += counted ? calls() : length;
  }
  [[nodiscard]] std::int64_t calls() const override { return length * kGraphNodes; }
  GraphExec empty;
  GraphExec counting;
};

/// Keeps the device from beginning until the host has put everything behind it, so that what is timed is the device.
class Held {
 public:
  /// `enqueue` puts so many launches, or twice as many events, into the stream.
  template <class Enqueue>
  void behind(cudaStream_t stream, std::int64_t calls, const Enqueue& enqueue) {
    wait_for(stream);
    const std::int64_t hold = hold_ns(calls);
    const auto begin = std::chrono::steady_clock::now();
    check(kernels::launch_hold(hold, stream));
    enqueue();
    ++batches_;
    if (std::chrono::steady_clock::now() - begin > std::chrono::nanoseconds(hold)) ++late_;
    wait_for(stream);
  }
  [[nodiscard]] std::string text() const {
    if (late_ == 0) return {};
    return fmt::format("in {} of {} batches the host was too slow to fill the queue before the device began", late_,
                       batches_);
  }

 private:
  std::int64_t batches_ = 0;
  std::int64_t late_ = 0;
};

double elapsed_seconds(const Event& begin, const Event& end) {
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()));
  return 1e-3 * static_cast<double>(milliseconds);
}

struct BackToBack final : Launches {
  using Launches::Launches;
  void run(bool counted) override {
    own_seconds = 0;
    for (std::int64_t done = 0; done < length; done += kHeldBatch) {
      const int size = static_cast<int>(std::min<std::int64_t>(kHeldBatch, length - done));
      held.behind(stream(), size + 1, [&] {
        check(cudaEventRecord(begin.get(), stream()));
        chain(size, counted);
        check(cudaEventRecord(end.get(), stream()));
      });
      own_seconds += elapsed_seconds(begin, end);
    }
  }
  [[nodiscard]] std::string found() const override { return held.text(); }
  Held held;
  Event begin = make_event();
  Event end = make_event();
};

struct EventPair final : Launches {
  using Launches::Launches;
  void run(bool /*counted*/) override {
    own_seconds = 0;
    for (std::int64_t batch = 0; batch < length; ++batch) {
      held.behind(stream(), kPairs + 1, [&] {
        for (std::size_t i = 0; i < kPairs; ++i) {
          check(cudaEventRecord(begins.at(i).get(), stream()));
          check(cudaEventRecord(ends.at(i).get(), stream()));
        }
        chain(1, false);
      });
      for (std::size_t i = 0; i < kPairs; ++i) {
        const double seconds = elapsed_seconds(begins.at(i), ends.at(i));
        const bool behind_last = i == 0 || elapsed_seconds(ends.at(i - 1), begins.at(i)) >= 0;
        ++events_seen;
        if (seconds < 0 || !behind_last) ++out_of_order;
        own_seconds += seconds;
      }
    }
  }
  /// `length` batches: one pair alone may take less than a step of the clock that events read.
  [[nodiscard]] std::int64_t calls() const override { return length * kPairs; }
  [[nodiscard]] std::string found() const override { return held.text(); }
  [[nodiscard]] reports::Verification verify() override {
    return {.method = "no event came before the one recorded before it, and a kernel that counts behind each batch ran",
            .items = events_seen + expected,
            .mismatches = out_of_order + miscounted()};
  }
  static constexpr std::int64_t kPairs = 256;
  static std::vector<Event> make_events() {
    std::vector<Event> events;
    for (std::int64_t i = 0; i < kPairs; ++i) events.push_back(make_event());
    return events;
  }
  Held held;
  std::vector<Event> begins = make_events();
  std::vector<Event> ends = make_events();
  std::int64_t events_seen = 0;
  std::int64_t out_of_order = 0;
};

struct EmptyKernel final : Launches {
  explicit EmptyKernel(CudaDevice& gpu) : Launches(gpu), stamps(kHeldBatch) {
    constexpr int kTicks = 64;
    const DeviceBuffer<std::int64_t> device_ticks(kTicks);
    check(kernels::launch_ticks(device_ticks.data(), kTicks, stream()));
    ticks = device_ticks.to_host(stream());
    ticks.erase(ticks.begin());  // from where the kernel began, which is anywhere in a step
  }
  void run(bool /*counted*/) override {
    own_seconds = 0;
    inside_ns.clear();
    between_ns.clear();
    for (std::int64_t i = 0; i < length; ++i) {
      stamps.fill_bytes(kPoison, stream());
      held.behind(stream(), kHeldBatch, [&] { check(kernels::launch_stamps(kHeldBatch, stamps.data(), stream())); });
      look_at(stamps.to_host(stream()));
    }
  }
  void look_at(const std::vector<kernels::LaunchStamp>& times) {
    own_seconds += 1e-9 * static_cast<double>(times.back().begin_ns - times.front().begin_ns);
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto& stamp = times[i];
      const bool in_order = i == 0 || stamp.begin_ns >= times[i - 1].end_ns;
      ++stamps_seen;
      if (stamp.begin_ns < 0 || stamp.end_ns < stamp.begin_ns || !in_order) ++wrong;
      inside_ns.push_back(static_cast<double>(stamp.end_ns - stamp.begin_ns));
      if (i > 0) between_ns.push_back(static_cast<double>(stamp.begin_ns - times[i - 1].end_ns));
    }
  }
  /// `length` batches, each with a way from its first kernel to its last.
  [[nodiscard]] std::int64_t calls() const override { return length * (kHeldBatch - 1); }
  [[nodiscard]] std::string found() const override {
    const auto [least, most] = std::minmax_element(ticks.begin(), ticks.end());
    const auto mean = [](const std::vector<double>& values) {
      double sum = 0;
      for (const double value : values) sum += value;
      return values.empty() ? 0 : sum / static_cast<double>(values.size());
    };
    std::string text = fmt::format(
        "%globaltimer went on in steps of {} to {} ns; from the first instruction of a kernel to its last {:.0f} ns, "
        "from "
        "there to the first of the next {:.0f} ns (means of the last launch)",
        *least, *most, mean(inside_ns), mean(between_ns));
    if (const auto late = held.text(); !late.empty()) text += "; " + late;
    return text;
  }
  [[nodiscard]] reports::Verification verify() override {
    return {
        .method =
            "every kernel of every timed launch has written its times, and none before the end of the one before it",
        .items = stamps_seen,
        .mismatches = wrong};
  }
  DeviceBuffer<kernels::LaunchStamp> stamps;
  std::vector<std::int64_t> ticks;
  Held held;
  std::vector<double> inside_ns;
  std::vector<double> between_ns;
  std::int64_t stamps_seen = 0;
  std::int64_t wrong = 0;
};

enum class Timed { by_itself, by_the_device };

/// Declares a shape of launching.
template <class Shape>
void add(Registry& registry, CudaDevice& device, const reports::Texts& params, Timed timed,
         std::vector<std::string> machine_code, const std::string& remark) {
  if (registry.options().sweep) return;  // there is none
  const auto state = std::make_shared<std::unique_ptr<Shape>>();
  std::string kernel = machine_code.front();
  machine_code.erase(machine_code.begin());
  Case launch{.name = "launch",
              .params = params,
              .unit = "CALL/s",
              .kernel = std::move(kernel),
              .other_kernels = std::move(machine_code),
              .remark = remark,
              .prepare = [state, &device] { *state = std::make_unique<Shape>(device); },
              .release = [state] { state->reset(); },
              .found = [state] { return (*state)->found(); },
              .set_length = [state](std::int64_t length) { (*state)->length = length; },
              .work = [state] { return static_cast<double>((*state)->calls()); },
              .poison = [state] { (*state)->poison(); },
              .launch = [state] { (*state)->run(false); },
              .verify = [state] { return (*state)->verify(); }};
  if (timed == Timed::by_itself) launch.own_seconds = [state] { return (*state)->own_seconds; };
  registry.add(std::move(launch));
}

const std::vector<std::string>& empty_and_counting() {
  static const std::vector<std::string> kKernels = {kernels::empty_symbol, kernels::count_symbol};
  return kKernels;
}

}  // namespace

void add_enqueue(Registry& registry, CudaDevice& device) {
  add<Enqueue>(
      registry, device, {{"what", "enqueue"}}, Timed::by_itself, empty_and_counting(),
      fmt::format("the host's time of an asynchronous launch, in batches of {} with the queue empty before each",
                  kBatch));
}

void add_launch_sync(Registry& registry, CudaDevice& device) {
  add<LaunchSync>(registry, device, {{"what", "launch_sync"}}, Timed::by_itself, empty_and_counting(),
                  "the host's time of a launch and cudaStreamSynchronize");
}

void add_back_to_back(Registry& registry, CudaDevice& device) {
  add<BackToBack>(
      registry, device, {{"what", "back_to_back"}}, Timed::by_itself, empty_and_counting(),
      fmt::format("the device's time per kernel by events, {} of them waiting behind one that holds the stream",
                  kHeldBatch));
}

void add_graph_node(Registry& registry, CudaDevice& device) {
  add<GraphNode>(
      registry, device, {{"what", "graph_node"}, {"nodes", std::to_string(kGraphNodes)}}, Timed::by_the_device,
      empty_and_counting(),
      "the device's time per node of a graph that is one chain, that of launching the graph included; published: "
      "1.3 us on a GH200 (RRZE gpu-benches, small kernels), 0.56 us on a B300 (QuickRunCUDA)");
}

void add_graph_launch(Registry& registry, CudaDevice& device) {
  add<GraphLaunch>(registry, device, {{"what", "graph_launch"}, {"nodes", "1"}}, Timed::by_itself, empty_and_counting(),
                   "the host's time of cudaGraphLaunch, in batches with the queue empty before each");
}

void add_event_pair(Registry& registry, CudaDevice& device) {
  add<EventPair>(
      registry, device, {{"what", "event_pair"}}, Timed::by_itself, {kernels::count_symbol},
      "the device's time from one event to the next with nothing between them: the floor of what events can time");
}

void add_empty_kernel(Registry& registry, CudaDevice& device) {
  add<EmptyKernel>(
      registry, device, {{"what", "empty_kernel"}}, Timed::by_itself, {kernels::stamp_symbol},
      fmt::format("by %globaltimer, from the begin of a kernel that writes two times to that of the next, {} of "
                  "them waiting behind one that holds the stream",
                  kHeldBatch));
}

}  // namespace peakproof::bench
