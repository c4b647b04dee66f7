#include "bench/harness/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace peakproof::bench {
namespace {
constexpr std::chrono::seconds kQuietTime{2};
constexpr std::chrono::milliseconds kRefresh{200};
}  // namespace

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

void Progress::step(std::size_t index, std::size_t count, const std::string& name) {
  label_ = fmt::format("[{}/{}] {}", index + 1, count, name);
  begin_ = last_ = std::chrono::steady_clock::now();
  if (shown_) tick("");
}

void Progress::tick(const std::string& detail) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (!shown_ && now - begin_ < kQuietTime) || (shown_ && now - last_ < kRefresh)) return;
  last_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  fmt::print(stderr, "\r\033[K{}  {:.0f} s  {}", label_, seconds, detail);
  static_cast<void>(std::fflush(stderr));
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\033[K");
  static_cast<void>(std::fflush(stderr));
  shown_ = false;
}

void warn(const std::string& text) { fmt::print(stderr, "warning: {}\n", text); }

}  // namespace peakproof::bench
