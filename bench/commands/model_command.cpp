// peakproof model: what a network costs, and the least time that it takes on a board, or under measured ceilings.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>

#include "bench/commands/command.hpp"
#include "bench/commands/device_choice.hpp"
#include "bench/commands/judging.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/report_writer.hpp"
#include "models/onnx_network.hpp"
#include "reports/model_ceilings.hpp"
#include "reports/model_fit.hpp"
#include "reports/model_report.hpp"
#include "reports/text_layout.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"
#include "theory/units.hpp"

namespace peakproof::bench {
namespace {

constexpr int kSweepSteps = 11;  // 1 to 1024

struct Arguments {
  std::string file;
  std::optional<std::int64_t> batch;
  std::vector<std::string> dimensions;
  std::string precisions = "fp16";
  DeviceChoice choice;
  std::string report;
  bool sweep = false;
  std::string batches;
  bool unfused = false;
  bool rules = false;
  std::string layers = "20";
  std::map<std::string, std::string> outputs;  ///< format -> file, "-" for stdout
};

std::int64_t whole(const std::string& text, std::int64_t most, const std::string& what) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 1 || value > most)
    throw UsageError(fmt::format("'{}' is no {}: give a whole number from 1 to {}", text, what, most));
  return value;
}

std::vector<theory::Precision> precisions_of(const std::string& list) {
  std::vector<theory::Precision> precisions;
  for (const auto& text : split(list)) {
    const auto precision = theory::precision_from_name(text);
    if (!precision)
      throw UsageError(fmt::format("--precision: '{}' is none of fp64, fp32, tf32, fp16, bf16, fp8, int8, int4", text));
    if (std::find(precisions.begin(), precisions.end(), *precision) != precisions.end())
      throw UsageError(fmt::format("--precision names {} twice", text));
    precisions.push_back(*precision);
  }
  return precisions;
}

std::vector<std::int64_t> batches_of(const Arguments& arguments) {
  std::vector<std::int64_t> batches;
  if (arguments.sweep)
    for (int step = 0; step < kSweepSteps; ++step) batches.push_back(std::int64_t{1} << step);
  if (!arguments.batches.empty())
    for (const auto& text : split(arguments.batches)) batches.push_back(whole(text, reports::kMostBatch, "batch size"));
  std::sort(batches.begin(), batches.end());
  batches.erase(std::unique(batches.begin(), batches.end()), batches.end());
  return batches;
}

std::map<std::string, std::int64_t> dimensions_of(const std::vector<std::string>& given) {
  std::map<std::string, std::int64_t> dimensions;
  for (const auto& text : given) {
    const auto equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError(fmt::format("--dim '{}' is no dimension: give NAME=SIZE, such as --dim sequence=128", text));
    const auto name = text.substr(0, equals);
    const auto size = whole(text.substr(equals + 1), std::int64_t{1} << 40, "size of the dimension " + name);
    if (!dimensions.emplace(name, size).second) throw UsageError(fmt::format("--dim gives '{}' twice", name));
  }
  return dimensions;
}

std::size_t most_layers(const std::string& text) {
  if (text == "all") return static_cast<std::size_t>(-1);
  return static_cast<std::size_t>(whole(text, std::int64_t{1} << 40, "number of layers (or all)"));
}

/// What times are made for; nothing where the cost alone is wanted.
struct Machine {
  std::string name;
  bool stand_in = false;
  std::map<theory::Precision, reports::PickedCeilings> ceilings;
};

std::optional<Machine> machine_of(const Arguments& arguments, const std::vector<theory::Precision>& precisions) {
  const auto& choice = arguments.choice;
  Machine machine;
  if (!arguments.report.empty()) {
    const auto report = read_report(arguments.report);
    machine.name = report.device.spec.name + ", measured";
    machine.stand_in = reports::stand_in(report);
    for (const auto precision : precisions) machine.ceilings[precision] = reports::measured_ceilings(report, precision);
  } else if (!choice.board.empty() || !choice.spec.empty() || !choice.device.empty()) {
    const auto device = chosen_device(choice).device;
    machine.name = device.name + ", rated";
    for (const auto precision : precisions) {
      const auto ceilings = theory::rated_ceilings(device, precision);
      machine.ceilings[precision] = {ceilings, ceilings
                                                   ? ""
                                                   : fmt::format("no rate is known for {} on {}, or for its memory",
                                                                 theory::name(precision), device.name)};
    }
  } else {
    return std::nullopt;
  }
  const bool any = std::any_of(machine.ceilings.begin(), machine.ceilings.end(),
                               [](const auto& entry) { return entry.second.ceilings.has_value(); });
  if (!any) throw UsageError(fmt::format("{}: {}", machine.name, machine.ceilings.at(precisions.front()).why));
  return machine;
}

