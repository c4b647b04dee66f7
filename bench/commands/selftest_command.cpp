#include "bench/commands/command.hpp"

namespace peakproof::bench {

void add_selftest_command(CLI::App& /*app*/, Program& /*program*/) {}

}  // namespace peakproof::bench
