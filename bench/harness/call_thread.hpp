// A thread for calls that may never return, such as those of a management library while a device is lost: whoever asks
// waits no longer than a deadline, and a thread that is stuck never keeps the process from ending.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace peakproof::bench {

class CallThread {
 public:
  CallThread();
  CallThread(const CallThread&) = delete;
  CallThread& operator=(const CallThread&) = delete;
  /// Waits a while for the call under way. A thread that is stuck is left behind, and the process then ends, with its exit
  /// code, without the destructors of static objects and libraries, which might wait for what it holds.
  ~CallThread();

  /// Runs the call on the thread, behind those that were asked for before, and waits for it; throws what it throws. False
  /// where it has not ended after `deadline_s`: it may still end later, so it must own all that it touches. A thread that is
  /// stuck is not waited for at all. On the thread itself the call runs at once.
  [[nodiscard]] bool run(std::function<void()> call, double deadline_s);
  /// What the call returns; nothing in the place of false.
  template <class Call>
  [[nodiscard]] auto ask(Call call, double deadline_s) {
    using Value = decltype(call());
    const auto answer = std::make_shared<std::optional<Value>>();
    if (!run([answer, call = std::move(call)] { *answer = call(); }, deadline_s)) return std::optional<Value>();
    return std::move(*answer);
  }
  /// Runs the call some time; nobody waits for it. What it throws is lost.
  void post(std::function<void()> call);
  /// Runs the call every `period_s` from now on, in the place of an earlier one.
  void repeat(std::function<void()> call, double period_s);
  /// The call under way has run for longer than `kStuckSeconds`.
  [[nodiscard]] bool stuck() const;

  static constexpr double kStuckSeconds = 2;

 private:
  struct State;
  static void serve(State& state);

  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace peakproof::bench
