// peakproof theory: a device's sheet, its peaks with their formulas, and its rooflines, with or without the device.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/commands/theory.hpp"
#include "bench/harness/device.hpp"
#include "bench/harness/errors.hpp"
#include "reports/spec.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"
#include "theory/boards.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  std::string device;
  std::string board;
  std::string spec;
  bool list = false;
  std::string json;  ///< a file, "-" for stdout; empty: text
};

/// The device that is meant, and the board that it is, if it is a known one.
struct Subject {
  theory::DeviceSpec device;
  const theory::Board* board = nullptr;
};

Subject subject_of(const Arguments& arguments) {
  if (!arguments.board.empty()) {
    const auto search = theory::find_board(arguments.board);
    if (!search.board) throw UsageError(search.error);
    return {theory::device_spec(*search.board), search.board};
  }
  if (!arguments.spec.empty()) {
    try {
      return {reports::spec_from_json(read_file(arguments.spec)), nullptr};
    } catch (const reports::SpecError& error) {
      throw UsageError(fmt::format("{}: {}", arguments.spec, error.what()));
    }
  }
  const auto device = open_device({.device = arguments.device});
  const auto& spec = device->backend().description().spec;
  return {spec, theory::identify_board(spec)};
}

int print_theory(const Arguments& arguments) {
  if (arguments.list) {
    fmt::print("{}", board_list_text());
    return reports::exit_pass;
  }
  const Subject subject = subject_of(arguments);
  if (arguments.json.empty()) {
    fmt::print("{}", theory_text(subject.device, subject.board));
    return reports::exit_pass;
  }
  const std::string json = reports::theory_json(subject.device, theory::rated_peaks(subject.device));
  if (arguments.json == "-")
    fmt::print("{}", json);
  else
    reports::write_file(arguments.json, json);
  return reports::exit_pass;
}

}  // namespace

void add_theory_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("theory", "what a device should reach: its sheet, its peaks with formulas, its rooflines");
  CLI::Option_group* which = command->add_option_group("device", "which device (one of them)");
  which->add_option("--device", arguments->device, "one in this machine: cuda:N, a UUID or PCI address, or cpu");
  which->add_option("--board", arguments->board, "a known board, by an unambiguous part of its name");
  which->add_option("--spec", arguments->spec, "a device described in a JSON file")->type_name("FILE");
  which->add_flag("--list", arguments->list, "list the known boards");
  which->require_option(0, 1);
  command->add_option("--json", arguments->json, "as JSON; to FILE, or to stdout without =FILE")->type_name("[=FILE]");
  command->final_callback([arguments, &program] { program.action = [arguments] { return print_theory(*arguments); }; });
}

}  // namespace peakproof::bench
