// Calling NVML by name: what a GPU answers, or why it does not. Inside nvml*.cpp only.
#pragma once

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/nvml.hpp"
#include "bench/harness/nvml_api.hpp"

namespace peakproof::bench {

struct CloseLibrary {
  void operator()(void* library) const noexcept { static_cast<void>(dlclose(library)); }
};
using NvmlLibrary = std::unique_ptr<void, CloseLibrary>;

/// The function of that name in the library, or null.
template <class... Arguments>
auto find_nvml(void* library, const char* name, nvml_api::Return (*)(Arguments...) = nullptr) {
  return reinterpret_cast<nvml_api::Return (*)(Arguments...)>(dlsym(library, name));
}

/// What a call gave.
template <class Value>
struct NvmlAnswer {
  Value value{};
  nvml_api::Return status = nvml_api::error_function_not_found;
  [[nodiscard]] bool ok() const { return status == nvml_api::success; }
};

/// One GPU's functions. Keeps the library loaded.
class NvmlCaller {
 public:
  NvmlCaller(std::shared_ptr<const Nvml> nvml, void* library, nvml_api::Device device)
      : nvml_(std::move(nvml)), library_(library), device_(device) {}

  /// Calls `name`(device, arguments…).
  template <class... Arguments>
  [[nodiscard]] nvml_api::Return call(const char* name, Arguments... arguments) const {
    const auto function = find_nvml<nvml_api::Device, Arguments...>(library_, name);
    return function ? function(device_, arguments...) : nvml_api::error_function_not_found;
  }
  /// Calls `name`(device, arguments…, &value).
  template <class Value, class... Arguments>
  [[nodiscard]] NvmlAnswer<Value> ask(const char* name, Arguments... arguments) const {
    NvmlAnswer<Value> answer;
    answer.status = call(name, arguments..., &answer.value);
    return answer;
  }
  /// The same, where nobody wants to know why not.
  template <class Value, class... Arguments>
  [[nodiscard]] std::optional<Value> get(const char* name, Arguments... arguments) const {
    const auto answer = ask<Value>(name, arguments...);
    return answer.ok() ? std::optional(answer.value) : std::nullopt;
  }
  /// Functions that answer two numbers, such as the current and the pending mode.
  [[nodiscard]] NvmlAnswer<std::array<unsigned, 2>> ask_two(const char* name) const {
    NvmlAnswer<std::array<unsigned, 2>> answer;
    answer.status = call(name, answer.value.data(), answer.value.data() + 1);
    return answer;
  }
  /// Functions that fill a buffer with text; empty where they do not answer.
  [[nodiscard]] std::string text(const char* name) const {
    std::array<char, nvml_api::text_bytes + 1> buffer{};  // the last byte stays 0
    return call(name, buffer.data(), nvml_api::text_bytes) == nvml_api::success ? buffer.data() : "";
  }
  /// nvmlDeviceGetFieldValues, as a number.
  [[nodiscard]] NvmlAnswer<double> ask_field(unsigned which) const;

  [[nodiscard]] void* library() const { return library_; }
  [[nodiscard]] nvml_api::Device device() const { return device_; }

 private:
  std::shared_ptr<const Nvml> nvml_;
  void* library_;
  nvml_api::Device device_;
};

/// "00000000:17:00.0", as CUDA's are written.
[[nodiscard]] std::string pci_address(const nvml_api::PciInfo& pci);

/// NvmlDevice::counters(), identity() and watch_events() (nvml_counters.cpp, nvml_identity.cpp, nvml_events.cpp).
[[nodiscard]] std::vector<CounterReading> read_counters(const NvmlCaller& gpu);
[[nodiscard]] std::map<std::string, std::string> read_identity(const NvmlCaller& gpu);
[[nodiscard]] std::unique_ptr<EventQueue> open_events(const NvmlCaller& gpu, std::string* why);

}  // namespace peakproof::bench
