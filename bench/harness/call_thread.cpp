#include "bench/harness/call_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>

namespace peakproof::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

Clock::duration duration_of(double seconds) { return std::chrono::duration_cast<Clock::duration>(Seconds(seconds)); }

/// One call that somebody waits for.
struct Asked {
  bool begun = false;
  bool ended = false;
  bool given_up = false;  ///< nobody waits for it any more: where it has not begun, it never does
  std::exception_ptr thrown;
};

}  // namespace

/// Shared with the thread, which may outlive its owner.
struct CallThread::State {
  std::mutex mutex;
  std::condition_variable work;      ///< there is something to do
  std::condition_variable progress;  ///< a call has ended, or the thread has
  std::deque<std::function<void()>> calls;
  std::function<void()> repeated;
  Clock::duration period{};
  Clock::time_point next;
  std::optional<Clock::time_point> busy_since;
  bool stop = false;
  bool ended = false;

  /// With the mutex held.
  [[nodiscard]] bool stuck() const { return busy_since && Clock::now() - *busy_since > duration_of(kStuckSeconds); }
};

CallThread::CallThread() : state_(std::make_shared<State>()) {
  thread_ = std::thread([state = state_] { serve(*state); });
}

CallThread::~CallThread() {
  std::unique_lock lock(state_->mutex);
  state_->stop = true;
  state_->work.notify_all();
  while (!state_->ended && !state_->stuck())
    state_->progress.wait_for(lock, std::chrono::milliseconds(50), [this] { return state_->ended; });
  const bool ended = state_->ended;
  lock.unlock();
  if (ended) {
    thread_.join();
    return;
  }
  thread_.detach();
  // Runs before every handler and destructor that was there earlier.
  static_cast<void>(on_exit(
      [](int status, void*) {
        static_cast<void>(std::fflush(nullptr));
        std::_Exit(status);
      },
      nullptr));
}

void CallThread::serve(State& state) {
  sigset_t all;
  static_cast<void>(sigfillset(&all));
  static_cast<void>(pthread_sigmask(SIG_BLOCK, &all, nullptr));  // signals are the main thread's
  std::unique_lock lock(state.mutex);
  while (!state.stop) {
    const bool due = state.repeated && Clock::now() >= state.next;
    if (state.calls.empty() && !due) {
      if (state.repeated)
        state.work.wait_until(lock, state.next);
      else
        state.work.wait(lock);
      continue;
    }
    std::function<void()> call;
    if (!state.calls.empty()) {
      call = std::move(state.calls.front());
      state.calls.pop_front();
    } else {
      call = state.repeated;
      state.next = Clock::now() + state.period;
    }
    state.busy_since = Clock::now();
    lock.unlock();
    try {
      call();
    } catch (...) {  // of run() it is kept; nobody asked for the others
    }
    call = {};  // what it owned is gone before anybody learns that it has ended
    lock.lock();
    state.busy_since.reset();
    state.progress.notify_all();
  }
  // What the calls own ends here, on the thread that made it.
  auto calls = std::exchange(state.calls, {});
  auto repeated = std::exchange(state.repeated, {});
  state.busy_since = Clock::now();
  lock.unlock();
  calls.clear();
  repeated = {};
  lock.lock();
  state.ended = true;
  state.progress.notify_all();
}

bool CallThread::run(std::function<void()> call, double deadline_s) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    call();
    return true;
  }
  const auto asked = std::make_shared<Asked>();
  std::unique_lock lock(state_->mutex);
  if (state_->stuck()) return false;
  state_->calls.emplace_back([asked, call = std::move(call), state = std::weak_ptr(state_)]() mutable {
    const auto alive = state.lock();
    {
      const std::lock_guard guard(alive->mutex);
      if (asked->given_up) return;
      asked->begun = true;
    }
    try {
      call();
    } catch (...) {
      asked->thrown = std::current_exception();
    }
    call = {};
    const std::lock_guard guard(alive->mutex);
    asked->ended = true;
    alive->progress.notify_all();
  });
  state_->work.notify_all();
  // A call before ours may turn out to be stuck while we wait.
  constexpr std::chrono::milliseconds kSlice{50};
  const auto deadline = Clock::now() + duration_of(deadline_s);
  while (!asked->ended && Clock::now() < deadline && (asked->begun || !state_->stuck()))
    state_->progress.wait_until(lock, std::min(deadline, Clock::now() + kSlice), [&] { return asked->ended; });
  if (!asked->ended) {
    asked->given_up = true;
    return false;
  }
  lock.unlock();
  if (asked->thrown) std::rethrow_exception(asked->thrown);
  return true;
}

void CallThread::post(std::function<void()> call) {
  const std::lock_guard lock(state_->mutex);
  state_->calls.push_back(std::move(call));
  state_->work.notify_all();
}

void CallThread::repeat(std::function<void()> call, double period_s) {
  std::function<void()> before;
  {
    const std::lock_guard lock(state_->mutex);
    before = std::exchange(state_->repeated, std::move(call));
    state_->period = duration_of(period_s);
    state_->next = Clock::now();
    // Ends where it was used.
    if (before) state_->calls.emplace_back([before = std::move(before)] {});
    state_->work.notify_all();
  }
}

bool CallThread::stuck() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stuck();
}

}  // namespace peakproof::bench