std::string rules_text() {
  constexpr std::size_t kIndent = 44 + 1 + 11 + 1;
  const auto row = [](const std::string& name, std::string_view kind, std::string_view rule) {
    return reports::wrapped(fmt::format("{:<44} {:<11} ", name, kind), kIndent, rule);
  };
  std::string text = row("operator", "kind", "FLOPs");
  for (const auto& rule : theory::operator_rules())
    text += row((rule.domain.empty() ? "" : std::string(rule.domain) + ".") + std::string(rule.operation),
                theory::name(rule.kind), rule.rule);
  return text;
}

models::OnnxNetwork read(const Arguments& arguments, const std::optional<std::int64_t>& batch) try {
  return models::read_onnx(arguments.file, {.batch = batch, .dimensions = dimensions_of(arguments.dimensions)});
} catch (const models::ModelError& error) {
  const std::string text = error.what();
  throw UsageError(text.find(arguments.file) == std::string::npos ? arguments.file + ": " + text : text);
}

theory::NetworkCost cost_of(const Arguments& arguments, const theory::Network& network) try {
  return theory::cost(network);
} catch (const std::invalid_argument& error) {
  throw UsageError(fmt::format("{}: {}", arguments.file, error.what()));
}

std::vector<reports::Line> facts_of(const models::OnnxFacts& facts) {
  std::vector<std::string> opsets;
  for (const auto& [domain, version] : facts.opsets)
    opsets.push_back(fmt::format("{} {}", domain.empty() ? "ai.onnx" : reports::one_line(domain), version));
  std::vector<reports::Line> lines = {
      {"format", fmt::format("ONNX, IR version {}, operators of {}", facts.ir_version, fmt::join(opsets, ", "))}};
  if (!facts.producer.empty()) lines.push_back({"made by", reports::one_line(facts.producer)});
  lines.push_back({"file", theory::si(static_cast<double>(facts.file_bytes), "B", 4)});
  if (facts.external_bytes > 0)
    lines.push_back({"weights beside it", theory::si(static_cast<double>(facts.external_bytes), "B", 4)});
  return lines;
}

/// Items of a pass: the first dimension of the first input that has one.
std::int64_t batch_of(const theory::Network& network) {
  for (const std::size_t input : network.inputs) {
    const auto& shape = network.tensors.at(input).shape;
    if (!shape.empty() && shape.front() > 0) return shape.front();
  }
  return 1;
}

/// The same file again for each batch size: shapes depend on it in more ways than one.
void sweep(const Arguments& arguments, const std::vector<std::int64_t>& batches, reports::ModelReport& report) {
  const theory::Ceilings& ceilings = *report.times.front().ceilings;
  std::vector<std::string> notes;
  const auto time_of = [&](std::int64_t batch) {
    auto file = read(arguments, batch);
    notes = std::move(file.notes);
    return theory::least_time(file.network, cost_of(arguments, file.network), ceilings,
                              {.precision = report.precision, .fuse = report.fused});
  };
  for (const std::int64_t batch : batches) {
    const auto time = time_of(batch);
    report.batches.push_back(
        {.batch = batch, .seconds = time.seconds, .bytes_needed = time.bytes_needed, .fits = time.fits});
  }
  for (auto& note : notes)  // of the largest: what the file had to be taken to mean
    if (std::find(report.notes.begin(), report.notes.end(), note) == report.notes.end())
      report.notes.push_back("over the batch size: " + note);
  if (ceilings.memory_bytes <= 0) return;
  try {
    report.largest_batch = reports::largest_batch([&](std::int64_t batch) { return time_of(batch).bytes_needed; },
                                                  static_cast<double>(ceilings.memory_bytes), reports::kMostBatch);
  } catch (const UsageError& error) {  // a batch size that nobody asked for, and that the network does not take
    report.notes.push_back(fmt::format("the largest batch that fits is not known: {}", error.what()));
  }
}

