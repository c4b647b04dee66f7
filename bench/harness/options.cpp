#include "bench/harness/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <regex>
#include <set>
#include <string_view>

#include "bench/harness/errors.hpp"
#include "reports/format.hpp"

namespace peakproof::bench {
namespace {

const std::map<std::string, DataChoice> kDataChoices = {
    {"random", DataChoice::random}, {"zero", DataChoice::zero}, {"ones", DataChoice::ones}};

constexpr const char* kSweepHelp =
    "measure a grid over ILP x warps per SM, to see where the pipe saturates (of a matrix product, over shapes, to see "
    "which is best; of a memory or link, a curve over what is named, or all it has; of a network, over the "
    "batch size); sampled like --quick, about 0.3 s a point";
/// What a sweep may be over.
const std::vector<std::string> kSweeps = {"shapes", "size", "in_flight", "mix", "stride", "batch"};

/// "4GiB", "512MiB", "1e9", "4294967296": bytes; nothing for anything else.
std::optional<std::int64_t> parse_bytes(const std::string& text) {
  static const std::map<std::string, double> kUnits = {{"", 1},     {"B", 1},        {"KB", 1e3},     {"MB", 1e6},
                                                       {"GB", 1e9}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}};
  std::size_t used = 0;
  double number = 0;
  try {
    number = std::stod(text, &used);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  const auto unit = kUnits.find(text.substr(used));
  if (unit == kUnits.end()) return std::nullopt;
  const double bytes = number * unit->second;
  if (!std::isfinite(bytes) || bytes < 1 || bytes > 1e15) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

bool takes_optional_file(std::string_view argument) {
  return std::any_of(reports::formats().begin(), reports::formats().end(), [&](const reports::Format& format) {
    return argument.size() == format.name.size() + 2 && argument.substr(0, 2) == "--" &&
           argument.substr(2) == format.name;
  });
}

}  // namespace

std::string data_name(DataChoice choice) {
  for (const auto& [name, value] : kDataChoices)
    if (value == choice) return name;
  return {};
}

std::vector<std::string> with_explicit_outputs(std::vector<std::string> arguments) {
  for (auto& argument : arguments)
    if (takes_optional_file(argument)) argument += "=-";
  return arguments;
}

void add_output_options(CLI::App& app, Options& options) {
  for (const auto& format : reports::formats()) {
    app.add_option_function<std::string>(
           "--" + std::string(format.name),
           [&options, name = std::string(format.name)](const std::string& file) { options.outputs[name] = file; },
           fmt::format("{}; to FILE, or to stdout without =FILE", format.help))
        ->type_name("[=FILE]")
        ->check([name = std::string(format.name)](const std::string& file) {
          return file.empty() ? fmt::format("--{}= needs a file name (or --{} alone for stdout)", name, name) : "";
        });
  }
  app.add_flag("--anonymous", options.anonymous, "withhold host name, user, paths, serials and UUIDs when writing");
}

void add_launch_timeout(CLI::App& app, Options& options) {
  app.add_option("--timeout", options.launch_timeout_s, "a launch that takes longer than this means a hung device")
      ->type_name("SECONDS")
      ->check([](const std::string& text) -> std::string {
        constexpr double kLongest = 86400;
        double value = 0;
        if (CLI::detail::lexical_cast(text, value) && value > 0 && value <= kLongest) return {};
        return fmt::format("'{}' is no time limit: give seconds, above 0 and up to a day", text);
      });
  // Hidden: for tests of what hangs. Of one process alone it means nothing.
  app.add_option("--silence", options.silence_s)->check(CLI::PositiveNumber)->group("");
}

void add_measuring_options(CLI::App& app, Options& options) {
  app.add_option("--device", options.device,
                 "cuda:N, a GPU's UUID or PCI address, or cpu (default: the first NVIDIA GPU)");
  add_output_options(app, options);
  app.add_flag("--quick", options.quick, "fewer samples and a shorter warm-up: a look, not a reference");
  app.add_flag("--plateau", options.plateau, "also measure after 10 s under load, as a result of its own");
  app.add_option_function<std::string>(
         "--data", [&options](const std::string& name) { options.data = kDataChoices.at(name); },
         "operands: random, zero or ones (the data decide the power)")
      ->type_name("random|zero|ones")
      ->check([](const std::string& name) -> std::string {
        if (kDataChoices.count(name) > 0) return {};
        return fmt::format("'{}' is no such data: give random, zero or ones", name);
      });
  app.add_option("--min-efficiency", options.min_efficiency,
                 "judge against this fraction of E_issue, not the built-in floor")
      ->type_name("X")
      ->check([](const std::string& text) -> std::string {
        double value = 0;
        if (!CLI::detail::lexical_cast(text, value) || !(value > 0) || value > 1)
          return fmt::format("'{}' is not a fraction: give a number above 0 and up to 1, such as 0.95", text);
        return {};
      });
  app.add_flag("--list", options.list, "list the cases and measure nothing");
  app.add_flag("--skip-if-no-gpu", options.skip_if_no_gpu, "exit 77 instead of 3 where there is no GPU");
  add_launch_timeout(app, options);
  app.add_option("--epoch", options.epoch_s)->group("");  // hidden: told by the process that supervises this one
  app.add_option_function<std::string>(
         "--size", [&options](const std::string& text) { options.size_bytes = parse_bytes(text); },
         "bytes of one buffer of dram, pcie or p2p, or of the set of l2 or latency_memory, such as 4GiB (default of "
         "dram: at "
         "least 64 x L2 and 8 GiB); others have sizes of their own")
      ->type_name("BYTES")
      ->check([](const std::string& text) -> std::string {
        if (parse_bytes(text)) return {};
        return fmt::format("'{}' is not a size: give bytes, or a number with KiB, MiB, GiB, KB, MB or GB", text);
      });
  const auto dimension = CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description("");
  app.add_option("--m", options.m, "rows of a matrix product")->check(dimension)->type_name("M");
  app.add_option("--n", options.n, "columns of a matrix product")->check(dimension)->type_name("N");
  app.add_option("--k", options.k, "depth of a matrix product")->check(dimension)->type_name("K");
}

void add_sweep_option(CLI::App& app, Options& options) {
  app.add_option_function<std::string>(
         "--sweep",
         [&options](const std::string& what) {
           options.sweep = true;
           options.sweep_over = what;
         },
         kSweepHelp)
      ->expected(0, 1)
      ->type_name(fmt::format("[{}]", fmt::join(kSweeps, "|")))
      ->check([](const std::string& what) -> std::string {
        if (what.empty() || std::find(kSweeps.begin(), kSweeps.end(), what) != kSweeps.end()) return {};
        return fmt::format("'{}' is no such sweep: give --sweep alone, or over one of {}", what,
                           fmt::join(kSweeps, ", "));
      });
}

void add_sweep_names(CLI::App& app, Options& options, std::vector<std::string>& names) {
  app.add_option_function<std::vector<std::string>>(
         "--sweep",
         [&options, &names](const std::vector<std::string>& given) {
           options.sweep = true;
           for (const auto& list : given)
             for (const auto& name : split(list)) names.push_back(name);
         },
         kSweepHelp)
      ->allow_extra_args(false)
      ->type_name("NAME[,NAME]")
      ->check([](const std::string& text) -> std::string {
        const auto parts = split(text);
        const bool gap = std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); });
        return gap ? fmt::format("'{}' lacks a name: give benchmarks, such as --sweep fp32_fma", text) : std::string();
      });
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::vector<std::string> benchmarks_meant(const std::vector<std::string>& named, const std::vector<std::string>& swept,
                                          const std::vector<std::string>& known) {
  for (const auto* names : {&named, &swept})
    for (const auto& name : *names)
      if (std::find(known.begin(), known.end(), name) == known.end())
        throw UsageError(fmt::format("unknown benchmark '{}': there are {}", name, fmt::join(known, ", ")));
  if (swept.empty()) return named;
  const std::set<std::string> sweeps(swept.begin(), swept.end());
  if (sweeps.size() < swept.size())
    throw UsageError(fmt::format("--sweep {}: a benchmark is named twice: name each once", fmt::join(swept, ",")));
  if (!named.empty() && std::set<std::string>(named.begin(), named.end()) != sweeps)
    throw UsageError(fmt::format("--sweep {} measures only what it names: leave out {}, or run it without --sweep",
                                 fmt::join(swept, ","), fmt::join(named, " ")));
  return swept;
}

