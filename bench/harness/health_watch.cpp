#include "bench/harness/health_watch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "bench/harness/xid.hpp"

namespace peakproof::bench {
namespace {

std::optional<double> as_double(std::optional<int> value) {
  if (!value) return std::nullopt;
  return *value;
}

/// Looks at a GPU, on NVML's thread.
class Eye {
 public:
  Eye(std::shared_ptr<const NvmlDevice> device, std::shared_ptr<EventQueue> queue)
      : device_(std::move(device)), queue_(std::move(queue)) {}

  Look operator()() {
    Look look;
    look.point = {.sm_clock_hz = device_->sm_clock_hz(),
                  .power_w = device_->power_w(),
                  .temperature_c = as_double(device_->temperature_c()),
                  .clock_reasons = device_->clock_reasons()};
    // The counter of heat does not tell software from hardware: the milder is named, as long as nobody saw the other.
    const std::array counters = {std::pair{"sw_power_cap", device_->power_violation()},
                                 std::pair{"sw_thermal", device_->thermal_violation()}};
    for (const auto& [reason, time] : counters)
      if (time) look.lowered[reason] = {.at_s = time->at_s, .lowered_s = time->lowered_s};
    // The list of processes takes the driver long, and a new one takes longer to begin.
    constexpr int kOften = 4;
    if (looks_++ % kOften == 0) look.processes = device_->compute_processes();
    // A driver that never runs out of events must not keep the look.
    constexpr int kMost = 256;
    for (int i = 0; queue_ && i < kMost; ++i) {
      const auto event = queue_->next();
      if (!event) break;
      look.events.push_back(describe(*event));
    }
    return look;
  }

