// peakproof quality: how good predictions are, from a file that holds them beside the truth. Needs no device.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/commands/command.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/report_writer.hpp"
#include "reports/quality/evaluation.hpp"
#include "reports/quality/labels.hpp"
#include "reports/quality/measures.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"

namespace peakproof::bench {
namespace {

namespace quality = reports::quality;

struct Arguments {
  std::string task;
  std::string file;
  std::string truth;    ///< COCO's annotations, beside results in `file`
  std::string format;   ///< csv or json; empty: by the file's ending
  std::string average;  ///< several with commas; empty: all that have a meaning
  std::string iou;      ///< several with commas; empty: COCO's ten
  std::string positive;
  bool has_positive = false;
  // Where to: a file, "-" for stdout, empty: not wanted.
  std::string json;
  std::string csv;
  std::string markdown;
};

bool reads_json(const Arguments& arguments) {
  if (!arguments.format.empty()) return arguments.format == "json";
  const std::string ending = std::filesystem::path(arguments.file).extension().string();
  if (ending == ".json") return true;
  if (ending == ".csv") return false;
  throw UsageError(fmt::format("{} ends neither in .csv nor in .json: say which it is with --format", arguments.file));
}

std::vector<quality::Average> averages(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, quality::Average>, 3> kNames = {
      {{"binary", quality::Average::binary}, {"macro", quality::Average::macro}, {"micro", quality::Average::micro}}};
  std::vector<quality::Average> found;
  if (text.empty()) return found;
  for (const std::string& part : split(text)) {
    const auto* const place =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == part; });
    if (place == kNames.end())
      throw UsageError(fmt::format("--average {}: '{}' is none of binary, macro, micro", text, part));
    found.push_back(place->second);
  }
  return found;
}

std::vector<double> thresholds(const std::string& text) {
  if (text.empty()) return quality::coco_thresholds();
  std::vector<double> found;
  for (const std::string& part : split(text)) {
    const auto value = quality::to_number(part);
    if (!value || !(*value > 0 && *value <= 1))
      throw UsageError(fmt::format("--iou {}: '{}' is no threshold: give one above 0 and at most 1", text, part));
    found.push_back(*value);
  }
  return found;
}

/// An option that would do nothing is refused.
void require_fitting(const Arguments& arguments) {
  const auto refuse = [&](bool given, const char* option, const char* task) {
    if (given && arguments.task != task)
      throw UsageError(fmt::format("{} goes with --task {}, not with --task {}", option, task, arguments.task));
  };
  refuse(!arguments.average.empty(), "--average", "classify");
  refuse(arguments.has_positive, "--positive", "classify");
  refuse(!arguments.iou.empty(), "--iou", "detect");
  refuse(!arguments.truth.empty(), "--truth", "detect");
  const std::array outputs = {&arguments.json, &arguments.csv, &arguments.markdown};
  if (std::count_if(outputs.begin(), outputs.end(), [](const std::string* file) { return *file == "-"; }) > 1)
    throw UsageError(
        "only one of --json, --csv and --md can write to stdout: give a file to the others, such as --md=out.md");
}

quality::Evaluation evaluate(const Arguments& arguments) {
  if (!arguments.truth.empty())
    return quality::evaluate(quality::detect_from_coco(read_file(arguments.truth), read_file(arguments.file)),
                             thresholds(arguments.iou));
  const bool json = reads_json(arguments);
  if (arguments.task == "classify") {
    quality::ClassifyChoices choices;
    choices.averages = averages(arguments.average);
    if (arguments.has_positive) choices.positive = arguments.positive;
    const std::string text = read_file(arguments.file);
    return quality::evaluate(json ? quality::classify_from_json(text) : quality::classify_from_csv(text), choices);
  }
  if (arguments.task == "regress") {
    const std::string text = read_file(arguments.file);
    return quality::evaluate(json ? quality::regress_from_json(text) : quality::regress_from_csv(text));
  }
  const auto wanted = thresholds(arguments.iou);
  const std::string text = read_file(arguments.file);
  return quality::evaluate(json ? quality::detect_from_json(text) : quality::detect_from_csv(text), wanted);
}

/// Whether it went to stdout. Throws WriteError.
bool write(const std::string& file, const std::string& text) {
  if (file.empty()) return false;
  if (file == "-")
    write_stdout(text);
  else
    reports::write_file(file, text);
  return file == "-";
}

int print_quality(const Arguments& arguments) {
  require_fitting(arguments);
  quality::Evaluation evaluation;
  try {
    evaluation = evaluate(arguments);
  } catch (const quality::InputError& error) {
    throw UsageError(fmt::format("{}: {}", arguments.file, error.what()));
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("{}: {}", arguments.file, error.what()));
  }
  evaluation.file = std::filesystem::path(arguments.file).filename().string();
  bool stdout_taken = write(arguments.json, quality::to_json(evaluation));
  stdout_taken = write(arguments.csv, quality::to_csv(evaluation)) || stdout_taken;
  stdout_taken = write(arguments.markdown, quality::to_markdown(evaluation)) || stdout_taken;
  if (!stdout_taken) write("-", quality::to_text(evaluation));
  return reports::exit_pass;
}

}  // namespace

void add_quality_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("quality", "how good predictions are: accuracy, F1, ROC, errors, mAP from a file");
  command->add_option("--task", arguments->task, "classify, regress or detect")
      ->required()
      ->check(CLI::IsMember({"classify", "regress", "detect"}));
  command->add_option("file", arguments->file, "predictions beside the truth, CSV with a header or JSON")
      ->required()
      ->type_name("FILE");
  command->add_option("--truth", arguments->truth, "detect: COCO's annotations; FILE then holds COCO's results")
      ->type_name("FILE");
  command->add_option("--format", arguments->format, "csv or json (default: by the file's ending)")
      ->check(CLI::IsMember({"csv", "json"}));
  command->add_option("--average", arguments->average, "classify: binary, macro, micro (default: all with a meaning)");
  CLI::Option* positive =
      command->add_option("--positive", arguments->positive, "classify: the class that is positive");
  command->add_option("--iou", arguments->iou, "detect: thresholds, such as 0.5,0.75 (default: 0.5 to 0.95)");
  for (const auto& [option, file, what] :
       {std::tuple{"--json", &arguments->json, "JSON"}, std::tuple{"--csv", &arguments->csv, "CSV"},
        std::tuple{"--md", &arguments->markdown, "GitHub Markdown"}})
    command->add_option(option, *file, fmt::format("{}; to FILE, or to stdout without =FILE", what))
        ->type_name("[=FILE]")
        ->check([name = std::string(option)](const std::string& text) {
          return text.empty() ? fmt::format("{}= needs a file name (or {} alone for stdout)", name, name) : "";
        });
  command->footer(
      "Columns: classify truth, and predicted, score or p0,p1,…; regress truth,predicted; detect "
      "kind,image,category,x,y,width,height,score. docs/quality.md has the formats and the definitions.\n"
      "Exit codes: 0 printed, undefined measures among them; 2 the file cannot be read; 5 not written.");
  command->final_callback([arguments, positive, &program] {
    arguments->has_positive = positive->count() > 0;
    program.action = [arguments] { return print_quality(*arguments); };
  });
}

}  // namespace peakproof::bench