bool names_a_device(const std::string& text) {
  static const std::regex kForms(
      "|cpu|cuda|gpu|cuda:[0-9]+|(GPU|MIG)-[0-9a-f-]+|([0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]",
      std::regex::icase);
  return std::regex_match(text, kForms);
}

void validate(Options& options) {
  std::vector<std::string> to_stdout;
  for (const auto& [name, file] : options.outputs)
    if (file == "-") to_stdout.push_back("--" + name);
  if (to_stdout.size() > 1)
    throw UsageError(fmt::format("{} all write to stdout: give a file to all but one, such as {}=out.{}",
                                 fmt::join(to_stdout, " and "), to_stdout[1], to_stdout[1].substr(2)));
  if (options.sweep && options.min_efficiency)
    throw UsageError("--min-efficiency goes without --sweep: the points of a sweep are not judged");
  if (options.sweep && options.plateau)
    throw UsageError("--plateau goes without --sweep: the points of a sweep are short");
  for (const auto& argument : options.google_arguments) {
    const std::string_view flag(argument);
    if (flag.starts_with("--benchmark_format"))
      throw UsageError("--benchmark_format is not used here: choose with --json, --csv or --md instead");
    if (flag.starts_with("--benchmark_out"))
      throw UsageError("--benchmark_out is not used here: write with --json=FILE, --csv=FILE or --md=FILE instead");
    if (!flag.starts_with("--benchmark_") && flag != "--v" && !flag.starts_with("--v="))
      throw UsageError(fmt::format("unknown option '{}': see --help", argument));
  }
}

}  // namespace peakproof::bench
