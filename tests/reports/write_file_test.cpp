#include "reports/write_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace peakproof::reports {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class WriteFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "write_file_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override {
    fs::permissions(folder, fs::perms::owner_all);
    fs::remove_all(folder);
  }

  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder)) found.insert(entry.path().filename().string());
    return found;
  }
  static std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// What write_file says; empty if it writes.
  static std::string complaint(const fs::path& path, std::string_view text = "new") {
    try {
      write_file(path, text);
    } catch (const WriteError& e) {
      return e.what();
    }
    return {};
  }

  fs::path folder;
};

TEST_F(WriteFile, WritesAllOfItAndLeavesNothingElse) {
  const std::string text = std::string("a\0b\n", 4) + std::string(3'000'000, 'x');
  write_file(folder / "report.json", text);
  EXPECT_EQ(content(folder / "report.json"), text);
  EXPECT_THAT(names(), ElementsAre("report.json"));
}

TEST_F(WriteFile, ReplacesAnOlderFileAndKeepsItsMode) {
  const fs::path path = folder / "report.json";
  write_file(path, "a longer old text");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  write_file(path, "new");
  EXPECT_EQ(content(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  EXPECT_THAT(names(), ElementsAre("report.json"));
}

TEST_F(WriteFile, ANewFileHasTheUsualMode) {
  const mode_t mask = ::umask(027);
  write_file(folder / "report.json", "new");
  ::umask(mask);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "report.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(WriteFile, FollowsALink) {
  write_file(folder / "real.json", "old");
  fs::create_symlink("real.json", folder / "link.json");
  write_file(folder / "link.json", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link.json"));
  EXPECT_EQ(content(folder / "real.json"), "new");
  fs::create_symlink("later.json", folder / "dangling.json");
  write_file(folder / "dangling.json", "new");
  EXPECT_EQ(content(folder / "later.json"), "new");
}

TEST_F(WriteFile, ARelativePathIsInTheWorkingFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder);
  write_file("report.json", "new");
  fs::current_path(before);
  EXPECT_EQ(content(folder / "report.json"), "new");
}

TEST_F(WriteFile, SaysWhatWhereAndWhatToDo) {
  std::ofstream(folder / "file") << "x";
  fs::create_directory(folder / "folder");
  EXPECT_THAT(complaint(""), HasSubstr("give a file name"));
  EXPECT_THAT(complaint(folder), AllOf(HasSubstr(folder.string()), HasSubstr("add a file name")));
  EXPECT_THAT(complaint(folder / "folder"), HasSubstr("add a file name"));
  EXPECT_THAT(complaint(folder / "folder" / ""), HasSubstr("add a file name"));
  EXPECT_THAT(complaint(folder / "none" / "r.json"),
              AllOf(HasSubstr("none/r.json"), HasSubstr("create the folder first")));
  EXPECT_THAT(complaint(folder / "file" / "r.json"), HasSubstr("is a file, not a folder"));
  EXPECT_THAT(complaint(folder / std::string(300, 'n')), HasSubstr("shorter name"));
  EXPECT_THAT(names(), ElementsAre("file", "folder"));
  EXPECT_TRUE(fs::is_empty(folder / "folder"));
  EXPECT_EQ(content(folder / "file"), "x");
}

TEST_F(WriteFile, InAFolderThatIsNotOursNothingChanges) {
  write_file(folder / "report.json", "old");
  fs::permissions(folder,
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  // Rights do not bind the administrator: be someone else for a moment.
  constexpr uid_t kNobody = 65534;
  const bool administrator = ::geteuid() == 0;
  if (administrator) {
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const std::string message = complaint(folder / "report.json");
  if (administrator) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_THAT(message, AllOf(HasSubstr("Permission denied"), HasSubstr("that you may write to")));
  EXPECT_EQ(content(folder / "report.json"), "old");
  EXPECT_THAT(names(), ElementsAre("report.json"));
}

TEST_F(WriteFile, WhenTheDiskIsFullTheOldFileStaysAndTheTemporaryGoes) {
  const fs::path path = folder / "report.json";
  write_file(path, "old");
  // A limit on the size of files ends the writing halfway, as a full disk does.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = complaint(path, std::string(5000, 'x'));
  const std::string fresh = complaint(folder / "fresh.json", std::string(5000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  static_cast<void>(std::signal(SIGXFSZ, handler));
  EXPECT_THAT(message, AllOf(HasSubstr("report.json"), HasSubstr("free some space")));
  EXPECT_THAT(fresh, HasSubstr("fresh.json"));
  EXPECT_EQ(content(path), "old");
  EXPECT_THAT(names(), ElementsAre("report.json"));
}

TEST_F(WriteFile, ADeviceIsWrittenToAndNeverReplaced) {
  EXPECT_EQ(complaint("/dev/null"), "");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THAT(complaint("/dev/full"), AllOf(HasSubstr("No space left"), HasSubstr("free some space")));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(WriteFile, AStaleTemporaryOfAnotherRunIsNotInTheWay) {
  const std::string stale = ".peakproof-" + std::to_string(::getpid()) + "-0.tmp";
  std::ofstream(folder / stale) << "stale";
  write_file(folder / "report.json", "new");
  EXPECT_EQ(content(folder / "report.json"), "new");
  EXPECT_EQ(content(folder / stale), "stale");
}

}  // namespace
}  // namespace peakproof::reports