reports::ModelReport report_of(const Arguments& arguments) {
  const auto precisions = precisions_of(arguments.precisions);
  const auto batches = batches_of(arguments);
  const auto machine = machine_of(arguments, precisions);
  if (!batches.empty() && !machine)
    throw UsageError("a sweep over batch sizes tells times: say of what with --board, --spec, --device or --report");
  auto file = read(arguments, arguments.batch);
  reports::ModelReport report{.file = std::filesystem::path(arguments.file).filename().string(),
                              .facts = facts_of(file.facts),
                              .notes = std::move(file.notes),
                              .tool = version_line(),
                              .batch = batch_of(file.network),
                              .fused = !arguments.unfused,
                              .precision = precisions.front()};
  report.network = std::move(file.network);
  report.cost = cost_of(arguments, report.network);
  if (!machine) return report;
  report.machine = machine->name;
  report.stand_in = machine->stand_in;
  for (const auto precision : precisions) {
    const auto& picked = machine->ceilings.at(precision);
    reports::ModelTime entry{.precision = precision, .ceilings = picked.ceilings, .why = picked.why};
    if (picked.ceilings)
      entry.time = theory::least_time(report.network, report.cost, *picked.ceilings,
                                      {.precision = precision, .fuse = report.fused});
    report.times.push_back(std::move(entry));
  }
  if (!batches.empty() && !report.times.front().ceilings)
    throw UsageError(fmt::format("no sweep over batch sizes: {}", report.times.front().why));
  if (!batches.empty()) sweep(arguments, batches, report);
  return report;
}

int tell(const Arguments& arguments) {
  const auto most = most_layers(arguments.layers);
  const auto to_stdout = std::count_if(arguments.outputs.begin(), arguments.outputs.end(),
                                       [](const auto& output) { return output.second == "-"; });
  if (to_stdout > 1) throw UsageError("two formats write to stdout: give a file to all but one, such as --md=out.md");
  const auto report = report_of(arguments);
  int code = reports::exit_pass;
  for (const auto& format : reports::model_formats()) {
    const auto output = arguments.outputs.find(std::string(format.name));
    if (output == arguments.outputs.end()) continue;
    try {
      if (output->second == "-")
        write_stdout(format.render(report));
      else
        reports::write_file(output->second, format.render(report));
    } catch (const reports::WriteError& error) {
      fmt::print(stderr, "error: the model report was not written: {}\n", error.what());
      code = reports::exit_report_not_written;
    }
  }
  if (to_stdout == 0) write_stdout(reports::model_text(report, most));
  return code;
}

int tell_model(const Arguments& arguments) {
  if (arguments.rules) {
    write_stdout(rules_text());
    return reports::exit_pass;
  }
  if (arguments.file.empty()) throw UsageError("which network? Give an ONNX file: peakproof model FILE.onnx");
  return tell(arguments);
}

}  // namespace

void add_model_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("model", "what a network costs, and the least time that it takes on a machine");
  command->add_option("file", arguments->file, "the network, an ONNX file")->type_name("FILE.onnx");
  command->add_option("--batch", arguments->batch, "items of a pass: the first dimension of every input")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, reports::kMostBatch));
  command->add_option("--dim", arguments->dimensions, "the size of a free dimension, such as sequence=128")
      ->type_name("NAME=N")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--precision", arguments->precisions,
                   "number formats to predict for, with commas between them (default: fp16)")
      ->type_name("P,P");
  CLI::Option_group* which =
      command->add_option_group("machine", "what to predict for (one of them; none: cost alone)");
  add_device_choice(*which, arguments->choice);
  which->add_option("--report", arguments->report, "what was measured: a report of peakproof (JSON or HTML)")
      ->type_name("FILE");
  which->require_option(0, 1);
  CLI::Option* sweep = command->add_flag("--batch-sweep", arguments->sweep, "batch sizes of 1, 2, 4 … 1024");
  command->add_option("--batches", arguments->batches, "these batch sizes, with commas between them")
      ->type_name("N,N")
      ->excludes(sweep);
  command->add_flag("--no-fusion", arguments->unfused, "every elementwise layer goes through memory");
  command->add_option("--layers", arguments->layers, "how many layers the text tells: a number or all (default: 20)")
      ->type_name("N|all");
  command->add_flag("--rules", arguments->rules, "list how each operator is counted");
  for (const auto& format : reports::model_formats())
    command
        ->add_option_function<std::string>(
            "--" + std::string(format.name),
            [arguments, name = std::string(format.name)](const std::string& file) { arguments->outputs[name] = file; },
            fmt::format("{}; to FILE, or to stdout without =FILE", format.help))
        ->type_name("[=FILE]")
        ->check([name = std::string(format.name)](const std::string& text) {
          return text.empty() ? fmt::format("--{}= needs a file name (or --{} alone for stdout)", name, name) : "";
        });
  command->footer(
      "Times are predictions: the least time under the ceilings. Only the file's name is written, never its folder.\n"
      "Exit codes: 0 told, 2 no such network or option, 5 a file could not be written.");
  command->final_callback([arguments, &program] { program.action = [arguments] { return tell_model(*arguments); }; });
}

}  // namespace peakproof::bench
