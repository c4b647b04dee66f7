#include "bench/harness/cuda_device.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "bench/harness/link_watch.hpp"
#include "kernels/probe/clock_probe.hpp"
#include "reports/sample.hpp"
#include "theory/boards.hpp"

namespace peakproof::bench {
namespace {

constexpr std::string_view kHowToRunOnTheCpu = "To measure the host CPU instead, add --device cpu.";

int attribute(cudaDeviceAttr which, int device) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

std::string uuid_text(const cudaUUID_t& uuid) {
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
    if (i == 3 || i == 5 || i == 7 || i == 9) text += '-';
  }
  return text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// "17:00.0" and "0000:17:00.0" mean "00000000:17:00.0".
bool same_pci_address(const std::string& typed, const std::string& full) {
  const std::string a = lower(typed);
  const std::string b = lower(full);
  return a.size() >= 7 && a.size() <= b.size() && b.compare(b.size() - a.size(), a.size(), a) == 0;
}

[[noreturn]] void throw_no_gpu(cudaError_t why) {
  static_cast<void>(cudaGetLastError());
  const char* hidden = std::getenv("CUDA_VISIBLE_DEVICES");
  std::string reason;
  switch (why) {
    case cudaErrorInsufficientDriver:
    case cudaErrorStubLibrary:
      reason =
          "no NVIDIA driver answers (none is installed, or it is older than this build's CUDA): install or update "
          "the driver and see that nvidia-smi works";
      break;
    case cudaErrorNoDevice:
    case cudaSuccess:
      reason = hidden
                   ? fmt::format("no GPU is visible: CUDA_VISIBLE_DEVICES is '{}'; unset it or name a GPU", hidden)
                   : "the driver sees no NVIDIA GPU: look at nvidia-smi and, in a container, start it with GPU access";
      break;
    default:
      reason = fmt::format("CUDA does not start ({}: {}): see that nvidia-smi works", cudaGetErrorName(why),
                           cudaGetErrorString(why));
  }
  throw NoDevice(fmt::format("no GPU to measure: {}. {}", reason, kHowToRunOnTheCpu));
}

std::string gpu_list(const std::vector<GpuName>& gpus) {
  std::string text;
  for (const auto& gpu : gpus)
    text +=
        fmt::format("{}cuda:{} ({}, {}, {})", text.empty() ? "" : "; ", gpu.index, gpu.name, gpu.uuid, gpu.pci_bus_id);
  return text;
}

}  // namespace

std::vector<GpuName> visible_gpus() {
  int count = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&count); status != cudaSuccess || count == 0) throw_no_gpu(status);
  std::vector<GpuName> gpus;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, i));
    gpus.push_back({.index = i,
                    .uuid = uuid_text(properties.uuid),
                    .pci_bus_id = fmt::format("{:08x}:{:02x}:{:02x}.0", static_cast<unsigned>(properties.pciDomainID),
                                              static_cast<unsigned>(properties.pciBusID),
                                              static_cast<unsigned>(properties.pciDeviceID)),
                    .name = properties.name});
  }
  return gpus;
}

const GpuName& select_gpu(const std::vector<GpuName>& gpus, const std::string& selector) {
  if (selector.empty() || selector == "cuda" || selector == "gpu") return gpus.front();
  const std::string typed = lower(selector);
  std::vector<const GpuName*> matches;
  for (const auto& gpu : gpus)
    if (typed == fmt::format("cuda:{}", gpu.index) || (typed.size() >= 8 && lower(gpu.uuid).starts_with(typed)) ||
        same_pci_address(typed, gpu.pci_bus_id))
      matches.push_back(&gpu);
  if (matches.size() == 1) return *matches.front();
  throw UsageError(fmt::format("--device {}: {}. There {}: {}; or cpu", selector,
                               matches.empty() ? "no such device" : "that means more than one GPU",
                               gpus.size() == 1 ? "is" : "are", gpu_list(gpus)));
}

