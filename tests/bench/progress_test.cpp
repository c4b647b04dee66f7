#include "bench/harness/progress.hpp"

#include <gtest/gtest.h>

namespace {

using namespace peakproof::bench;

TEST(SecondsLeft, FollowsThePlanUntilSomethingIsDone) {
  EXPECT_DOUBLE_EQ(seconds_left(10, 60, 0, 20), 50);
  EXPECT_DOUBLE_EQ(seconds_left(100, 60, 0, 20), 0);
  EXPECT_DOUBLE_EQ(seconds_left(10, 60, 5, 20), 30);
  EXPECT_DOUBLE_EQ(seconds_left(10, 60, 20, 20), 0);
  EXPECT_DOUBLE_EQ(seconds_left(10, 60, 25, 20), 0);       // measured again
  EXPECT_DOUBLE_EQ(seconds_left(600, 3600, 25, 0), 3000);  // an open end
}

TEST(ProgressLine, FitsTheTerminal) {
  const std::vector<DeviceProgress> devices = {{"cuda:0", 4, 16, "wgmma"}, {"cuda:1", 8, 16, "dram"}};
  EXPECT_EQ(progress_line(devices, 21, 60, 120),
            "[#######-------------] 12/32  cuda:0 wgmma, cuda:1 dram  0:21, about 0:35 left");
  for (const std::size_t width : {0U, 10U, 40U, 60U, 79U})
    EXPECT_LE(progress_line(devices, 21, 60, width).size(), width);
  EXPECT_NE(progress_line(devices, 21, 60, 60).find("..."), std::string::npos);
  EXPECT_EQ(progress_line({}, 0, 0, 80), "[--------------------] 0    0:00, about 0:00 left");
  EXPECT_EQ(progress_line({{"cuda:0", 7, 0, "dram"}}, 1800, 7200, 80),
            "[#####---------------] 7  cuda:0 dram  30:00, about 1:30:00 left");
}

TEST(HeartbeatLine, IsALine) {
  EXPECT_EQ(heartbeat_line({{"cuda:0", 8, 17, "wgmma"}}, 60, 120),
            "still running: 8 of 17 cases, cuda:0 wgmma; 60 s, about 68 s left");
}

TEST(RunProgress, BeatsWhereThereIsNoTerminal) {
  testing::internal::CaptureStderr();
  {
    RunProgress progress(
        {.planned_s = 1, .quiet = false, .terminal = false, .heartbeat = std::chrono::milliseconds(5)});
    progress.update({"cuda:0", 1, 2, "dram"});
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("still running: 1 of 2 cases, cuda:0 dram; 0 s"), std::string::npos) << said;
  EXPECT_EQ(said.find('\r'), std::string::npos);
}

TEST(RunProgress, IsSilentWhereItIsQuietAndTakesItsLineAway) {
  testing::internal::CaptureStderr();
  {
    RunProgress quiet({.planned_s = 1, .quiet = true, .terminal = true, .heartbeat = std::chrono::milliseconds(5)});
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  {
    RunProgress shown({.planned_s = 1, .quiet = false, .terminal = true});
    shown.update({"cuda:0", 1, 2, "dram"});
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    say("a line of its own");
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("\r\033[K[##########"), std::string::npos) << said;
  EXPECT_NE(said.find("\r\033[Ka line of its own\n"), std::string::npos) << said;
}

}  // namespace
