// Writes a Report to where the options say: files whole or not at all, JSON last since it repeats the exit code.
#pragma once

#include <string>
#include <vector>

#include "bench/harness/options.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// What is wrong with the files that the options name, as far as it can be seen before measuring.
[[nodiscard]] std::vector<std::string> unwritable_outputs(const Options& options);

/// Writes the files while a run goes on, so that a crash leaves what was measured. Errors are kept for write_reports.
void write_partial_reports(const reports::Report& report, const Options& options);

/// All of it, or reports::WriteError (exit code 5).
void write_stdout(const std::string& text);

/// Sets verdict and exit code of `report` to `exit_code` (5 if that is 0 and a file cannot be written), writes every
/// output, and returns the exit code. Prints the table to stdout unless an output goes there, or none is wanted.
[[nodiscard]] int write_reports(reports::Report report, int exit_code, const Options& options, bool table = true);

}  // namespace peakproof::bench
