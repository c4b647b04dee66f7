#include "tests/stand_in/settings.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace peakproof::stand_in {
namespace {

constexpr int kBadSettings = 99;

[[noreturn]] void refuse(std::string_view what, std::string_view text) {
  std::fprintf(stderr, "stand-in: PEAKPROOF_STAND_IN: %.*s '%.*s' is not understood: see tests/stand_in/README.md\n",
               static_cast<int>(what.size()), what.data(), static_cast<int>(text.size()), text.data());
  std::_Exit(kBadSettings);
}

double number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0') refuse("the number", text);
  return value;
}
std::int64_t whole(const std::string& text) { return static_cast<std::int64_t>(number(text)); }
int integer(const std::string& text) { return static_cast<int>(whole(text)); }

/// The value of `word` in a table of words.
template <class Value>
Value choose(const std::string& word, const std::map<std::string, Value>& words) {
  const auto found = words.find(word);
  if (found == words.end()) refuse("the word", word);
  return found->second;
}

/// "head:tail" or "head".
std::pair<std::string, std::string> halves(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// The values of cudaError_t (CUDA Runtime API reference), written out because NVML's side is built without CUDA
// headers.
const std::map<std::string, int> kErrors = {{"invalid_configuration", 9}, {"out_of_resources", 701}, {"ecc", 214},
                                            {"illegal_address", 700},     {"launch_failure", 719},   {"unknown", 999}};

/// "5", "5:ecc", "measured:5", "measured:5:ecc"
AtLaunch at_launch(const std::string& text, const std::string& usual_error) {
  auto [launch, error] = halves(text);
  const bool of_measured = launch == "measured";
  if (of_measured) std::tie(launch, error) = halves(error);
  return {.launch = whole(launch),
          .error = choose(error.empty() ? usual_error : error, kErrors),
          .of_measured = of_measured};
}

/// "5" (of a call) or "launch:5"
NvmlMoment moment(const std::string& text) {
  const auto [kind, launch] = halves(text);
  if (launch.empty()) return {.call = whole(kind)};
  if (kind != "launch") refuse("the moment", text);
  return {.launch = whole(launch)};
}

/// "power" or "power+thermal"
std::uint64_t clock_reasons(const std::string& text) {
  // NVML API reference, nvmlClocksEventReasons
  static const std::map<std::string, std::uint64_t> kReasons = {
      {"none", 0},          {"locked", 0x2},   {"power", 0x4},       {"hw_slowdown", 0x8},
      {"sync_boost", 0x10}, {"thermal", 0x20}, {"hw_thermal", 0x40}, {"power_brake", 0x80}};
  const auto plus = text.find('+');
  const std::uint64_t first = choose(text.substr(0, plus), kReasons);
  return plus == std::string::npos ? first : first | clock_reasons(text.substr(plus + 1));
}

// cudaError_t and nvmlReturn_t
const std::map<std::string, StartFault> kStartFaults = {{"no_device", {.cuda = 100}},
                                                        {"no_permission", {.cuda = 100, .nvml = 4}},
                                                        {"system_not_ready", {.cuda = 802}},
                                                        {"driver_mismatch", {.cuda = 803, .nvml = 18}},
                                                        {"compat", {.cuda = 804}},
                                                        {"devices_unavailable", {.cuda = 46, .of_device = true}},
                                                        {"no_image", {.cuda = 209, .at_launch = true}}};

/// "5:16"
Settings::Link link(const std::string& text) {
  const auto [generation, lanes] = halves(text);
  return {integer(generation), integer(lanes)};
}

using Setter = std::function<void(Settings&, const std::string&)>;

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, bool> kOnOff = {{"on", true}, {"off", false}};
  static const std::map<std::string, Flaw> kFlaws = {{"wrong", Flaw::wrong},
                                                     {"nan", Flaw::nan},
                                                     {"idle", Flaw::idle},
                                                     {"shorter", Flaw::shorter},
                                                     {"dropped", Flaw::dropped}};
  static const std::map<std::string, Setter> kSetters = {
      {"name", [](Settings& s, const std::string& v) { s.name = v; }},
      {"count", [](Settings& s, const std::string& v) { s.count = integer(v); }},
      {"cc",
       [](Settings& s, const std::string& v) {
         const auto dot = v.find('.');
         if (dot == std::string::npos) refuse("the compute capability", v);
         s.cc_major = integer(v.substr(0, dot));
         s.cc_minor = integer(v.substr(dot + 1));
       }},
      {"sms", [](Settings& s, const std::string& v) { s.sms = integer(v); }},
      {"sm_mhz", [](Settings& s, const std::string& v) { s.sm_mhz = number(v); }},
      {"mem_mhz", [](Settings& s, const std::string& v) { s.memory_mhz = number(v); }},
      {"bus", [](Settings& s, const std::string& v) { s.bus_bits = integer(v); }},
      {"l2_mib", [](Settings& s, const std::string& v) { s.l2_mib = whole(v); }},
      {"l2_real_mib", [](Settings& s, const std::string& v) { s.l2_real_mib = whole(v); }},
      {"mem_mib", [](Settings& s, const std::string& v) { s.memory_mib = whole(v); }},
      {"driver", [](Settings& s, const std::string& v) { s.driver = choose(v, kOnOff); }},
      {"speed", [](Settings& s, const std::string& v) { s.speed = number(v); }},
      {"clock", [](Settings& s, const std::string& v) { s.clock = number(v); }},
      {"noise",
       [](Settings& s, const std::string& v) {
         s.noise = choose(
             v, std::map<std::string, Noise>{{"none", Noise::none}, {"clock", Noise::clock}, {"time", Noise::time}});
       }},
      {"seed", [](Settings& s, const std::string& v) { s.seed = static_cast<std::uint64_t>(whole(v)); }},
      {"launch_us", [](Settings& s, const std::string& v) { s.launch_us = number(v); }},
      {"flaw",
       [](Settings& s, const std::string& v) {
         const auto [flaw, kernel] = halves(v);
         s.flaw = choose(flaw, kFlaws);
         s.flawed_kernel = kernel;
       }},
      {"flaw_sm", [](Settings& s, const std::string& v) { s.flawed_sm = integer(v); }},
      {"fail", [](Settings& s, const std::string& v) { s.fail = at_launch(v, "invalid_configuration"); }},
      {"lost", [](Settings& s, const std::string& v) { s.lost = at_launch(v, "launch_failure"); }},
      {"hang", [](Settings& s, const std::string& v) { s.hang = at_launch(v, "unknown"); }},
      {"deaf", [](Settings& s, const std::string& v) { s.deaf = choose(v, kOnOff); }},
      {"crash", [](Settings& s, const std::string& v) { s.crash = whole(v); }},
      {"signal",
       [](Settings& s, const std::string& v) {
         const auto [launch, signal] = halves(v);
         s.signal_at = whole(launch);
         s.signal = choose(signal, std::map<std::string, int>{{"INT", SIGINT}, {"TERM", SIGTERM}, {"HUP", SIGHUP}});
       }},
      {"candidates", [](Settings& s, const std::string& v) { s.candidates = integer(v); }},
      {"refused_candidate", [](Settings& s, const std::string& v) { s.refused_candidate = integer(v); }},
      {"pause_ms", [](Settings& s, const std::string& v) { s.pause_ms = number(v); }},
      {"pcie", [](Settings& s, const std::string& v) { s.pcie = link(v); }},
      {"pcie_idle", [](Settings& s, const std::string& v) { s.pcie_idle = link(v); }},
      {"pcie_best", [](Settings& s, const std::string& v) { s.pcie_best = link(v); }},
      {"pcie_own", [](Settings& s, const std::string& v) { s.pcie_own_generation = integer(v); }},
      {"pcie_replays", [](Settings& s, const std::string& v) { s.pcie_replays = integer(v); }},
      {"pcie_speed", [](Settings& s, const std::string& v) { s.pcie_speed = number(v); }},
      {"pageable_speed", [](Settings& s, const std::string& v) { s.pageable_speed = number(v); }},
      {"copy_us", [](Settings& s, const std::string& v) { s.copy_us = number(v); }},
      {"host_mib", [](Settings& s, const std::string& v) { s.host_mib = whole(v); }},
      {"c2c_links", [](Settings& s, const std::string& v) { s.c2c_links = integer(v); }},
      {"peer", [](Settings& s, const std::string& v) { s.peer = choose(v, kOnOff); }},
      {"nvlinks", [](Settings& s, const std::string& v) { s.nvlinks = integer(v); }},
      {"nvswitch", [](Settings& s, const std::string& v) { s.nvswitch = choose(v, kOnOff); }},
      {"nvlink_version", [](Settings& s, const std::string& v) { s.nvlink_version = integer(v); }},
      {"nvlink_mbs", [](Settings& s, const std::string& v) { s.nvlink_mbs = number(v); }},
      {"p2p_speed", [](Settings& s, const std::string& v) { s.p2p_speed = number(v); }},
      {"event_us", [](Settings& s, const std::string& v) { s.event_us = number(v); }},
      {"graph_node_us", [](Settings& s, const std::string& v) { s.graph_node_us = number(v); }},
      {"visible", [](Settings& s, const std::string& v) { s.visible = choose(v, kOnOff); }},
      {"init", [](Settings& s, const std::string& v) { s.init = choose(v, kStartFaults); }},
      {"nvlinks_down", [](Settings& s, const std::string& v) { s.nvlinks_down = integer(v); }},
      {"nvlink_errors",
       [](Settings& s, const std::string& v) {
         const auto [count, kind] = halves(v);
         s.nvlink_errors = integer(count);
         s.nvlink_error_kind = choose(kind.empty() ? "crc" : kind, std::map<std::string, int>{
             {"replay", 0}, {"recovery", 1}, {"crc", 2}, {"crc_data", 3}});  // nvmlNvLinkErrorCounter_t
       }},
      {"permuted", [](Settings& s, const std::string& v) { s.permuted = choose(v, kOnOff); }},
      {"nvml_hang", [](Settings& s, const std::string& v) { s.nvml_hang = moment(v); }},
      {"nvml_lost", [](Settings& s, const std::string& v) { s.nvml_lost = moment(v); }},
      {"reasons_at",
       [](Settings& s, const std::string& v) {
         const auto [launch, reasons] = halves(v);
         s.clock_reasons_from = whole(launch);
         s.clock_reasons_then = clock_reasons(reasons);
       }},
      {"ecc", [](Settings& s, const std::string& v) { s.ecc = s.ecc_pending = choose(v, kOnOff); }},
      {"ecc_pending", [](Settings& s, const std::string& v) { s.ecc_pending = choose(v, kOnOff); }},
      {"ecc_corrected", [](Settings& s, const std::string& v) { s.ecc_corrected = integer(v); }},
      {"sram_threshold", [](Settings& s, const std::string& v) { s.sram_threshold = choose(v, kOnOff); }},
      {"retired_pending", [](Settings& s, const std::string& v) { s.retired_pending = choose(v, kOnOff); }},
      {"remap",
       [](Settings& s, const std::string& v) {
         s.remap = choose(v, std::map<std::string, RowRemap>{{"none", RowRemap::none},
                                                             {"recorded", RowRemap::recorded},
                                                             {"pending", RowRemap::pending},
                                                             {"failed", RowRemap::failed},
                                                             {"low", RowRemap::low},
                                                             {"full", RowRemap::full},
                                                             {"unsupported", RowRemap::unsupported}});
       }},
      {"xid",
       [](Settings& s, const std::string& v) {
         const auto [launch, xid] = halves(v);
         s.xid_at = whole(launch);
         s.xid = integer(xid);
       }},
      {"compute_mode",
       [](Settings& s, const std::string& v) {
         s.compute_mode = choose(  // nvmlComputeMode_t
             v, std::map<std::string, int>{{"default", 0}, {"prohibited", 2}, {"exclusive", 3}});
       }},
      {"persistence", [](Settings& s, const std::string& v) { s.persistence = choose(v, kOnOff); }},
      {"power_limit", [](Settings& s, const std::string& v) { s.power_limit_w = number(v); }},
      {"temperature", [](Settings& s, const std::string& v) { s.temperature_c = integer(v); }},
      {"power_ms", [](Settings& s, const std::string& v) { s.violation_ms[0] = number(v); }},
      {"thermal_ms", [](Settings& s, const std::string& v) { s.violation_ms[1] = number(v); }},
      {"sync_boost_ms", [](Settings& s, const std::string& v) { s.violation_ms[2] = number(v); }},
      {"board_limit_ms", [](Settings& s, const std::string& v) { s.violation_ms[3] = number(v); }},
      {"low_utilization_ms", [](Settings& s, const std::string& v) { s.violation_ms[4] = number(v); }},
      {"reliability_ms", [](Settings& s, const std::string& v) { s.violation_ms[5] = number(v); }},
      {"app_mhz", [](Settings& s, const std::string& v) { s.application_mhz = number(v); }},
      {"virtualization",
       [](Settings& s, const std::string& v) {
         s.virtualization = choose(  // nvmlGpuVirtualizationMode_t
             v, std::map<std::string, int>{{"none", 0}, {"passthrough", 1}, {"vgpu", 2}});
       }},
      {"confidential", [](Settings& s, const std::string& v) { s.confidential = choose(v, kOnOff); }},
      {"recovery",
       [](Settings& s, const std::string& v) {
         s.recovery_action = choose(  // NVML_GPU_RECOVERY_ACTION_…
             v, std::map<std::string, int>{{"none", 0}, {"reset", 1}, {"reboot", 2}, {"drain", 3}});
       }},
      {"nvml", [](Settings& s, const std::string& v) { s.nvml = choose(v, kOnOff); }},
      {"reasons", [](Settings& s, const std::string& v) { s.clock_reasons = clock_reasons(v); }},
      {"nvml_bus", [](Settings& s, const std::string& v) { s.nvml_bus_bits = integer(v); }},
      {"nvml_sm_mhz", [](Settings& s, const std::string& v) { s.nvml_sm_mhz = number(v); }},
      {"foreign_load", [](Settings& s, const std::string& v) { s.foreign_load_percent = integer(v); }},
      {"ecc_errors", [](Settings& s, const std::string& v) { s.ecc_errors = integer(v); }},
      {"watts", [](Settings& s, const std::string& v) { s.watts = v == "off" ? 0 : number(v); }},
      {"average_watts", [](Settings& s, const std::string& v) { s.average_watts = v == "off" ? 0 : number(v); }},
      {"mig", [](Settings& s, const std::string& v) { s.mig = choose(v, kOnOff); }},
  };
  return kSetters;
}

