// One line on the terminal that says what is being measured. Nothing where stderr is no terminal.
#pragma once

#include <chrono>
#include <string>

namespace peakproof::bench {

/// The line is for terminals only; there is no colour anywhere, so that NO_COLOR has nothing to switch off.
[[nodiscard]] bool stderr_is_terminal();

class Progress {
 public:
  /// Names the step that begins; the line appears once a step has lasted two seconds, and then stays up to date.
  void step(std::size_t index, std::size_t count, const std::string& name);
  /// To be called often while a step goes on.
  void tick(const std::string& detail);
  /// Takes the line away.
  void clear();

 private:
  bool terminal_ = stderr_is_terminal();
  bool shown_ = false;
  std::string label_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_ = begin_;
};

/// "warning: …" on stderr.
void warn(const std::string& text);

}  // namespace peakproof::bench
