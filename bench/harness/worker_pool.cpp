#include "bench/harness/worker_pool.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace peakproof::bench {
namespace {

struct FreeMask {
  void operator()(cpu_set_t* mask) const { CPU_FREE(mask); }
};

void pin_this_thread(int cpu) {
  const auto index = static_cast<std::size_t>(cpu);
  const std::unique_ptr<cpu_set_t, FreeMask> mask(CPU_ALLOC(index + 1));
  const std::size_t size = CPU_ALLOC_SIZE(index + 1);
  if (!mask) throw std::bad_alloc();
  CPU_ZERO_S(size, mask.get());
  CPU_SET_S(index, size, mask.get());
  const int error = pthread_setaffinity_np(pthread_self(), size, mask.get());
  if (error != 0) {
    throw std::system_error(error, std::generic_category(),
                            "cannot pin a thread to CPU " + std::to_string(cpu) + " (see taskset -p $$)");
  }
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::int64_t involuntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

WorkerPool::WorkerPool(const std::vector<int>& cpus) {
  if (cpus.empty()) throw std::invalid_argument("worker pool: no CPU to run on (see taskset -p $$)");
  readings_.resize(cpus.size());
  starts_.resize(cpus.size());
  ends_.resize(cpus.size());
  for (std::size_t i = 0; i < cpus.size(); ++i) readings_[i].cpu = cpus[i];
  last_.workers = readings_;
  running_ = static_cast<int>(cpus.size());
  try {
    for (int worker = 0; worker < static_cast<int>(cpus.size()); ++worker) {
      threads_.emplace_back([this, worker] { work(worker); });
    }
  } catch (...) {
    stop();
    throw;
  }
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });  // all are pinned, or have failed to
  if (error_) {
    lock.unlock();
    stop();
    std::rethrow_exception(error_);
  }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::vector<int> WorkerPool::cpus() const {
  std::vector<int> cpus;
  cpus.reserve(readings_.size());
  for (const WorkerReading& worker : readings_) cpus.push_back(worker.cpu);
  return cpus;
}

void WorkerPool::run(const Job& job, int workers) {
  if (workers < 1 || workers > size()) throw std::invalid_argument("worker pool: a run has 1 worker to all of them");
  std::unique_lock lock(mutex_);
  job_ = &job;
  error_ = nullptr;
  running_ = size();
  wanted_ = workers;
  arrived_.store(0);
  ++generation_;
  wake_.notify_all();
  done_.wait(lock, [this] { return running_ == 0; });
  job_ = nullptr;
  if (error_) std::rethrow_exception(error_);
  last_.workers.assign(readings_.begin(), readings_.begin() + workers);
  last_.seconds = *std::max_element(ends_.begin(), ends_.begin() + workers) -
                  *std::min_element(starts_.begin(), starts_.begin() + workers);
}

void WorkerPool::work(int worker) {
  std::uint64_t seen = 0;
  std::exception_ptr failure;
  try {
    pin_this_thread(readings_[static_cast<std::size_t>(worker)].cpu);
  } catch (...) {
    failure = std::current_exception();
  }
  std::unique_lock lock(mutex_);
  while (true) {
    if (failure && !error_) error_ = failure;
    if (--running_ == 0) done_.notify_all();
    wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
    if (stopping_) return;
    seen = generation_;
    failure = nullptr;
    if (worker >= wanted_) continue;
    lock.unlock();
    try {
      run_once(worker);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
  }
}

// Spinning, so that the cores neither fall asleep nor start one after the other. Where something else holds a core, the
// others must not burn a quota for nothing: they yield after a while.
void WorkerPool::wait_for_all(std::uint64_t arrivals) {
  arrived_.fetch_add(1);
  for (int spins = 0; arrived_.load() < arrivals; ++spins) {
    if (spins < 100'000) {
      pause_briefly();
    } else {
      sched_yield();
    }
  }
}

void WorkerPool::run_once(int worker) {
  const auto index = static_cast<std::size_t>(worker);
  const auto all = static_cast<std::uint64_t>(wanted_);
  WorkerReading& reading = readings_[index];

  wait_for_all(all);
  reading.before = probe_ ? probe_() : CoreProbe{};
  wait_for_all(2 * all);
  const std::int64_t switches = involuntary_switches();
  const double cpu_start = thread_cpu_seconds();
  starts_[index] = steady_seconds();
  std::exception_ptr failure;
  try {
    (*job_)(worker);
  } catch (...) {
    failure = std::current_exception();
  }
  ends_[index] = steady_seconds();
  reading.cpu_seconds = thread_cpu_seconds() - cpu_start;
  reading.involuntary_switches = involuntary_switches() - switches;
  reading.seconds = ends_[index] - starts_[index];
  reading.after = probe_ ? probe_() : CoreProbe{};
  if (failure) std::rethrow_exception(failure);
}

}  // namespace peakproof::bench