/// What is of the machine, and no setting of a single device.
const std::set<std::string, std::less<>> kOfTheMachine = {"count", "driver", "nvml", "permuted"};

/// Up to the next `separator`; `rest` is what follows it.
std::string take(std::string& rest, char separator) {
  const auto at = rest.find(separator);
  std::string item = rest.substr(0, at);
  rest = at == std::string::npos ? "" : rest.substr(at + 1);
  return item;
}

void set(Settings& settings, const std::string& item, bool of_one_device) {
  const auto equals = item.find('=');
  const std::string key = item.substr(0, equals);
  const auto setter = setters().find(key);
  if (equals == std::string::npos || setter == setters().end()) refuse("the setting", item);
  if (of_one_device && kOfTheMachine.contains(key)) refuse("as a setting of one device", item);
  setter->second(settings, item.substr(equals + 1));
}

/// "3:speed=0.9" is {3, "speed=0.9"}; what begins with no number is of all devices (-1).
std::pair<int, std::string> addressee(const std::string& group) {
  const auto digits = group.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || group[digits] != ':') return {-1, group};
  return {integer(group.substr(0, digits)), group.substr(digits + 1)};
}

void check(const Settings& settings) {
  if (settings.sms < 1 || settings.sm_mhz <= 0 || settings.clock <= 0 || settings.speed <= 0 || settings.count < 0)
    refuse("the device", settings.name);
}

