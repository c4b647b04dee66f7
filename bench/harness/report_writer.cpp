#include "bench/harness/report_writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "bench/harness/progress.hpp"
#include "reports/format.hpp"
#include "reports/write_file.hpp"

namespace peakproof::bench {
namespace {

namespace fs = std::filesystem;

reports::Report for_writing(const reports::Report& report, const Options& options) {
  return options.anonymous ? reports::anonymous(report) : report;
}

/// Writes one format; the error text, or nothing.
std::string write_one(const reports::Format& format, const reports::Report& report, const std::string& file) {
  try {
    const std::string text = format.render(report);
    if (file == "-")
      write_stdout(text);
    else
      reports::write_file(file, text);
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

std::vector<std::string> unwritable_outputs(const Options& options) {
  std::vector<std::string> problems;
  for (const auto& [format, file] : options.outputs) {
    if (file == "-") continue;
    std::error_code ignored;
    const fs::path path(file);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (fs::is_directory(path, ignored))
      problems.push_back(fmt::format("--{}={} is a folder: name a file", format, file));
    else if (!fs::is_directory(folder, ignored))
      problems.push_back(fmt::format("--{}={}: there is no folder {}: make it first", format, file, folder.string()));
    else if (access(folder.c_str(), W_OK) != 0 && access(path.c_str(), W_OK) != 0)
      problems.push_back(fmt::format("--{}={}: no permission to write into {}", format, file, folder.string()));
  }
  return problems;
}

void write_partial_reports(const reports::Report& report, const Options& options) {
  for (const auto& format : reports::formats())
    if (const auto output = options.outputs.find(std::string(format.name));
        output != options.outputs.end() && output->second != "-" &&
        fs::path(output->second).string().rfind("/dev/", 0) != 0)
      static_cast<void>(write_one(format, for_writing(report, options), output->second));
}

void write_stdout(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw reports::WriteError("stdout: cannot be written (is the disk full or the reader gone?)");
}

int write_reports(reports::Report report, int exit_code, const Options& options, bool table) {
  const auto conclude = [&report](int code) {
    report.exit_code = code;
    report.verdict = reports::verdict_of_exit_code(code);
  };
  conclude(exit_code);
  const auto lost = [&](const std::string& problem) {
    say("error: " + problem);
    if (report.exit_code == reports::exit_pass) conclude(reports::exit_report_not_written);
  };
  std::vector<const reports::Format*> ordered;
  for (const auto& format : reports::formats()) ordered.push_back(&format);
  // JSON repeats the exit code, so it is written when every other file is known to be written or lost.
  std::stable_partition(ordered.begin(), ordered.end(), [](const auto* format) { return format->name != "json"; });
  bool to_stdout = false;
  for (const auto* format : ordered) {
    const auto output = options.outputs.find(std::string(format->name));
    if (output == options.outputs.end()) continue;
    to_stdout = to_stdout || output->second == "-";
    if (const std::string problem = write_one(*format, for_writing(report, options), output->second); !problem.empty())
      lost(fmt::format("the {} report was not written: {}", format->name, problem));
  }
  if (table && !to_stdout) {
    const int before = report.exit_code;
    try {
      write_stdout(reports::to_text(for_writing(report, options)));
    } catch (const std::exception& error) {
      lost(error.what());
    }
    // The JSON is in its file already, with the exit code that it was then.
    const auto json = options.outputs.find("json");
    if (report.exit_code != before && json != options.outputs.end())
      static_cast<void>(
          write_one({"json", ".json", "", &reports::to_json}, for_writing(report, options), json->second));
  }
  return report.exit_code;
}

}  // namespace peakproof::bench