theory::DeviceSpec conclude_spec(const GpuFacts& facts, reports::Texts& notes) {
  theory::DeviceSpec spec = facts.driver;
  const auto smaller = [&notes](const char* what, double driver, std::optional<double> nvml, const char* unit) {
    if (!nvml || *nvml <= 0 || *nvml == driver) return driver;
    if (driver <= 0) return *nvml;
    notes[fmt::format("disagreement.{}", what)] =
        fmt::format("driver {:g} {}, NVML {:g} {}: the smaller is used", driver, unit, *nvml, unit);
    return std::min(driver, *nvml);
  };
  spec.sm_clock_hz =
      1e6 * smaller("sm_clock", spec.sm_clock_hz * 1e-6,
                    facts.nvml_max_sm_clock_hz ? std::optional(*facts.nvml_max_sm_clock_hz * 1e-6) : std::nullopt,
                    "MHz");
  spec.memory_clock_hz =
      1e6 *
      smaller("memory_clock", spec.memory_clock_hz * 1e-6,
              facts.nvml_max_memory_clock_hz ? std::optional(*facts.nvml_max_memory_clock_hz * 1e-6) : std::nullopt,
              "MHz");
  spec.memory_bus_bits = static_cast<int>(
      smaller("memory_bus", spec.memory_bus_bits,
              facts.nvml_memory_bus_bits ? std::optional<double>(*facts.nvml_memory_bus_bits) : std::nullopt, "bits"));
  if (facts.nvml_power_limit_w) spec.power_limit_w = *facts.nvml_power_limit_w;
  spec.variant = theory::variant_of_board(spec.name);

  if (const theory::Board* board = theory::identify_board(spec)) {
    const theory::DeviceSpec sheet = theory::device_spec(*board);
    notes["board"] = sheet.name;
    spec.variant = sheet.variant;
    spec.base_clock_hz = sheet.base_clock_hz;
    spec.tensor_clock_hz = sheet.tensor_clock_hz;
    spec.memory_type = sheet.memory_type;
    // HBM moves two bits per pin and clock, and the clock is the device's own. For other memories the sheet's rate
    // counts, unless the driver's clock (half the data rate, as CUDA gives it for GDDR) says that the card has another.
    constexpr double kAgree = 0.02;
    const double told = 2 * spec.memory_clock_hz;
    if (!sheet.memory_type.starts_with("HBM")) {
      if (std::abs(told - sheet.memory_data_rate_bps) <= kAgree * sheet.memory_data_rate_bps)
        spec.memory_data_rate_bps = sheet.memory_data_rate_bps;
      else
        notes["disagreement.memory_rate"] =
            fmt::format("sheet {:g} Gb/s per pin, driver's clock {:g} MHz: no memory theory",
                        sheet.memory_data_rate_bps * 1e-9, spec.memory_clock_hz * 1e-6);
    }
  } else {
    notes["board"] = "not in the table: the tensor pipes are rated at the SM clock";
    constexpr int kNarrowestHbmBus = 2048;  // two stacks; the widest GDDR bus has 512 bits
    if (spec.memory_bus_bits >= kNarrowestHbmBus) spec.memory_type = "HBM";
  }
  if (facts.mig) {
    notes["mig"] = "on";
    notes["mig_slice"] = "a slice has no memory theory, since the bus width is the whole card's";
    spec.memory_bus_bits = 0;
  }
  return spec;
}

FoundGpu find_gpu(const std::string& selector, double epoch_s) {
  const auto gpus = visible_gpus();
  FoundGpu found{.gpu = select_gpu(gpus, selector)};
  auto& facts = found.facts;
  facts["uuid"] = found.gpu.uuid;
  facts["pci"] = found.gpu.pci_bus_id;
  found.profiler = attached_profiler();
  facts["profiler"] = found.profiler.empty() ? "none" : found.profiler;
  const auto unwatched = [&](std::string why) {
    found.health = std::make_unique<HealthWatch>(why);
    facts["nvml"] = std::move(why);
    return std::move(found);
  };
  std::string why;
  found.nvml = PatientNvml::open(&why);
  if (!found.nvml) return unwatched(std::move(why));
  facts["driver"] = found.nvml->driver_version();
  found.management = found.nvml->device_at(found.gpu.pci_bus_id);
  if (!found.management)
    return unwatched(found.nvml->thread()->stuck() ? kNvmlSilent : "does not know the GPU at this PCI address");
  // Asked before our own context exists: whatever computes now is not us.
  constexpr int kIdlePercent = 5;
  found.processes = found.management->compute_processes().value_or(0);
  const int load = found.management->gpu_utilization_percent().value_or(0);
  found.foreign_load = found.processes > 0 && load > kIdlePercent;
  facts["other_processes"] = std::to_string(found.processes);
  facts["utilization_before_percent"] = std::to_string(load);
  facts.merge(found.management->identity());
  if (const auto reasons = found.management->clock_reasons())
    facts["clock_reasons_before"] = describe_clock_reasons(*reasons);
  found.health = std::make_unique<HealthWatch>(*found.nvml, *found.management,
                                               Telemetry::Settings{.epoch_s = epoch_s > 0 ? epoch_s : steady_now_s()});
  return found;
}

