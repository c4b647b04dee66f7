#include "tests/stand_in/launch.hpp"

#include <cxxabi.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/graph.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/state.hpp"
#include "tests/stand_in/stream.hpp"

namespace peakproof::stand_in {
namespace {

std::vector<KernelModel>& models() {
  static std::vector<KernelModel> models;
  return models;
}

/// What a kernel is called: "void ns::(anonymous namespace)::copy<ns::Wide, 4>(int)" is {copy, {Wide, 4}}.
struct KernelName {
  std::string function;
  std::vector<std::string> arguments;  // of the template

  /// With the first `count` template arguments: "copy", "copy<Wide>", "copy<Wide, 4>".
  [[nodiscard]] std::string with(std::size_t count) const {
    std::string text = function;
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "<" : ", ") + arguments[i];
    return count == 0 ? text : text + ">";
  }
  [[nodiscard]] std::vector<int> numbers() const {
    std::vector<int> numbers;
    for (const std::string& argument : arguments) {
      int number = 0;
      const char* end = argument.data() + argument.size();
      if (std::from_chars(argument.data(), end, number).ptr == end) numbers.push_back(number);
    }
    return numbers;
  }
};

/// "void ns::copy" -> "copy"
std::string last_part(const std::string& name) {
  const auto last = name.find_last_of(": ");
  return last == std::string::npos ? name : name.substr(last + 1);
}

/// Template arguments that are templates themselves are not taken apart: no kernel has one.
KernelName kernel_name(const std::string& mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  if (status != 0) return {.function = mangled};
  std::string name = demangled.get();
  constexpr std::string_view anonymous = "(anonymous namespace)::";
  for (auto at = name.find(anonymous); at != std::string::npos; at = name.find(anonymous))
    name.erase(at, anonymous.size());
  const auto end = name.find_first_of("(<");
  KernelName result{.function = last_part(name.substr(0, end))};
  if (end == std::string::npos || name[end] == '(') return result;
  std::stringstream list(name.substr(end + 1, name.find('>') - end - 1));
  for (std::string argument; std::getline(list >> std::ws, argument, ',');)
    result.arguments.push_back(last_part(argument));
  return result;
}

/// A kernel of the program: what nvcc's host code registered.
struct Kernel {
  KernelName name;
  int shared_limit = 48 * 1024;  // dynamic shared memory per block, until cudaFuncSetAttribute raises it
};

/// By the address of the host function that stands for the kernel.
std::map<const void*, Kernel>& kernels() {
  static std::map<const void*, Kernel> kernels;
  return kernels;
}

const KernelModel* find_model(const KernelName& name) {
  for (std::size_t count = name.arguments.size() + 1; count-- > 0;) {
    const std::string wanted = name.with(count);
    for (const KernelModel& model : models())
      if (model.kernel == wanted) return &model;
  }
  return nullptr;
}

struct Counters {
  std::int64_t launches = 0;
  std::atomic<std::int64_t> measured = 0;  // NVML's side reads it, from another thread
};
Counters& counters() {
  static Counters counters;
  return counters;
}

/// A number in 0..1 that changes every 9 ms of device time, about once a sample: noise that came with every launch would
/// average out where many short launches make a sample.
double chance() {
  constexpr std::int64_t kept_ps = 9'000'000'000;
  const std::uint64_t bits = splitmix64(settings().seed, static_cast<std::uint64_t>(now_ps() / kept_ps));
  return std::ldexp(static_cast<double>(bits >> 11U), -53);
}

constexpr double kLowState = 0.85;     // of the clock, where it has two states
constexpr double kLongestDelay = 0.3;  // of a launch's time, where that varies

double true_clock_hz() { return 1e6 * settings().sm_mhz * settings().clock; }
double bytes_per_second() { return 2e6 * settings().memory_mhz * settings().bus_bits / 8; }

struct Duration {
  double seconds;
  double clock_hz;
};
Duration duration(const KernelModel& model, const Launch& launch) {
  const Settings& played = settings();
  const bool measured = model.role == Role::measured;
  const Cost cost = model.cost(launch);
  double clock_hz = true_clock_hz();
  if (measured && played.noise == Noise::clock && chance() < 0.5) clock_hz *= kLowState;
  double seconds = std::max({cost.sm_cycles / clock_hz, cost.dram_bytes / bytes_per_second(), cost.seconds});
  if (measured) seconds /= played.speed;
  seconds = std::max(seconds, cost.latency_cycles / clock_hz);
  if (measured) seconds *= delay_by_noise();
  return {.seconds = seconds, .clock_hz = clock_hz};
}

/// Resident blocks of one SM, as far as threads and dynamic shared memory allow it; of the latter the system keeps a KiB
/// for itself of each block.
int occupancy(int block_size, std::size_t shared_bytes = 0) {
  constexpr std::size_t most_blocks = 32;
  constexpr std::size_t kib = 1024;
  if (block_size < 1) return 0;
  const auto shared_of_sm = (static_cast<std::size_t>(architecture().shared_kib) + 1) * kib;
  return static_cast<int>(std::min({static_cast<std::size_t>(architecture().threads / block_size), most_blocks,
                                    shared_of_sm / (shared_bytes + kib)}));
}

cudaError_t launch_into(cudaStream_t stream, const void* host_function, const Launch& launch,
                        std::size_t shared_bytes) {
  if (const cudaError_t error = find_own_stream(stream); error != cudaSuccess) return error;
  if (Graph* graph = recording_of(stream)) return graph->add(host_function, launch, shared_bytes);
  settle(stream);
  return launch_kernel(host_function, launch, shared_bytes);
}

/// What <<<>>> pushes and the kernel's host function pops.
struct Configuration {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;
  void* stream = nullptr;
};
std::vector<Configuration>& configurations() {
  static thread_local std::vector<Configuration> stack;
  return stack;
}

}  // namespace

