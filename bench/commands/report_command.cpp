// peakproof report: any format, made again from a saved JSON or from the page that holds it, without a GPU.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/report_writer.hpp"
#include "reports/embedded.hpp"
#include "reports/format.hpp"

namespace peakproof::bench {

void add_report_command(CLI::App& app, Program& program) {
  struct Arguments {
    Options options;
    std::string file;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("report", "make any report from a saved JSON or HTML page, on any machine");
  command->add_option("file", arguments->file, "what --json=FILE or --html=FILE wrote")->required();
  add_output_options(*command, arguments->options);
  command->footer("The exit code is the one that the report holds.");
  command->final_callback([arguments, &program] {
    program.action = [arguments] {
      const Options& options = arguments->options;
      validate(arguments->options);
      try {
        reports::Report report = reports::from_json(reports::json_of(read_file(arguments->file)));
        if (const std::string problem = reports::contradiction(report); !problem.empty())
          throw UsageError(fmt::format("{} contradicts itself and cannot be believed: {}", arguments->file, problem));
        const int code = report.exit_code;
        return write_reports(std::move(report), code, options);
      } catch (const reports::ReadError& error) {
        throw UsageError(fmt::format("{}: {}", arguments->file, error.what()));
      }
    };
  });
}

}  // namespace peakproof::bench