CudaDevice::CudaDevice(FoundGpu found, double launch_timeout_s)
    : found_(std::move(found)),
      description_(describe()),
      stream_(make_stream()),
      timer_(make_timer(launch_timeout_s)),
      overhead_(measure_overhead()) {
  auto& facts = description_.facts;
  facts["overhead_launch_s"] = fmt::format("{:.3g}", overhead_.launch_s);
  facts["overhead_timer_s"] = fmt::format("{:.3g}", overhead_.timer_s);
  facts["overhead_sampler_s"] = fmt::format("{:.3g}", overhead_.sampler_s);
  // Our own context is listed by now, or will be soon: whoever comes beyond that is somebody else.
  if (found_.management)
    processes_with_us_ = std::max(found_.processes + 1, found_.management->compute_processes().value_or(0));
}

reports::Device CudaDevice::describe() const {
  const int index = found_.gpu.index;
  check(cudaSetDevice(index));
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index));
  GpuFacts seen{.driver = {.name = properties.name,
                           .compute_capability = {properties.major, properties.minor},
                           .sm_count = properties.multiProcessorCount,
                           .sm_clock_hz = 1e3 * attribute(cudaDevAttrClockRate, index),
                           .memory_clock_hz = 1e3 * attribute(cudaDevAttrMemoryClockRate, index),
                           .memory_bus_bits = attribute(cudaDevAttrGlobalMemoryBusWidth, index),
                           .memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem),
                           .l2_bytes = attribute(cudaDevAttrL2CacheSize, index)}};
  reports::Device device{.facts = found_.facts};
  auto& facts = device.facts;
  int driver = 0;
  int runtime = 0;
  check(cudaDriverGetVersion(&driver));
  check(cudaRuntimeGetVersion(&runtime));
  const auto version = [](int v) { return fmt::format("{}.{}", v / 1000, v % 1000 / 10); };
  facts["cuda_driver"] = version(driver);
  facts["cuda_runtime"] = version(runtime);
  if (const auto* gpu = found_.management.get()) {
    seen.nvml_max_sm_clock_hz = gpu->max_sm_clock_hz();
    seen.nvml_max_memory_clock_hz = gpu->max_memory_clock_hz();
    seen.nvml_memory_bus_bits = gpu->memory_bus_bits();
    seen.nvml_power_limit_w = gpu->power_limit_w();
    seen.mig = gpu->mig_enabled().value_or(false);
  }
  device.spec = conclude_spec(seen, facts);
  device.stand_in = dlsym(RTLD_DEFAULT, "peakproof_stand_in") != nullptr;
  return device;
}

EventTimer CudaDevice::make_timer(double launch_timeout_s) {
  set_wait_limit(launch_timeout_s);
  return {stream_.get(),
          {.sm_count = description_.spec.sm_count,
           .power_w = [this] { return found_.health->power_w(); },
           .while_running = [this] { watch(); },
           .contaminated = [this] { return found_.foreign_load || !found_.profiler.empty(); }}};
}

void CudaDevice::watch() {
  if (also_watch_) also_watch_();
  if (found_.health->processes().value_or(0) > processes_with_us_) found_.foreign_load = true;
}

