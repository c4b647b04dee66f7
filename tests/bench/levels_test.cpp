#include "bench/harness/levels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

namespace {

using namespace peakproof::bench;

const DeviceName kGpu{.selector = "GPU-1", .label = "cuda:3", .uuid = "GPU-1", .pci = "17:00.0", .name = "board"};
const DeviceName kCpu{.selector = "cpu", .label = "cpu", .uuid = "", .pci = "", .name = "cpu"};

std::vector<std::string> benchmarks(const std::vector<Job>& jobs) {
  std::vector<std::string> names;
  for (const auto& job : jobs) names.push_back(job.benchmark);
  return names;
}

const Job* find(const std::vector<Job>& jobs, const std::string& benchmark) {
  for (const auto& job : jobs)
    if (job.benchmark == benchmark) return &job;
  return nullptr;
}

TEST(Levels, AreFoundByName) {
  for (const char* name : {"quick", "standard", "extended", "soak"}) {
    ASSERT_NE(find_level(name), nullptr) << name;
    EXPECT_EQ(find_level(name)->name, name);
  }
  EXPECT_EQ(find_level("Quick"), nullptr);
  EXPECT_EQ(find_level(""), nullptr);
}

TEST(Levels, NameABenchmarkOnce) {
  for (const auto& level : levels())
    for (const auto& rows : {level.gpu, level.cpu}) {
      std::set<std::string_view> seen;
      for (const auto& row : rows) EXPECT_TRUE(seen.insert(row.benchmark).second) << level.name << row.benchmark;
      EXPECT_FALSE(seen.empty());
    }
}

TEST(Levels, EachHoldsTheBenchmarksOfTheOneBefore) {
  for (std::size_t i = 1; i < 3; ++i)
    for (const bool cpu : {false, true})
      for (const auto& row : levels()[i - 1].rows(cpu)) {
        const auto rows = levels()[i].rows(cpu);
        EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const auto& r) { return r.benchmark == row.benchmark; }))
            << levels()[i].name << " lacks " << row.benchmark;
      }
}

TEST(Levels, AFilterNamesTheDevice) {
  const auto jobs = wanted_jobs(*find_level("quick"), kGpu, {});
  ASSERT_NE(find(jobs, "p2p"), nullptr);
  EXPECT_EQ(find(jobs, "p2p")->filter, "from:cuda:3/.*way:one");
  EXPECT_EQ(find(wanted_jobs(*find_level("quick"), kCpu, {}), "p2p"), nullptr);
}

TEST(Levels, NamesCutTheLevelDownAndAddToIt) {
  const auto jobs = wanted_jobs(*find_level("quick"), kGpu, {"dram", "sfu", "dram"});
  EXPECT_EQ(benchmarks(jobs), (std::vector<std::string>{"dram", "sfu"}));
  EXPECT_EQ(jobs[0].filter, "pattern:(read|write|copy)");
  EXPECT_EQ(jobs[1].filter, "-mode:burst");  // not in the level: whole, without its bursts
}

TEST(LevelPlan, LeavesOutWhatGivesWayAndSaysWhy) {
  const Level& quick = *find_level("quick");
  const std::vector<Job> wanted = {{"wgmma", "", {}}, {"mma", "", {}}, {"dram", "", {}}};
  const std::vector<Job> planned = {{"wgmma", "", {"wgmma/a"}}, {"mma", "", {"mma/b", "mma/c"}}};
  const LevelPlan plan = level_plan(quick, wanted, planned);
  EXPECT_EQ(benchmarks(plan.jobs), (std::vector<std::string>{"wgmma"}));
  EXPECT_EQ(plan.left_out,
            (std::vector<std::string>{"dram: no such case on this device", "mma: wgmma measures the same unit"}));
  EXPECT_EQ(plan.cases(), 1U);
  // Where the user names it, it is measured.
  EXPECT_EQ(benchmarks(level_plan(quick, wanted, planned, true).jobs), (std::vector<std::string>{"wgmma", "mma"}));
  // Where there is no wgmma, it is the one that measures the unit.
  EXPECT_EQ(benchmarks(level_plan(quick, wanted, {planned[1]}).jobs), (std::vector<std::string>{"mma"}));
}

TEST(LevelPlan, TimeIsOfWorkersAndCases) {
  const Level& quick = *find_level("quick");
  const LevelPlan plan{.jobs = {{"a", "", {"a/1", "a/2"}}, {"b", "", {"b/1"}}}, .left_out = {}};
  EXPECT_DOUBLE_EQ(planned_seconds(quick, plan), 3 * kWorkerStartSeconds + 3 * quick.case_s);
  EXPECT_DOUBLE_EQ(planned_seconds(quick, {}), kWorkerStartSeconds);
  EXPECT_DOUBLE_EQ(job_seconds(quick, plan.jobs[0]), kWorkerStartSeconds + 2 * quick.case_s);
}

TEST(Levels, LinksAreMeasuredAlone) {
  const Level& standard = *find_level("standard");
  for (const char* name : {"pcie", "p2p", "launch"}) EXPECT_TRUE(measured_alone(standard, name)) << name;
  for (const char* name : {"dram", "fp32_fma", "nothing"}) EXPECT_FALSE(measured_alone(standard, name)) << name;
}

TEST(Soak, ZeroFailuresDemonstrateAnMtbf) {
  // The "rule of three": at 95 % the MTBF is a third of the time, since -ln(0.05) = 2.9957.
  EXPECT_NEAR(demonstrated_mtbf_hours(24, 0.95), 24 / 2.995732, 1e-5);
  EXPECT_NEAR(needed_device_hours(1000, 0.9), 2302.585, 1e-3);
  EXPECT_NEAR(demonstrated_mtbf_hours(needed_device_hours(500, 0.8), 0.8), 500, 1e-9);
  for (const double c : {0.0, 1.0, -1.0, std::nan("")}) {
    EXPECT_TRUE(std::isnan(demonstrated_mtbf_hours(24, c)));
    EXPECT_TRUE(std::isnan(needed_device_hours(24, c)));
  }
  EXPECT_TRUE(std::isnan(demonstrated_mtbf_hours(0, 0.95)));
  EXPECT_TRUE(std::isnan(needed_device_hours(std::nan(""), 0.95)));
}

TEST(Soak, NothingIsClaimedAfterAFailure) {
  EXPECT_NE(soak_claim(24, 12, false).find("at least 8.01 h at 95 % confidence"), std::string::npos);
  EXPECT_NE(soak_claim(24, 1, false).find("24 GPU-hours (1 round)"), std::string::npos);
  for (const auto& text : {soak_claim(24, 12, true), soak_claim(0, 12, false), soak_claim(24, 0, false),
                           soak_claim(std::nan(""), 12, false)})
    EXPECT_NE(text.find("nothing is claimed"), std::string::npos) << text;
}

}  // namespace
