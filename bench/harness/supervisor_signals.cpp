#include <array>
#include <atomic>
#include <csignal>

#include "bench/harness/supervisor.hpp"

namespace peakproof::bench {
namespace {

std::atomic<int> ending_signal{0};
constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

void remember(int signal);

void let_all_end_it() {
  for (const int signal : kSignals) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == &remember)
      static_cast<void>(std::signal(signal, SIG_DFL));
  }
}

void remember(int signal) {
  ending_signal = signal;
  let_all_end_it();
}

}  // namespace

int signal_that_ends() { return ending_signal; }

SupervisorSignals::SupervisorSignals() {
  ending_signal = 0;
  struct sigaction action {};
  action.sa_handler = &remember;
  static_cast<void>(sigemptyset(&action.sa_mask));
  // Ignored ones (SIGHUP under nohup, SIGINT in a background job) stay so.
  for (const int signal : kSignals) {
    struct sigaction before {};
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    static_cast<void>(sigaction(signal, &action, nullptr));
  }
  // A launcher may have left it ignored, and then the kernel keeps no child's exit code for us.
  static_cast<void>(std::signal(SIGCHLD, SIG_DFL));
}

SupervisorSignals::~SupervisorSignals() { let_all_end_it(); }

}  // namespace peakproof::bench
