// NVML behind deadlines: every call is made on a thread of its own (call_thread.hpp), so that a driver which does not
// answer costs the measuring thread seconds once, and then nothing. What is not answered in time is empty, like what is not
// answered at all.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bench/harness/call_thread.hpp"
#include "bench/harness/nvml.hpp"

namespace peakproof::bench {

/// How long one call may take; the driver needs longer to start the library.
inline constexpr double kNvmlDeadlineSeconds = 2;
inline constexpr double kNvmlStartSeconds = 10;
inline constexpr const char* kNvmlSilent = "NVML does not answer";

class PatientNvml final : public Nvml {
 public:
  using Open = std::function<std::shared_ptr<Nvml>(std::string* why)>;
  /// As Nvml::open, on a thread of its own.
  [[nodiscard]] static std::shared_ptr<PatientNvml> open(std::string* why, const Open& open = &Nvml::open);
  PatientNvml(std::shared_ptr<CallThread> thread, std::shared_ptr<Nvml> real, std::string driver);
  PatientNvml(const PatientNvml&) = delete;
  PatientNvml& operator=(const PatientNvml&) = delete;
  ~PatientNvml() override;

  [[nodiscard]] std::string driver_version() const override { return driver_; }
  [[nodiscard]] std::unique_ptr<NvmlDevice> device_at(const std::string& pci_bus_id) const override;
  [[nodiscard]] std::optional<std::vector<std::string>> addresses() const override;
  [[nodiscard]] const std::shared_ptr<CallThread>& thread() const { return thread_; }

 private:
  std::shared_ptr<CallThread> thread_;
  std::shared_ptr<Nvml> real_;  ///< used, and ended, on the thread alone
  std::string driver_;
};

/// The device behind a PatientNvml's, for calls that are on the thread already.
[[nodiscard]] std::shared_ptr<const NvmlDevice> on_its_thread(const NvmlDevice& patient);

}  // namespace peakproof::bench
