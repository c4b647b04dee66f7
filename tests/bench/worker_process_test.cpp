// The workers here are shells: what they do to a supervisor is what counts, not what they measure.
#include "bench/harness/worker_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace peakproof::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

WorkerProcess::Setup shell(const std::string& script) {
  return {
      .argv = {"/bin/sh", "-c", script}, .environment = {}, .capture_stdout = true, .show_stderr = false, .prefix = ""};
}

/// The ending of a worker that ends by itself.
Ending ended(WorkerProcess& process) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(60);
  while (steady_clock::now() < deadline)
    if (const auto ending = process.wait_for(milliseconds(100))) return *ending;
  ADD_FAILURE() << "it did not end";
  return {};
}

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

/// Waits until the script has set its traps, which it says on stdout.
void wait_until_ready(WorkerProcess& process) {
  while (process.captured().find("ready") == std::string::npos)
    ASSERT_FALSE(process.wait_for(milliseconds(100)).has_value());
}

bool runs(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number;
  std::string name;
  std::string state;
  return static_cast<bool>(stat >> number >> name >> state) && state != "Z";
}

TEST(WorkerProcess, TellsTheExitCode) {
  for (const int code : {0, 1, 4, 77, 143}) {
    WorkerProcess process(shell("exit " + std::to_string(code)));
    const Ending ending = ended(process);
    EXPECT_EQ(ending.exit_code, code);
    EXPECT_EQ(ending.signal, 0);
    EXPECT_FALSE(ending.forced);
    EXPECT_EQ(describe(ending), "ended with exit code " + std::to_string(code));
  }
}

TEST(WorkerProcess, TellsTheSignal) {
  WorkerProcess process(shell("echo so long >&2; kill -SEGV $$"));
  const Ending ending = ended(process);
  EXPECT_FALSE(ending.exit_code);
  EXPECT_EQ(ending.signal, SIGSEGV);
  EXPECT_EQ(describe(ending), "ended with signal 11 (SIGSEGV)");
  EXPECT_THAT(ending.last_words, HasSubstr("so long"));
}

TEST(WorkerProcess, AProgramThatIsNotThereEndsWith127) {
  WorkerProcess process({.argv = {"/no/such/program"}, .environment = {}, .show_stderr = false, .prefix = ""});
  const Ending ending = ended(process);
  EXPECT_EQ(ending.exit_code, 127);
  EXPECT_THAT(ending.last_words, HasSubstr("cannot be executed"));
}

TEST(WorkerProcess, HasTheEnvironmentAndOneOfItsOwn) {
  setenv("PEAKPROOF_TEST_KEPT", "kept", 1);
  setenv("PEAKPROOF_TEST_CHANGED", "before", 1);
  auto setup = shell("echo $PEAKPROOF_TEST_KEPT $PEAKPROOF_TEST_CHANGED");
  setup.environment = {{"PEAKPROOF_TEST_CHANGED", "after"}};
  WorkerProcess process(setup);
  static_cast<void>(ended(process));
  EXPECT_EQ(process.captured(), "kept after\n");
}

TEST(WorkerProcess, WaitsNoLongerThanItIsTold) {
  WorkerProcess process(shell("exec sleep 30"));
  const auto begin = steady_clock::now();
  EXPECT_FALSE(process.wait_for(milliseconds(50)));
  EXPECT_LT(seconds_since(begin), 10);
}

TEST(WorkerProcess, ObeysTheFirstSignal) {
  WorkerProcess process(shell("trap 'exit 143' TERM; echo ready; while :; do sleep 0.05; done"));
  wait_until_ready(process);
  const Ending ending = process.end(milliseconds(10000));
  EXPECT_EQ(ending.exit_code, 143);
  EXPECT_TRUE(ending.forced);
}

TEST(WorkerProcess, ADeafOneIsKilled) {
  WorkerProcess process(shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"));
  wait_until_ready(process);
  const Ending ending = process.end(milliseconds(200));
  EXPECT_FALSE(ending.exit_code);
  EXPECT_EQ(ending.signal, SIGKILL);
  EXPECT_TRUE(ending.forced);
  EXPECT_FALSE(ending.abandoned);
  EXPECT_FALSE(runs(process.pid()));
}

TEST(WorkerProcess, AFloodOnStderrBlocksNobody) {
  auto setup = shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done >&2; echo the end >&2");
  setup.show_stderr = true;
  setup.prefix = "cuda:1: ";
  testing::internal::CaptureStderr();
  WorkerProcess process(setup);
  const Ending ending = ended(process);
  const std::string shown = testing::internal::GetCapturedStderr();
  EXPECT_EQ(ending.exit_code, 0);
  EXPECT_LE(ending.last_words.size(), 4096U);
  EXPECT_THAT(ending.last_words, testing::EndsWith("the end\n"));
  EXPECT_THAT(shown, testing::StartsWith("cuda:1: line 0\ncuda:1: line 1\n"));
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 201);
  EXPECT_THAT(shown, HasSubstr("is left out"));
}

TEST(WorkerProcess, KeepsTheLastWordsThatNoLineEnds) {
  testing::internal::CaptureStderr();
  auto setup = shell("printf 'no line' >&2");
  setup.show_stderr = true;
  WorkerProcess process(setup);
  EXPECT_EQ(ended(process).last_words, "no line");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "no line\n");
}

TEST(WorkerProcess, OneThatClosesItsPipesIsStillWatched) {
  WorkerProcess process(shell("exec >&- 2>&-; sleep 0.2; exit 3"));
  EXPECT_EQ(ended(process).exit_code, 3);
}

TEST(WorkerProcess, ItsOwnChildrenGoWithIt) {
  // The child holds the pipes open, which must not keep anybody waiting.
  WorkerProcess process(shell("sleep 30 & echo $!; exit 0"));
  const auto begin = steady_clock::now();
  EXPECT_EQ(ended(process).exit_code, 0);
  EXPECT_LT(seconds_since(begin), 20);
  const pid_t child = std::stoi(process.captured());
  for (int i = 0; i < 100 && runs(child); ++i) std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(runs(child));
}

TEST(WorkerProcess, IsEndedWithItsObject) {
  pid_t pid = 0;
  {
    const WorkerProcess process(shell("trap '' TERM; exec sleep 30"));
    pid = process.pid();
  }
  EXPECT_FALSE(runs(pid));
}

TEST(WorkerProcess, DiesWithTheThreadThatStartedIt) {
  pid_t pid = 0;
  std::thread([&pid] {
    auto* left = new WorkerProcess(shell("echo ready; exec sleep 30"));  // never ended by its object
    wait_until_ready(*left);
    pid = left->pid();
  }).join();
  for (int i = 0; i < 100 && runs(pid); ++i) std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(runs(pid));
}

TEST(WorkerProcess, SaysHowOneThatWasAbandonedWaits) {
  Ending ending;
  ending.abandoned = true;
  ending.where = "uvm_va_space_mm_shutdown";
  EXPECT_EQ(describe(ending), "did not end on SIGKILL: it waits in the kernel in uvm_va_space_mm_shutdown");
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
}

}  // namespace
}  // namespace peakproof::bench
