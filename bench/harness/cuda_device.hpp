// An NVIDIA GPU as a Backend: chosen, asked what it is, timed, watched and audited.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/audit.hpp"
#include "bench/harness/backend.hpp"
#include "bench/harness/cuda.hpp"
#include "bench/harness/event_timer.hpp"
#include "bench/harness/health_watch.hpp"
#include "bench/harness/patient_nvml.hpp"

namespace peakproof::bench {

/// What the user may type to mean one GPU.
struct GpuName {
  int index = 0;
  std::string uuid;        ///< "GPU-0123abcd-…"
  std::string pci_bus_id;  ///< "00000000:17:00.0"
  std::string name;
};
/// The visible GPUs. Throws NoDevice, saying what is missing and what to type, where there is none.
[[nodiscard]] std::vector<GpuName> visible_gpus();
/// The GPU that `selector` means: "", "cuda", "cuda:N", a UUID (or an unambiguous start of it), a PCI address with or
/// without domain. Throws UsageError naming the GPUs there are.
[[nodiscard]] const GpuName& select_gpu(const std::vector<GpuName>& gpus, const std::string& selector);

/// What driver and NVML say about a GPU, before anything is concluded.
struct GpuFacts {
  theory::DeviceSpec driver;  ///< as the CUDA driver says it
  std::optional<double> nvml_max_sm_clock_hz;
  std::optional<double> nvml_max_memory_clock_hz;
  std::optional<int> nvml_memory_bus_bits;
  std::optional<double> nvml_power_limit_w;
  bool mig = false;
};
/// Fills in what the driver cannot say (tensor clock, memory type and data rate) from the board that the facts match,
/// and takes the smaller figure where driver and NVML disagree (each disagreement goes into `notes`). A MIG slice has
/// no memory theory: the bus width is the whole card's. Pure.
[[nodiscard]] theory::DeviceSpec conclude_spec(const GpuFacts& facts, reports::Texts& notes);

/// The GPU that was chosen, and what was seen on it before we touched it.
struct FoundGpu {
  GpuName gpu;
  std::shared_ptr<PatientNvml> nvml;
  std::unique_ptr<NvmlDevice> management;  ///< null where NVML does not answer
  std::unique_ptr<HealthWatch> health;     ///< looks at it from now on
  int processes = 0;                       ///< that compute on it
  bool foreign_load = false;               ///< somebody else computes on it
  std::string profiler;                    ///< who looks over our shoulder; empty: nobody
  reports::Texts facts;
};
/// `epoch_s`: the steady clock's time that telemetry counts from; 0: now.
[[nodiscard]] FoundGpu find_gpu(const std::string& selector, double epoch_s = 0);

class CudaDevice final : public Backend {
 public:
  /// Opens the GPU and measures what measuring costs on it.
  CudaDevice(FoundGpu found, double launch_timeout_s);

  [[nodiscard]] const reports::Device& description() const override { return description_; }
  [[nodiscard]] TimerBase& timer() override { return timer_adapter_; }
  [[nodiscard]] const Overhead& overhead() const override { return overhead_; }
  [[nodiscard]] reports::Audit audit(const std::string& kernel) const override;
  void begin_region() override;
  /// Throws DeviceFault where the driver has reported that the device is unfit, and MeasurementError where a debugger came.
  [[nodiscard]] Region end_region() override;
  [[nodiscard]] reports::UnitMap unit_clocks() const override { return timer_.unit_clocks(); }
  [[nodiscard]] std::optional<reports::Health> health() override;
  [[nodiscard]] std::string note_end_of_run(reports::Device& description) override;

  [[nodiscard]] const theory::DeviceSpec& spec() const { return description_.spec; }
  [[nodiscard]] cudaStream_t stream() const { return stream_.get(); }
  [[nodiscard]] std::int64_t free_bytes() const;
  [[nodiscard]] const GpuName& gpu() const { return found_.gpu; }
  [[nodiscard]] const Nvml* nvml() const { return found_.nvml.get(); }
  /// Null where NVML does not answer.
  [[nodiscard]] const NvmlDevice* management() const { return found_.management.get(); }
  /// What a case looks at once a sample, behind what is timed; empty: nothing. To be taken back by the case's release.
  void also_watch(std::function<void()> watcher) { also_watch_ = std::move(watcher); }

 private:
  [[nodiscard]] reports::Device describe() const;
  [[nodiscard]] EventTimer make_timer(double launch_timeout_s);
  [[nodiscard]] Overhead measure_overhead();

  std::function<void()> also_watch_;
  /// While a launch runs: what the case looks at, and whether somebody else computes.
  void watch();
  /// Reads the PCIe link while copies keep it busy; nothing where NVML does not answer or the host gives no memory.
  void look_at_link();

  FoundGpu found_;
  int processes_with_us_ = std::numeric_limits<int>::max();  ///< unknown until the device is open
  reports::Device description_;
  Stream stream_;
  EventTimer timer_;
  TimerAdapter<EventTimer> timer_adapter_{timer_};
  Overhead overhead_;
};

}  // namespace peakproof::bench