/// Of each device of the machine; at least of one, since there may be settings of none.
std::vector<Settings> read() {
  const char* variable = std::getenv("PEAKPROOF_STAND_IN");
  Settings common;
  std::vector<std::pair<int, std::string>> of_one;
  std::string rest = variable ? variable : "";
  while (!rest.empty()) {
    auto [device, items] = addressee(take(rest, ';'));
    while (!items.empty()) {
      const std::string item = take(items, ',');
      if (device < 0)
        set(common, item, false);
      else
        of_one.emplace_back(device, item);
    }
  }
  check(common);
  std::vector<Settings> devices(static_cast<std::size_t>(std::max(common.count, 1)), common);
  for (const auto& [device, item] : of_one) {
    if (device >= common.count) refuse("a device that there is not:", std::to_string(device) + ":" + item);
    set(devices[static_cast<std::size_t>(device)], item, true);
  }
  for (const Settings& settings : devices) check(settings);
  return devices;
}

const std::vector<Settings>& devices() {
  static const std::vector<Settings> kDevices = read();
  return kDevices;
}

thread_local int chosen = 0;

}  // namespace

const Settings& settings_of(int index) { return devices().at(static_cast<std::size_t>(index)); }
const Settings& settings() { return settings_of(chosen); }
void play_device(int index) { chosen = index; }

Flaw flaw_of(std::string_view kernel) {
  const Settings& played = settings();
  return played.flawed_kernel.empty() || played.flawed_kernel == kernel ? played.flaw : Flaw::none;
}

std::array<std::uint8_t, 16> uuid_of(int index) {
  return {0x57, 0xa2, 0xd1, 0x20, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(index)};
}

std::string uuid_text(int index) {
  std::string text = "GPU-";
  const auto uuid = uuid_of(index);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[uuid[i] >> 4U];
    text += digits[uuid[i] & 15U];
    if (i == 3 || i == 5 || i == 7 || i == 9) text += '-';
  }
  return text;
}

int pci_bus_of(int index) { return 0x17 + 0x10 * index; }

}  // namespace peakproof::stand_in
