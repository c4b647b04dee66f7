#include "tests/stand_in/settings.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <utility>

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

AtLaunch at_launch(const std::string& text, const std::string& usual_error) {
  const auto [launch, error] = halves(text);
  return {.launch = whole(launch), .error = choose(error.empty() ? usual_error : error, kErrors)};
}

/// "5:16"
Settings::Link link(const std::string& text) {
  const auto [generation, lanes] = halves(text);
  return {integer(generation), integer(lanes)};
}

using Setter = std::function<void(Settings&, const std::string&)>;

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, bool> kOnOff = {{"on", true}, {"off", false}};
  // NVML API reference, nvmlClocksEventReasons
  static const std::map<std::string, std::uint64_t> kReasons = {
      {"none", 0}, {"locked", 0x2}, {"power", 0x4}, {"thermal", 0x20}, {"hw_thermal", 0x40}, {"hw_slowdown", 0x8}};
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
      {"fail", [](Settings& s, const std::string& v) { s.fail = at_launch(v, "invalid_configuration"); }},
      {"lost", [](Settings& s, const std::string& v) { s.lost = at_launch(v, "launch_failure"); }},
      {"hang", [](Settings& s, const std::string& v) { s.hang = whole(v); }},
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
      {"nvml", [](Settings& s, const std::string& v) { s.nvml = choose(v, kOnOff); }},
      {"reasons", [](Settings& s, const std::string& v) { s.clock_reasons = choose(v, kReasons); }},
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

Settings read() {
  Settings settings;
  const char* variable = std::getenv("PEAKPROOF_STAND_IN");
  std::string rest = variable ? variable : "";
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string item = rest.substr(0, comma);
    rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
    const auto equals = item.find('=');
    const auto setter = setters().find(item.substr(0, equals));
    if (equals == std::string::npos || setter == setters().end()) refuse("the setting", item);
    setter->second(settings, item.substr(equals + 1));
  }
  if (settings.sms < 1 || settings.sm_mhz <= 0 || settings.clock <= 0 || settings.speed <= 0)
    refuse("the device", variable ? variable : "");
  return settings;
}

}  // namespace

const Settings& settings() {
  static const Settings kSettings = read();
  return kSettings;
}

Flaw flaw_of(std::string_view kernel) {
  const Settings& played = settings();
  return played.flawed_kernel.empty() || played.flawed_kernel == kernel ? played.flaw : Flaw::none;
}

std::array<std::uint8_t, 16> uuid_of(int index) {
  return {0x57, 0xa2, 0xd1, 0x20, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(index)};
}

int pci_bus_of(int index) { return 0x17 + 0x10 * index; }

}  // namespace peakproof::stand_in
