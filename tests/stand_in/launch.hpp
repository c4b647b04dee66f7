// Kernels: found by the name they were compiled under, played by a model of what they do and of how long it takes.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/stand_in/settings.hpp"
#include "tests/stand_in/virtual_time.hpp"

namespace peakproof::stand_in {

/// One launch, as its model sees it.
struct Launch {
  dim3 grid;
  dim3 block;
  void** arguments = nullptr;
  std::vector<int> template_numbers;  ///< of copy<Wide, 4, 2>: 4 and 2
  Flaw flaw = Flaw::none;
  Interval interval;                        ///< when it runs; for the answer only
  double launch_us = settings().launch_us;  ///< fixed time

  template <class T>
  [[nodiscard]] T argument(int index) const {
    T value;
    std::memcpy(&value, arguments[index], sizeof value);  // NOLINT(bugprone-sizeof-expression): T may be a pointer
    return value;
  }
  [[nodiscard]] std::int64_t blocks() const { return std::int64_t{grid.x} * grid.y * grid.z; }
  /// Blocks of the SM that has the most of them.
  [[nodiscard]] std::int64_t blocks_of_busiest_sm() const { return (blocks() + settings().sms - 1) / settings().sms; }
};

/// What a launch costs: it lasts until all of it is done.
struct Cost {
  double sm_cycles = 0;       ///< of the SM that has the most to do
  double dram_bytes = 0;      ///< read and written
  double latency_cycles = 0;  ///< of what waits for one another, which is the same at any speed
  double seconds = 0;         ///< of what follows no clock of the SMs, such as a link
};

/// Whether settings such as speed, noise and flaw apply: to what is measured, not to what serves the measuring.
enum class Role { measured, auxiliary };

struct KernelModel {
  std::string name;  ///< as a setting calls it
  /// The kernel where it has another name: "copy", "copy<Wide>" for all copy<Wide, …>, or "copy<Wide, 4>" for that one,
  /// without namespaces. Of several models the longest is the one.
  std::string kernel = name;
  Role role = Role::auxiliary;
  std::function<Cost(const Launch&)> cost = {};
  /// What it leaves in memory. cudaErrorIllegalAddress where that lies outside of every allocation,
  /// cudaErrorLaunchFailure where the kernel traps.
  std::function<cudaError_t(const Launch&)> answer = {};
  /// Of each argument; only such a kernel can be put into a graph, which keeps copies of them.
  std::optional<std::vector<std::size_t>> argument_bytes = {};
};

/// Makes a model known: `const Model model({...});` at namespace scope is all that a new kernel needs.
struct Model {
  explicit Model(const KernelModel& model);
};

/// The model of the kernel that a host function stands for; null, with a message, where there is none.
[[nodiscard]] const KernelModel* find_model(const void* host_function);
/// Plays a launch of a kernel, as <<<>>> makes it.
cudaError_t launch_kernel(const void* host_function, Launch launch, std::size_t shared_bytes);
/// Counts a launch and does what the settings let happen at it. True where it goes on; where not, it is refused with
/// *error, or accepted and without effect.
bool survives(const KernelModel& model, cudaError_t* error);
/// By how much noise makes something longer now: 1 without it.
[[nodiscard]] double delay_by_noise();

/// Plays a launch of this model: refused, lost, hung, or run in its time. Also for library calls.
cudaError_t play(const KernelModel& model, Launch launch);

}  // namespace peakproof::stand_in
