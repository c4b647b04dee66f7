#include "bench/commands/device_choice.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "bench/commands/read_file.hpp"
#include "bench/harness/device.hpp"
#include "bench/harness/errors.hpp"
#include "reports/spec.hpp"

namespace peakproof::bench {

void add_device_choice(CLI::App& group, DeviceChoice& choice) {
  group.add_option("--device", choice.device, "one in this machine: cuda:N, a UUID or PCI address, or cpu");
  group.add_option("--board", choice.board, "a known board, by an unambiguous part of its name");
  group.add_option("--spec", choice.spec, "a device described in a JSON file")->type_name("FILE");
}

ChosenDevice chosen_device(const DeviceChoice& choice) {
  if (!choice.board.empty()) {
    const auto search = theory::find_board(choice.board);
    if (!search.board) throw UsageError(search.error);
    return {theory::device_spec(*search.board), search.board};
  }
  if (!choice.spec.empty()) {
    try {
      return {reports::spec_from_json(read_file(choice.spec)), nullptr};
    } catch (const reports::SpecError& error) {
      throw UsageError(fmt::format("{}: {}", choice.spec, error.what()));
    }
  }
  const auto device = open_device({.device = choice.device});
  const auto& spec = device->backend().description().spec;
  return {spec, theory::identify_board(spec)};
}

}  // namespace peakproof::bench
