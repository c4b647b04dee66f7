// Prints what the management library says of one GPU: before a launch, and after it. The test runs it on the stand-in's
// NVML, for whose runtime this program stands: the launches that it tells are as many as were made here.
//
// Usage: nvml_look PCI_ADDRESS
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/harness/nvml.hpp"

namespace {

std::int64_t launched = 0;

void print(const std::vector<peakproof::bench::CounterReading>& readings) {
  for (const auto& reading : readings) {
    const std::string value = reading.value ? std::to_string(*reading.value) : "-";
    std::printf("counter\t%s\t%s\t%s\t%s\n", reading.name.c_str(), reading.unit.c_str(), value.c_str(),
                reading.why.c_str());
  }
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): what the stand-in looks for
extern "C" {
std::int64_t peakproof_stand_in_launches() { return launched; }
double peakproof_stand_in_seconds() { return 10.0 * static_cast<double>(launched); }
}
// NOLINTEND(readability-identifier-naming)

int main(int argc, char** argv) {
  std::string why;
  const auto nvml = peakproof::bench::Nvml::open(&why);
  if (!nvml) {
    std::printf("why\t%s\n", why.c_str());
    return 0;
  }
  std::printf("driver\t%s\n", nvml->driver_version().c_str());
  if (const auto addresses = nvml->addresses())
    for (const auto& address : *addresses) std::printf("address\t%s\n", address.c_str());
  const auto gpu = argc > 1 ? nvml->device_at(argv[1]) : nullptr;
  if (!gpu) return 0;
  for (const auto& [fact, value] : gpu->identity()) std::printf("fact\t%s\t%s\n", fact.c_str(), value.c_str());
  const auto events = gpu->watch_events(&why);
  if (!events) std::printf("no events\t%s\n", why.c_str());
  for (launched = 0; launched < 2; ++launched) {
    std::printf("launches\t%d\n", static_cast<int>(launched));
    print(gpu->counters());
    if (!events) continue;
    while (const auto event = events->next())
      std::printf("event\t%s\t%d\n", event->kind.c_str(), static_cast<int>(event->number));
  }
  return 0;
}
