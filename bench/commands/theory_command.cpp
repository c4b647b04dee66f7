// peakproof theory: a device's sheet, its peaks with their formulas, and its rooflines, with or without the device.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/commands/device_choice.hpp"
#include "bench/commands/theory.hpp"
#include "reports/spec.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"
#include "theory/boards.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  DeviceChoice choice;
  bool list = false;
  std::string json;  ///< a file, "-" for stdout; empty: text
};

int print_theory(const Arguments& arguments) {
  if (arguments.list) {
    fmt::print("{}", board_list_text());
    return reports::exit_pass;
  }
  const ChosenDevice subject = chosen_device(arguments.choice);
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
  add_device_choice(*which, arguments->choice);
  which->add_flag("--list", arguments->list, "list the known boards");
  which->require_option(0, 1);
  command->add_option("--json", arguments->json, "as JSON; to FILE, or to stdout without =FILE")->type_name("[=FILE]");
  command->final_callback([arguments, &program] { program.action = [arguments] { return print_theory(*arguments); }; });
}

}  // namespace peakproof::bench
