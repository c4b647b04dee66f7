#include "bench/commands/command.hpp"

namespace peakproof::bench {

void add_compare_command(CLI::App& /*app*/, Program& /*program*/) {}

}  // namespace peakproof::bench
