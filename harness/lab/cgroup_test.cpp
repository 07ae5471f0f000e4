// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/cgroup.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/lab/places.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

/// Plain folders in place of cgroup mounts: what is made where is the same.
class CgroupFolders : public testing::Test {
 protected:
  std::string mount(const std::string& name)
  {
    const auto path = folder_.path() / name;
    EXPECT_TRUE(base::make_directories(path));
    return path.string();
  }

  void write(const std::string& file, const std::string& text)
  {
    ASSERT_TRUE(base::write_file(folder_.path() / file, text));
  }

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(fs::temp_directory_path(), "cgroup-").value();
};

TEST_F(CgroupFolders, are_one_in_each_hierarchy_of_version_1)
{
  const CgroupLayout layout{false, {mount("cpu"), mount("memory")}};
  const auto made = make_cgroups(layout, "coroner-one");
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(*made,
            (std::vector{layout.mounts[0] + "/coroner-one", layout.mounts[1] + "/coroner-one"}));
  for (const auto& each : *made) EXPECT_TRUE(fs::is_directory(each));
  EXPECT_EQ(existing_cgroups(layout, "coroner-one"), *made);
  EXPECT_TRUE(existing_cgroups(layout, "coroner-on").empty()) << "another cell's name is no prefix";
}

TEST_F(CgroupFolders, may_be_there_already)
{
  const CgroupLayout layout{false, {mount("cpu")}};
  ASSERT_TRUE(make_cgroups(layout, "coroner-one"));
  EXPECT_TRUE(make_cgroups(layout, "coroner-one"));
}

TEST_F(CgroupFolders, of_version_2_need_the_controllers_and_name_the_command_that_gives_them)
{
  const CgroupLayout layout{true, {mount("unified")}};
  write("unified/cgroup.subtree_control", "cpuset cpu io pids\n");
  const auto refused = make_cgroups(layout, "coroner-one");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::invalid);
  EXPECT_THAT(refused.error().text(), HasSubstr("'memory' is not delegated"));
  EXPECT_THAT(refused.error().text(), HasSubstr(layout.mounts[0] + "/cgroup.subtree_control"));
  EXPECT_TRUE(existing_cgroups(layout, "coroner-one").empty());
  write("unified/cgroup.subtree_control", "cpuset cpu io memory pids\n");
  EXPECT_TRUE(make_cgroups(layout, "coroner-one"));
}

TEST_F(CgroupFolders, are_removed_with_all_below_and_no_other)
{
  const CgroupLayout layout{false, {mount("cpu"), mount("memory")}};
  const auto made = make_cgroups(layout, "coroner-one");
  ASSERT_TRUE(make_cgroups(layout, "coroner-one-more"));
  for (const char* below : {"kubepods/pod1/a", "kubepods/pod2", "other"})
    ASSERT_TRUE(base::make_directories(fs::path(made->front()) / below));
  const auto removed = remove_cgroups(*made, base::Deadline::in(5s));
  ASSERT_TRUE(removed) << removed.error().text();
  EXPECT_TRUE(existing_cgroups(layout, "coroner-one").empty());
  EXPECT_EQ(existing_cgroups(layout, "coroner-one-more").size(), 2U);
  EXPECT_TRUE(remove_cgroups(*made, base::Deadline::in(5s))) << "what is gone is gone";
}

TEST_F(CgroupFolders, that_cannot_go_are_an_error_after_the_deadline)
{
  const auto folder = mount("cpu") + "/coroner-one";
  ASSERT_TRUE(base::make_directories(folder));
  write("cpu/coroner-one/held", "");
  const auto removed = remove_cgroups({folder}, base::Deadline::in(60ms));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().kind, base::ErrorKind::timed_out);
}

TEST(CgroupLayoutOfThisMachine, is_one_of_the_two)
{
  const auto layout = read_cgroup_layout();
  if (!layout) GTEST_SKIP() << layout.error().text();
  EXPECT_FALSE(layout->mounts.empty());
  EXPECT_TRUE(!layout->is_v2 || layout->mounts.size() == 1U);
  for (const auto& mount : layout->mounts) EXPECT_TRUE(fs::is_directory(mount)) << mount;
}

TEST(Cgroups, of_one_name_in_two_caches_are_two)
{
  const Places mine{"matrix", "/home/a/.cache/coroner/lab", {}, {}};
  const Places other{"matrix", "/home/b/.cache/coroner/lab", {}, {}};
  EXPECT_THAT(mine.cgroup("nixos"), testing::MatchesRegex("coroner-nixos-[0-9a-f]{4}"));
  EXPECT_NE(mine.cgroup("nixos"), other.cgroup("nixos"));
}

}  // namespace
}  // namespace coroner::lab