Model::Model(const KernelModel& model) { models().push_back(model); }

const KernelModel* find_model(const void* host_function) {
  const auto found = kernels().find(host_function);
  if (found == kernels().end()) {
    std::fputs("stand-in: a kernel is launched that was never registered\n", stderr);
    return nullptr;
  }
  const KernelName& name = found->second.name;
  const KernelModel* model = find_model(name);
  if (model == nullptr)
    std::fprintf(stderr, "stand-in: no model of the kernel '%s': add one under tests/stand_in/models\n",
                 name.with(name.arguments.size()).c_str());
  return model;
}

double delay_by_noise() { return settings().noise == Noise::time ? 1 + kLongestDelay * chance() : 1; }

bool survives(const KernelModel& model, cudaError_t* error) {
  const Settings& played = settings();
  Counters& count = counters();
  ++count.launches;
  const bool measured = model.role == Role::measured;
  if (measured) ++count.measured;
  const auto number = [&count](const AtLaunch& at) { return at.of_measured ? count.measured.load() : count.launches; };
  if (played.hang.launch != 0 && number(played.hang) == played.hang.launch) hang_device();
  if (device_hangs()) return false;
  if (played.lost.launch != 0 && number(played.lost) >= played.lost.launch) {
    lose_device(static_cast<cudaError_t>(played.lost.error));  // the launch is accepted; the next call tells
    return false;
  }
  if (!measured) return true;
  if (count.measured == played.crash) {
    static_cast<void>(std::signal(SIGSEGV, SIG_DFL));
    static_cast<void>(std::raise(SIGSEGV));
  }
  if (count.measured == played.signal_at) static_cast<void>(std::raise(played.signal));
  if (played.pause_ms > 0) std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(played.pause_ms));
  if (count.measured == played.fail.launch) {
    *error = static_cast<cudaError_t>(played.fail.error);
    return false;
  }
  return true;
}

cudaError_t launch_kernel(const void* host_function, Launch launch, std::size_t shared_bytes) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  if (const cudaError_t refusal = refusal_of_kernels(); refusal != cudaSuccess) return refusal;
  const KernelModel* model = find_model(host_function);
  if (model == nullptr) return cudaErrorInvalidDeviceFunction;
  const Kernel& kernel = kernels().at(host_function);
  const std::uint64_t threads = std::uint64_t{launch.block.x} * launch.block.y * launch.block.z;
  constexpr unsigned most_threads = 1024;
  constexpr unsigned most_rows = 65535;
  if (threads == 0 || threads > most_threads || launch.blocks() == 0 || launch.grid.x > 0x7fffffffU ||
      launch.grid.y > most_rows || launch.grid.z > most_rows)
    return cudaErrorInvalidConfiguration;
  if (shared_bytes > static_cast<std::size_t>(kernel.shared_limit)) return cudaErrorInvalidValue;
  launch.template_numbers = kernel.name.numbers();
  return play(*model, std::move(launch));
}

cudaError_t play(const KernelModel& model, Launch launch) {
  cudaError_t error = cudaSuccess;
  if (!survives(model, &error)) return error;
  if (model.role == Role::measured || settings().flawed_kernel == model.name) launch.flaw = flaw_of(model.name);
  pass(1e-6 * launch.launch_us, true_clock_hz());
  const Duration time = duration(model, launch);
  launch.interval = pass(time.seconds, time.clock_hz);
  if (launch.flaw == Flaw::idle) return cudaSuccess;
  const cudaError_t answer = model.answer(launch);
  if (answer == cudaErrorIllegalAddress || answer == cudaErrorLaunchFailure) lose_device(answer);
  return answer;
}

}  // namespace peakproof::stand_in

