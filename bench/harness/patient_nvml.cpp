#include "bench/harness/patient_nvml.hpp"

#include <fmt/format.h>

#include <type_traits>
#include <utility>

namespace peakproof::bench {
namespace {

class PatientDevice final : public NvmlDevice {
 public:
  PatientDevice(std::shared_ptr<CallThread> thread, std::shared_ptr<const NvmlDevice> real)
      : thread_(std::move(thread)), real_(std::move(real)) {}
  PatientDevice(const PatientDevice&) = delete;
  PatientDevice& operator=(const PatientDevice&) = delete;
  ~PatientDevice() override {
    thread_->post([real = std::move(real_)] {});
  }
  [[nodiscard]] const std::shared_ptr<const NvmlDevice>& real() const { return real_; }

  [[nodiscard]] std::vector<CounterReading> counters() const override { return ask(&NvmlDevice::counters); }
  [[nodiscard]] std::map<std::string, std::string> identity() const override { return ask(&NvmlDevice::identity); }
  /// A queue is used where it was made: on the thread (on_its_thread()).
  [[nodiscard]] std::unique_ptr<EventQueue> watch_events(std::string* why) const override {
    if (why != nullptr) *why = "asked for on another thread than NVML's";
    return nullptr;
  }
  [[nodiscard]] std::optional<std::uint64_t> clock_reasons() const override { return ask(&NvmlDevice::clock_reasons); }
  [[nodiscard]] std::optional<Violation> power_violation() const override { return ask(&NvmlDevice::power_violation); }
  [[nodiscard]] std::optional<Violation> thermal_violation() const override {
    return ask(&NvmlDevice::thermal_violation);
  }
  [[nodiscard]] std::optional<double> sm_clock_hz() const override { return ask(&NvmlDevice::sm_clock_hz); }
  [[nodiscard]] std::optional<double> max_sm_clock_hz() const override { return ask(&NvmlDevice::max_sm_clock_hz); }
  [[nodiscard]] std::optional<double> max_memory_clock_hz() const override {
    return ask(&NvmlDevice::max_memory_clock_hz);
  }
  [[nodiscard]] std::optional<int> memory_bus_bits() const override { return ask(&NvmlDevice::memory_bus_bits); }
  [[nodiscard]] std::optional<double> power_w() const override { return ask(&NvmlDevice::power_w); }
  [[nodiscard]] std::optional<double> power_limit_w() const override { return ask(&NvmlDevice::power_limit_w); }
  [[nodiscard]] std::optional<double> default_power_limit_w() const override {
    return ask(&NvmlDevice::default_power_limit_w);
  }
  [[nodiscard]] std::optional<int> temperature_c() const override { return ask(&NvmlDevice::temperature_c); }
  [[nodiscard]] std::optional<int> gpu_utilization_percent() const override {
    return ask(&NvmlDevice::gpu_utilization_percent);
  }
  [[nodiscard]] std::optional<int> compute_processes() const override { return ask(&NvmlDevice::compute_processes); }
  [[nodiscard]] std::optional<bool> mig_enabled() const override { return ask(&NvmlDevice::mig_enabled); }
  [[nodiscard]] std::optional<bool> ecc_enabled() const override { return ask(&NvmlDevice::ecc_enabled); }
  [[nodiscard]] std::optional<std::uint64_t> uncorrected_ecc_errors() const override {
    return ask(&NvmlDevice::uncorrected_ecc_errors);
  }
  [[nodiscard]] std::optional<bool> persistence_mode() const override { return ask(&NvmlDevice::persistence_mode); }
  [[nodiscard]] std::optional<theory::PcieLink> pcie_link() const override { return ask(&NvmlDevice::pcie_link); }
  [[nodiscard]] std::optional<theory::PcieLink> best_pcie_link() const override {
    return ask(&NvmlDevice::best_pcie_link);
  }
  [[nodiscard]] std::optional<int> own_pcie_generation() const override {
    return ask(&NvmlDevice::own_pcie_generation);
  }
  [[nodiscard]] std::optional<std::uint64_t> pcie_replays() const override { return ask(&NvmlDevice::pcie_replays); }
  [[nodiscard]] std::optional<int> c2c_links() const override { return ask(&NvmlDevice::c2c_links); }
  [[nodiscard]] std::vector<NvLink> nvlinks() const override { return ask(&NvmlDevice::nvlinks); }
  [[nodiscard]] std::optional<double> nvlink_bytes_per_second() const override {
    return ask(&NvmlDevice::nvlink_bytes_per_second);
  }
  [[nodiscard]] std::string vbios() const override { return ask(&NvmlDevice::vbios); }
  [[nodiscard]] std::string serial() const override { return ask(&NvmlDevice::serial); }

 private:
  template <class Value>
  [[nodiscard]] Value ask(Value (NvmlDevice::*question)() const) const {
    auto answer = thread_->ask([real = real_, question] { return ((*real).*question)(); }, kNvmlDeadlineSeconds);
    return answer ? std::move(*answer) : Value{};
  }

  std::shared_ptr<CallThread> thread_;
  std::shared_ptr<const NvmlDevice> real_;
};

}  // namespace

std::shared_ptr<PatientNvml> PatientNvml::open(std::string* why, const Open& open) {
  struct Opened {
    std::shared_ptr<Nvml> nvml;
    std::string driver;
    std::string why;
  };
  const auto thread = std::make_shared<CallThread>();
  auto opened = thread->ask(
      [open] {
        Opened found;
        found.nvml = open(&found.why);
        if (found.nvml) found.driver = found.nvml->driver_version();
        return found;
      },
      kNvmlStartSeconds);
  if (!opened)
    opened = Opened{
        .nvml = nullptr, .driver = "", .why = fmt::format("NVML did not start within {:g} s", kNvmlStartSeconds)};
  if (opened->nvml) return std::make_shared<PatientNvml>(thread, std::move(opened->nvml), std::move(opened->driver));
  if (why != nullptr) *why = std::move(opened->why);
  return nullptr;
}

PatientNvml::PatientNvml(std::shared_ptr<CallThread> thread, std::shared_ptr<Nvml> real, std::string driver)
    : thread_(std::move(thread)), real_(std::move(real)), driver_(std::move(driver)) {}

PatientNvml::~PatientNvml() {
  thread_->post([real = std::move(real_)] {});
}

std::unique_ptr<NvmlDevice> PatientNvml::device_at(const std::string& pci_bus_id) const {
  auto device = thread_->ask(
      [real = real_, pci_bus_id] { return std::shared_ptr<const NvmlDevice>(real->device_at(pci_bus_id)); },
      kNvmlDeadlineSeconds);
  if (!device || !*device) return nullptr;
  return std::make_unique<PatientDevice>(thread_, std::move(*device));
}

std::optional<std::vector<std::string>> PatientNvml::addresses() const {
  auto found = thread_->ask([real = real_] { return real->addresses(); }, kNvmlDeadlineSeconds);
  return found ? std::move(*found) : std::nullopt;
}

std::shared_ptr<const NvmlDevice> on_its_thread(const NvmlDevice& patient) {
  const auto* device = dynamic_cast<const PatientDevice*>(&patient);
  return device != nullptr ? device->real() : nullptr;
}

}  // namespace peakproof::bench
