#include "bench/commands/command.hpp"

namespace peakproof::bench {

void add_verify_command(CLI::App& /*app*/, Program& /*program*/) {}

}  // namespace peakproof::bench