// What nvcc's host code calls, of CUDA 12 (cudaLaunchKernel on the host function) and of CUDA 13 (__cudaLaunchKernel on
// a handle). Declared in crt/host_runtime.h and crt/device_functions.h, which a host compiler cannot include.
// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

/// For NVML's side: launches of measured kernels so far, and the device's time.
std::int64_t peakproof_stand_in_launches() { return self::counters().measured; }
double peakproof_stand_in_seconds() { return 1e-12 * static_cast<double>(self::now_ps()); }

void** __cudaRegisterFatBinary(void* /*image*/) {
  static void* handle = nullptr;
  return &handle;
}
void __cudaRegisterFatBinaryEnd(void** /*handle*/) {}
void __cudaUnregisterFatBinary(void** /*handle*/) {}
char __cudaInitModule(void** /*handle*/) { return 1; }

void __cudaRegisterFunction(void** /*handle*/, const char* host_function, char* /*device_function*/,
                            const char* device_name, int /*thread_limit*/, uint3* /*thread*/, uint3* /*block*/,
                            dim3* /*block_dim*/, dim3* /*grid_dim*/, int* /*warp_size*/) {
  self::kernels()[host_function] = {.name = self::kernel_name(device_name)};
}

/// Constant memory: its models know what it holds.
void __cudaRegisterVar(void** /*handle*/, char* /*host_variable*/, char* /*device_address*/,
                       const char* /*device_name*/, int /*external*/, size_t /*bytes*/, int /*constant*/,
                       int /*global*/) {}

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes, void* stream) {
  self::configurations().push_back({grid, block, shared_bytes, stream});
  return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared_bytes, void* stream) {
  if (self::configurations().empty()) return self::remember(cudaErrorMissingConfiguration);
  const self::Configuration top = self::configurations().back();
  self::configurations().pop_back();
  *grid = top.grid;
  *block = top.block;
  *shared_bytes = top.shared_bytes;
  *static_cast<void**>(stream) = top.stream;
  return cudaSuccess;
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments, size_t shared_bytes,
                             cudaStream_t stream) {
  return self::remember(
      self::launch_into(stream, function, {.grid = grid, .block = block, .arguments = arguments}, shared_bytes));
}
/// A handle is the host function's address.
cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function) {
  *kernel = static_cast<cudaKernel_t>(const_cast<void*>(function));
  return cudaSuccess;
}
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, size_t shared_bytes,
                               cudaStream_t stream) {
  return cudaLaunchKernel(kernel, grid, block, arguments, shared_bytes, stream);
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (const cudaError_t refusal = self::refusal_of_kernels(); refusal != cudaSuccess) return self::remember(refusal);
  const auto found = self::kernels().find(function);
  if (found == self::kernels().end()) return self::remember(cudaErrorInvalidDeviceFunction);
  *attributes = {};
  attributes->maxThreadsPerBlock = 1024;
  attributes->maxDynamicSharedSizeBytes = found->second.shared_limit;
  attributes->ptxVersion = attributes->binaryVersion = self::architecture().code;
  return cudaSuccess;
}
cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (const cudaError_t refusal = self::refusal_of_kernels(); refusal != cudaSuccess) return self::remember(refusal);
  const auto found = self::kernels().find(function);
  if (found == self::kernels().end()) return self::remember(cudaErrorInvalidDeviceFunction);
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || value > self::architecture().shared_kib * 1024) return self::remember(cudaErrorInvalidValue);
  found->second.shared_limit = value;
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* /*function*/,
                                                                   int block_size, size_t shared_bytes,
                                                                   unsigned /*flags*/) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  *blocks = self::occupancy(block_size, shared_bytes);
  return cudaSuccess;
}
/// Blocks that need half of an SM's shared memory, and what they have besides, have it alone.
cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* function, const cudaLaunchConfig_t* config) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  const auto found = self::kernels().find(function);
  constexpr int first_code = 90;
  if (found == self::kernels().end() || self::architecture().code < first_code)
    return self::remember(cudaErrorInvalidDeviceFunction);
  if (config->dynamicSmemBytes > static_cast<std::size_t>(found->second.shared_limit) || config->numAttrs != 1 ||
      config->attrs->id != cudaLaunchAttributeClusterDimension)
    return self::remember(cudaErrorInvalidValue);
  const bool alone = 2 * config->dynamicSmemBytes >= static_cast<std::size_t>(self::architecture().shared_kib) * 1024;
  const int per_sm = alone ? 1 : self::occupancy(static_cast<int>(config->blockDim.x));
  *clusters = self::settings().sms * per_sm / static_cast<int>(config->attrs->val.clusterDim.x);
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function, int block_size,
                                                          size_t shared_bytes) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, block_size, shared_bytes, 0);
}
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
