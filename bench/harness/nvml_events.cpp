// The driver's events (Xids, ECC errors) by nvmlEventSet…, which needs no root and no kernel log.
#include <utility>

#include "bench/harness/nvml_call.hpp"

namespace peakproof::bench {
namespace {

namespace api = nvml_api;

class LoadedEvents final : public EventQueue {
 public:
  LoadedEvents(NvmlCaller gpu, api::EventSet set) : gpu_(std::move(gpu)), set_(set) {}
  LoadedEvents(const LoadedEvents&) = delete;
  LoadedEvents& operator=(const LoadedEvents&) = delete;
  ~LoadedEvents() override {
    if (const auto free = find_nvml<api::EventSet>(gpu_.library(), "nvmlEventSetFree")) free(set_);
  }

  [[nodiscard]] std::optional<DriverEvent> next() override {
    const auto wait = find_nvml<api::EventSet, api::EventData*, unsigned>(gpu_.library(), "nvmlEventSetWait_v2");
    api::EventData event{};
    constexpr unsigned at_once = 0;
    const api::Return status = wait ? wait(set_, &event, at_once) : api::error_function_not_found;
    if (status == api::error_gpu_is_lost && !std::exchange(lost_, true)) return DriverEvent{.kind = "gpu_lost"};
    if (status != api::success) return std::nullopt;  // mostly NVML_ERROR_TIMEOUT: nothing has happened
    switch (event.type) {
      case api::event_xid:
        return DriverEvent{.kind = "xid", .number = static_cast<std::int64_t>(event.data)};
      case api::event_double_bit_ecc:
        return DriverEvent{.kind = "ecc_uncorrected"};
      case api::event_single_bit_ecc:
        return DriverEvent{.kind = "ecc_corrected"};
      default:
        return DriverEvent{.kind = "unknown", .number = static_cast<std::int64_t>(event.type)};
    }
  }

 private:
  NvmlCaller gpu_;
  api::EventSet set_;
  bool lost_ = false;
};

}  // namespace

std::unique_ptr<EventQueue> open_events(const NvmlCaller& gpu, std::string* why) {
  const auto fail = [why](api::Return status) -> std::unique_ptr<EventQueue> {
    if (why) *why = nvml_reason(status);
    return nullptr;
  };
  const auto supported = gpu.ask<unsigned long long>("nvmlDeviceGetSupportedEventTypes");
  if (!supported.ok()) return fail(supported.status);
  constexpr auto wanted = api::event_xid | api::event_double_bit_ecc | api::event_single_bit_ecc;
  // A queue that can hold no Xid would make "no Xid" look like an observation.
  if ((supported.value & api::event_xid) == 0) {
    if (why) *why = "this GPU reports no Xids by NVML";
    return nullptr;
  }
  const auto create = find_nvml<api::EventSet*>(gpu.library(), "nvmlEventSetCreate");
  api::EventSet set = nullptr;
  const api::Return created = create ? create(&set) : api::error_function_not_found;
  if (created != api::success) return fail(created);
  auto events = std::make_unique<LoadedEvents>(gpu, set);
  const api::Return registered = gpu.call("nvmlDeviceRegisterEvents", supported.value & wanted, set);
  if (registered != api::success) return fail(registered);
  return events;
}

}  // namespace peakproof::bench
