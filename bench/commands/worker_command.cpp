#include "bench/commands/command.hpp"

namespace peakproof::bench {

void add_worker_command(CLI::App& /*app*/, Program& /*program*/) {}

}  // namespace peakproof::bench
