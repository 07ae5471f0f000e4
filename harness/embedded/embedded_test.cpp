// SPDX-License-Identifier: Apache-2.0
#include "harness/embedded/embedded.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "harness/base/files.h"

namespace coroner::embedded {
namespace {

namespace fs = std::filesystem;

TEST(Embedded, every_cause_and_every_fix_of_the_tree_is_there_byte_for_byte)
{
  std::size_t compared = 0;
  for (const std::string folder : {"graveyard", "graveyard/fixes"})
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".yaml") continue;
      const auto path = folder + "/" + entry.path().filename().string();
      const auto held = file(path);
      ASSERT_TRUE(held) << path;
      EXPECT_EQ(std::string(*held), base::read_file(entry.path()).value()) << path;
      ++compared;
    }
  EXPECT_GE(compared, 9U);
}

TEST(Embedded, what_the_tree_no_longer_holds_is_gone)
{
  for (const std::string folder : {"graveyard", "manifests", "matrix"})
    for (const auto path : files_below(folder)) EXPECT_TRUE(fs::exists(path)) << path;
}

TEST(Embedded, paths_come_sorted_and_only_from_below_the_folder)
{
  const auto graveyard = files_below("graveyard");
  EXPECT_TRUE(std::is_sorted(graveyard.begin(), graveyard.end()));
  EXPECT_THAT(graveyard, testing::Contains("graveyard/GY005-nvml-lib-not-on-search-path.yaml"));
  EXPECT_THAT(graveyard, testing::Contains("graveyard/fixes/GY005-nixos.yaml"));
  EXPECT_THAT(graveyard, testing::Each(testing::StartsWith("graveyard/")));
  EXPECT_LT(files_below("graveyard/fixes").size(), graveyard.size());
  EXPECT_THAT(files_below("grave"), testing::IsEmpty());
  EXPECT_THAT(files_below(""), testing::IsEmpty());
}

TEST(Embedded, an_unknown_path_is_nothing)
{
  for (const auto* path : {"", "graveyard", "graveyard/", "graveyard/GY005", "zzz", "../README.md"})
    EXPECT_FALSE(file(path)) << path;
}

TEST(Embedded, a_program_for_pods_is_there_for_this_architecture)
{
  const auto programs = files_below("payload");
  ASSERT_FALSE(programs.empty());
#if defined(__x86_64__)
  const auto own = file("payload/coroner-payload-amd64");
#else
  const auto own = file("payload/coroner-payload-arm64");
#endif
  ASSERT_TRUE(own);
  EXPECT_TRUE(
      own->starts_with("\x7f"
                       "ELF"));
  for (const auto program : programs) EXPECT_GT(file(program)->size(), 10'000U) << program;
}

}  // namespace
}  // namespace coroner::embedded