void CudaDevice::look_at_link() {
  if (!found_.management) return;
  constexpr std::int64_t kBytes = std::int64_t{1} << 24;
  try {
    const PinnedBuffer<std::byte> host(kBytes);
    const DeviceBuffer<std::byte> gpu(kBytes);
    LinkWatch watch({{.name = "", .management = found_.management.get()}});
    watch.look(
        [&] { check(cudaMemcpyAsync(gpu.data(), host.data(), gpu.bytes(), cudaMemcpyHostToDevice, stream_.get())); },
        [this] { return cudaStreamQuery(stream_.get()) == cudaErrorNotReady; });
    wait_for(stream_.get());
    found_.health->link_under_load(watch.link());
  } catch (const DeviceFault&) {
    throw;
  } catch (const MeasurementError&) {  // no memory for it: the link is known at rest only
  }
}

std::int64_t CudaDevice::free_bytes() const {
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total));
  return static_cast<std::int64_t>(free);
}

reports::Audit CudaDevice::audit(const std::string& kernel) const {
  if (kernel.empty()) return {.status = "not_applicable", .note = "a library call: no machine code of ours"};
  const char* forced = std::getenv("CUDA_FORCE_PTX_JIT");
  return look_up_audit(kernel, description_.spec.compute_capability, audit_table(), embedded_images(),
                       forced && forced[0] == '1');
}

void CudaDevice::begin_region() {
  if (found_.profiler.empty()) found_.profiler = attached_profiler();
  found_.health->begin_region();
}

Backend::Region CudaDevice::end_region() {
  if (found_.profiler.empty() && !(found_.profiler = attached_profiler()).empty())
    throw MeasurementError(fmt::format("disturbed while it was measured: {}", found_.profiler));
  auto seen = found_.health->end_region();
  if (const std::string fault = found_.health->fault(); !fault.empty()) throw DeviceFault(fault);
  return {.telemetry = std::move(seen.telemetry), .clock = seen.clock};
}

std::optional<reports::Health> CudaDevice::health() { return found_.health->health(); }

std::string CudaDevice::note_end_of_run(reports::Device& description) try {
  const auto* gpu = found_.management.get();
  if (!gpu) return {};
  auto& facts = description.facts;
  if (!found_.profiler.empty()) facts["profiler"] = found_.profiler;
  if (!found_.health->late()) {
    if (const auto reasons = gpu->clock_reasons()) facts["clock_reasons_after"] = describe_clock_reasons(*reasons);
    if (const auto celsius = gpu->temperature_c()) facts["temperature_after_c"] = std::to_string(*celsius);
    if (const auto watts = gpu->power_w()) facts["power_after_w"] = fmt::format("{:g}", *watts);
    look_at_link();
  }
  const auto health = found_.health->health();
  if (std::string fault = found_.health->fault(); !fault.empty()) return fault;
  const auto errors = std::find_if(health.counters.begin(), health.counters.end(),
                                   [](const auto& counter) { return counter.name == "ecc_uncorrected_volatile"; });
  if (errors == health.counters.end()) return {};
  if (errors->before) facts["ecc_uncorrected_before"] = fmt::format("{:.0f}", *errors->before);
  if (errors->after) facts["ecc_uncorrected_after"] = fmt::format("{:.0f}", *errors->after);
  if (errors->before && errors->after && *errors->after > *errors->before)
    return fmt::format("{:.0f} uncorrectable memory errors (ECC) during the run: take the GPU out of service",
                       *errors->after - *errors->before);
  return {};
} catch (const DeviceFault& fault) {
  return fault.what();
}

Overhead CudaDevice::measure_overhead() {
  constexpr int kTurns = 21;
  using std::chrono::steady_clock;
  std::vector<double> launch;
  std::vector<double> nothing;
  std::vector<double> turn;
  for (int i = 0; i < kTurns; ++i) {
    const auto begin = steady_clock::now();
    timer_.prepare();
    timer_.start();
    check(kernels::launch_empty(stream_.get()));
    timer_.stop();
    launch.push_back(timer_.sample().seconds);
    turn.push_back(std::chrono::duration<double>(steady_clock::now() - begin).count());
    timer_.prepare();
    timer_.start();
    timer_.stop();
    nothing.push_back(timer_.sample().seconds);
  }
  const auto median = [](const std::vector<double>& values) { return reports::quantile(values, 0.5); };
  return {.launch_s = median(launch), .timer_s = median(nothing), .sampler_s = median(turn) - median(launch)};
}

}  // namespace peakproof::bench
