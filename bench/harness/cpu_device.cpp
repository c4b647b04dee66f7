#include "bench/harness/cpu_device.hpp"

#include <fmt/format.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "kernels/cpu/chain.hpp"
#include "theory/cpu.hpp"

namespace peakproof::bench {
namespace {

// A whole number in decimal or, with 0x, hexadecimal; 0 for anything else.
int to_int(const std::string& text) {
  try {
    return std::stoi(text, nullptr, 0);
  } catch (const std::exception&) {
    return 0;
  }
}

double kilohertz_file(const std::filesystem::path& file) {
  const std::optional<std::string> text = read_text(file);
  return text ? 1e3 * std::max(0, to_int(*text)) : 0;
}

// "KVMKVMKVM", "Microsoft Hv", "VMwareVMware", …: what the hypervisor calls itself.
std::string hypervisor_name(bool present) {
  if (!present) return "none seen";
#if defined(__x86_64__)
  unsigned leaf = 0;
  std::array<unsigned, 3> registers{};
  __cpuid(0x40000000U, leaf, registers[0], registers[1], registers[2]);
  std::array<char, 13> text{};
  std::memcpy(text.data(), registers.data(), 12);
  std::string name(text.data());
  if (!name.empty()) return name;
#endif
  return "yes";
}

std::string display_name(const CpuIdentity& identity) {
  if (!identity.name.empty()) return identity.name;
  if (identity.implementer != 0) {
    return fmt::format("Arm CPU (implementer {:#04x}, part {:#05x})", identity.implementer, identity.part);
  }
  return "unknown CPU";
}

// "L1 32 KiB, L2 1024 KiB, L3 32768 KiB".
std::string cache_text(const std::vector<CacheLevel>& caches) {
  std::string text;
  for (const CacheLevel& cache : caches)
    text += fmt::format("{}L{} {} KiB", text.empty() ? "" : ", ", cache.level, cache.bytes / 1024);
  return text.empty() ? "unknown" : text;
}

// The key of the table's row, empty where there is none. The cores must be of one kind: those of a hybrid x86 CPU share
// one model, for which the table has no row. Nor is there theory where the system masks off registers that the row's
// rate needs.
std::string microarchitecture(const std::vector<CpuIdentity>& identities, int simd_bits) {
  const CpuIdentity& first = identities.front();
  for (const CpuIdentity& other : identities) {
    if (other.family != first.family || other.model != first.model || other.part != first.part) return "";
  }
  const bool arm = first.implementer != 0;
  const theory::CpuMicroarchitecture* row =
      theory::find_cpu(arm ? theory::CpuId{"ARM", first.implementer, first.part, ""}
                           : theory::CpuId{first.vendor, first.family, first.model, first.name});
  if (row == nullptr || row->fp32_fma_lanes(simd_bits) != row->fp32_fma_lanes()) return "";
  return std::string(row->key);
}

}  // namespace

CpuIdentity parse_cpu_identity(std::string_view cpuinfo, int cpu) {
  CpuIdentity first;
  CpuIdentity current;
  int blocks = 0;
  int processor = -1;
  bool found = false;
  const auto finish = [&] {
    if (processor < 0) return;
    if (blocks++ == 0) first = current;
    found = processor == cpu;
  };
  std::istringstream lines{std::string(cpuinfo)};
  for (std::string line; !found && std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const std::size_t start = line.find_first_not_of(" \t", colon + 1);
    const std::string value = start == std::string::npos ? "" : line.substr(start);
    if (key == "processor") {
      finish();
      if (found) break;
      current = {};
      processor = to_int(value);
    }
    if (key == "vendor_id") current.vendor = value;
    if (key == "cpu family") current.family = to_int(value);
    if (key == "model") current.model = to_int(value);
    if (key == "model name") current.name = value;
    if (key == "CPU implementer") current.implementer = to_int(value);
    if (key == "CPU part") current.part = to_int(value);
    if (key == "microcode") current.microcode = value;
    if (key == "flags") current.hypervisor = (" " + value + " ").find(" hypervisor ") != std::string::npos;
  }
  if (!found) finish();
  return found ? current : first;
}

CpuDevice query_cpu(const SystemRoot& root) {
  const std::vector<int> allowed = allowed_cpus();
  if (allowed.empty()) throw std::runtime_error("cannot read this process's CPU affinity: see taskset -p $$");
  const std::vector<int> cores = one_cpu_per_core(allowed, root);
  const std::optional<double> quota = cpu_quota(root);

  CpuDevice device;
  device.cpus = within_quota(cores, quota);
  const std::string cpuinfo = read_text(root / "proc/cpuinfo").value_or("");
  std::vector<CpuIdentity> identities;
  identities.reserve(device.cpus.size());
  for (const int cpu : device.cpus) identities.push_back(parse_cpu_identity(cpuinfo, cpu));
  const CpuIdentity& identity = identities.front();

  theory::DeviceSpec& spec = device.spec;
  spec.name = display_name(identity);
  spec.kind = theory::DeviceKind::cpu;
  const kernels::cpu::ChainShape shape = kernels::cpu::Fp32Fma::shape();
  const int simd_bits = kernels::cpu::Fp32Fma::simd_bits(shape);
  spec.microarchitecture = microarchitecture(identities, simd_bits);
  spec.sm_count = static_cast<int>(device.cpus.size());
  spec.memory_bytes = meminfo_bytes("MemTotal", root);
  spec.l2_bytes = last_level_cache_bytes(device.cpus, root);
  const std::filesystem::path cpus = root / "sys/devices/system/cpu";
  const std::filesystem::path frequency = cpus / fmt::format("cpu{}/cpufreq", device.cpus.front());
  spec.sm_clock_hz = kilohertz_file(frequency / "cpuinfo_max_freq");
  spec.base_clock_hz = kilohertz_file(frequency / "base_frequency");
  device.available_memory_bytes = available_memory_bytes(root);
  device.caches = data_caches(device.cpus.front(), root);
  for (const CacheLevel& cache : device.caches)
    device.cache_share_bytes[cache.level] = cache_share_bytes(cache.level, device.cpus, root);

  const auto fact = [&](const char* key, const std::filesystem::path& file) {
    device.facts[key] = read_text(file).value_or("unknown");
  };
  fact("governor", frequency / "scaling_governor");
  fact("frequency_driver", frequency / "scaling_driver");
  fact("smt", cpus / "smt/control");
  fact("clocksource", root / "sys/devices/system/clocksource/clocksource0/current_clocksource");
  device.facts["hypervisor"] = hypervisor_name(identity.hypervisor);
  device.facts["affinity"] = to_cpu_list(allowed);
  device.facts["cpus_used"] = to_cpu_list(device.cpus);
  device.facts["cores_allowed"] = std::to_string(cores.size());
  device.facts["quota"] = quota ? fmt::format("{:.2f} CPUs", *quota) : "none";
  device.facts["simd"] = shape.lanes > 0 ? fmt::format("{}, {} bits", shape.target, simd_bits)
                                         : fmt::format("{}, no fused multiply-add", shape.target);
  device.facts["caches"] = cache_text(device.caches);
  if (!identity.microcode.empty()) device.facts["microcode"] = identity.microcode;
  return device;
}

}  // namespace peakproof::bench