 private:
  std::shared_ptr<const NvmlDevice> device_;
  std::shared_ptr<EventQueue> queue_;
  int looks_ = 0;
};

bool is_fatal(const reports::HealthEvent& event) {
  const Xid* xid = event.kind == "xid" ? find_xid(event.number) : nullptr;
  return event.kind == "gpu_lost" || (xid != nullptr && xid->fatal);
}

void append(std::string& text, const std::string& more) {
  if (more.empty()) return;
  if (!text.empty()) text += "; ";
  text += more;
}

void put(std::vector<CounterReading>& readings, const std::string& name, double value) {
  for (auto& reading : readings)
    if (reading.name == name) {
      reading.value = value;
      reading.why.clear();
    }
}

}  // namespace

HealthWatch::HealthWatch(const PatientNvml& nvml, const NvmlDevice& device, Telemetry::Settings settings)
    : source_("NVML " + nvml.driver_version()), thread_(nvml.thread()), device_(on_its_thread(device)) {
  before_ = read_counters();
  if (before_.empty()) append(why_, fmt::format("the counters before the run are unknown: {}", kNvmlSilent));
  struct Events {
    std::shared_ptr<EventQueue> queue;
    std::string why;
  };
  auto events = thread_->ask(
      [device = device_] {
        Events found;
        found.queue = device->watch_events(&found.why);
        return found;
      },
      kNvmlDeadlineSeconds);
  if (!events) events = Events{.queue = nullptr, .why = kNvmlSilent};
  if (!events->queue)
    append(why_, fmt::format("no events (Xids) from the driver: {}", events->why.empty() ? "unknown" : events->why));
  telemetry_ = std::make_unique<Telemetry>(thread_, Eye(device_, std::move(events->queue)), settings);
}

HealthWatch::~HealthWatch() {
  telemetry_.reset();
  if (thread_) thread_->post([device = std::move(device_)] {});
}

std::vector<CounterReading> HealthWatch::read_counters() const {
  const auto readings = std::make_shared<std::vector<CounterReading>>();
  const auto read = [readings, device = device_] { *readings = device->counters(); };
  const bool answered =
      telemetry_ ? telemetry_->run(read, kNvmlDeadlineSeconds) : thread_->run(read, kNvmlDeadlineSeconds);
  return answered ? std::move(*readings) : std::vector<CounterReading>{};
}

void HealthWatch::begin_region() {
  if (!telemetry_) return;
  telemetry_->begin_region();
  first_of_region_ = true;
}

Telemetry::Region HealthWatch::end_region() {
  first_of_region_ = false;
  return telemetry_ ? telemetry_->end_region() : Telemetry::Region{};
}

std::optional<double> HealthWatch::power_w() {
  if (!telemetry_) return std::nullopt;
  constexpr double kPatienceSeconds = 0.05;
  if (std::exchange(first_of_region_, false)) telemetry_->look_now(kPatienceSeconds);
  return telemetry_->power_w();
}

std::optional<int> HealthWatch::processes() const { return telemetry_ ? telemetry_->processes() : std::nullopt; }

void HealthWatch::link_under_load(std::optional<theory::PcieLink> link) {
  if (link) loaded_link_ = link;
}

reports::Health HealthWatch::health() {
  reports::Health health{.source = source_, .why = why_};
  if (!telemetry_) return health;
  std::vector<CounterReading> after;
  if (!late()) {
    telemetry_->look_now(kNvmlDeadlineSeconds);
    after = read_counters();
  }
  if (loaded_link_) {
    put(after, "pcie_generation", loaded_link_->generation);
    put(after, "pcie_width", loaded_link_->lanes);
  }
  health.counters = join_counters(before_, after);
  health.events = telemetry_->events();
  health.timeline = telemetry_->timeline();
  health.stale = after.empty() || telemetry_->stale();
  if (health.stale) append(health.why, "NVML stopped answering during the run, or answered late");
  if (const auto why = telemetry_->why(); !why.empty()) append(health.why, "a look failed: " + why);
  if (health.timeline.empty() && !health.stale)
    append(health.why, "NVML tells neither clock, power, temperature nor clock event reasons of this GPU");
  return health;
}

std::string HealthWatch::fault() const {
  if (!telemetry_) return {};
  for (const auto& event : telemetry_->events())
    if (is_fatal(event)) return event.text;
  return {};
}

std::vector<reports::Counter> join_counters(const std::vector<CounterReading>& before,
                                            const std::vector<CounterReading>& after) {
  std::vector<reports::Counter> joined;
  const auto add = [](reports::Counter& counter, const std::string& when, const std::string& why) {
    append(counter.why, fmt::format("{}: {}", when, why.empty() ? "not answered" : why));
  };
  for (const auto& reading : before) {
    reports::Counter counter{.name = reading.name, .unit = reading.unit, .before = reading.value};
    const auto now = std::find_if(after.begin(), after.end(), [&](const auto& r) { return r.name == reading.name; });
    if (now != after.end()) counter.after = now->value;
    const std::string why_not = now != after.end() ? now->why : kNvmlSilent;
    if (!counter.before && !counter.after && reading.why == why_not) {
      counter.why = why_not.empty() ? "not answered" : why_not;
    } else {
      if (!counter.before) add(counter, "before", reading.why);
      if (!counter.after) add(counter, "after", why_not);
    }
    joined.push_back(std::move(counter));
  }
  for (const auto& reading : after) {
    const bool known = std::any_of(before.begin(), before.end(), [&](const auto& r) { return r.name == reading.name; });
    if (known) continue;
    reports::Counter counter{.name = reading.name, .unit = reading.unit, .after = reading.value};
    add(counter, "before", kNvmlSilent);
    if (!counter.after) add(counter, "after", reading.why);
    joined.push_back(std::move(counter));
  }
  return joined;
}

reports::HealthEvent describe(const DriverEvent& event) {
  reports::HealthEvent out{.kind = event.kind, .number = event.number};
  if (event.kind == "xid")
    out.text = describe_xid(event.number);
  else if (event.kind == "gpu_lost")
    out.text = "the driver has lost the GPU; restart the node, look at the PCIe link and the power";
  else if (event.kind == "ecc_uncorrected")
    out.text = "an uncorrectable memory error (ECC); reset the GPU, see the counters";
  else if (event.kind == "ecc_corrected")
    out.text = "a corrected memory error (ECC); the counters tell how many";
  else
    out.text = fmt::format("an event of the driver that is not known to this version ({})", event.number);
  return out;
}

std::string profiler_in(const std::vector<std::string>& environment, const std::string& status) {
  // CUPTI's and NVTX's injection, nvprof's and the driver's old profiler; what Nsight Systems and Nsight Compute set for
  // the process that they start.
  static constexpr std::array<std::string_view, 7> kTold = {
      "CUDA_INJECTION64_PATH",     "NVTX_INJECTION64_PATH", "COMPUTE_PROFILE",     "NVPROF_ID",
      "NSYS_PROFILING_SESSION_ID", "QUADD_INJECTION_PROXY", "NV_NSIGHT_INJECTION_"};
  std::string found;
  for (const std::string_view variable : environment) {
    const auto equals = variable.find('=');
    if (equals == std::string_view::npos || equals + 1 == variable.size()) continue;
    const auto name = variable.substr(0, equals);
    if (name == "COMPUTE_PROFILE" && variable.substr(equals + 1) == "0") continue;
    if (std::any_of(kTold.begin(), kTold.end(),
                    [&](std::string_view told) { return told.ends_with('_') ? name.starts_with(told) : name == told; }))
      append(found, fmt::format("{} is set", name));
  }
  constexpr std::string_view kTracer = "\nTracerPid:";
  if (const auto at = status.find(kTracer); at != std::string::npos) {
    const auto pid = std::strtol(status.c_str() + at + kTracer.size(), nullptr, 10);
    if (pid != 0) append(found, fmt::format("process {} traces this one", pid));
  }
  return found;
}

std::string attached_profiler() {
  std::vector<std::string> environment;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    environment.emplace_back(*variable);
  std::ifstream file("/proc/self/status");
  return profiler_in(environment, {std::istreambuf_iterator<char>(file), {}});
}

}  // namespace peakproof::bench
