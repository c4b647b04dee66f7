#include "bench/harness/host_info.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>
#include <thread>

#include "bench/harness/build_info.hpp"
#include "bench/harness/open_cuda.hpp"

namespace peakproof::bench {
namespace {

/// The first "key : value" of /proc/cpuinfo with this key.
std::string cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || !line.starts_with(key)) continue;
    return colon + 2 <= line.size() ? line.substr(colon + 2) : "";
  }
  return {};
}

std::string os_name() {
  std::ifstream file("/etc/os-release");
  std::string name = "Linux";
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("PRETTY_NAME=")) name = line.substr(13, line.size() - 14);
  utsname kernel{};
  return uname(&kernel) == 0 ? fmt::format("{}, {} {}", name, kernel.sysname, kernel.release) : name;
}

std::optional<bool> cpu_scaling() {
  std::ifstream governor("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  std::string name;
  if (!(governor >> name)) return std::nullopt;
  return name != "performance";
}

}  // namespace

reports::Host host_info() {
  reports::Host host{.os = os_name(), .cpu = cpuinfo("model name"), .cpu_scaling = cpu_scaling()};
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) host.name = name.data();
  host.cpu_count = static_cast<int>(std::thread::hardware_concurrency());
  host.cpu_hz = 1e6 * std::atof(cpuinfo("cpu MHz").c_str());
  std::array<double, 3> load{};
  if (getloadavg(load.data(), 3) == 3) host.load_average.assign(load.begin(), load.end());
  return host;
}

reports::Tool tool_info() {
  return {.version = build::version,
          .commit = build::commit,
          .compiler = build::compiler,
          .build_type = build::build_type,
          .facts = cuda_build_facts()};
}

std::string timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 40> text{};
  static_cast<void>(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S%z", &local));
  const std::string_view iso(text.data());  // ends in "+0000"
  const std::size_t minutes = iso.size() - 2;
  return fmt::format("{}:{}", iso.substr(0, minutes), iso.substr(minutes));
}

std::string version_line() { return fmt::format("peakproof {} (commit {})", build::version, build::commit); }

}  // namespace peakproof::bench
