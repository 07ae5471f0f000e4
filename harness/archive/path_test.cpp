// SPDX-License-Identifier: Apache-2.0
// Names of entries: what is made normal, and what is refused.
#include "harness/archive/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coroner::archive {
namespace {

std::string outcome(std::string_view name)
{
  const auto path = normal_path(name);
  return path ? "=" + *path : path.error().what;
}

TEST(NormalPath, dots_and_repeated_separators_go)
{
  EXPECT_EQ(outcome("a/b"), "=a/b");
  EXPECT_EQ(outcome("./a//b/./c/"), "=a/b/c");
  EXPECT_EQ(outcome("./"), "=");
  EXPECT_EQ(outcome("..a/b.."), "=..a/b..");
  EXPECT_EQ(outcome("ä/\xff"), "=ä/\xff");
}

TEST(NormalPath, what_could_leave_the_folder_is_refused)
{
  EXPECT_THAT(outcome("/etc/passwd"), testing::HasSubstr("absolute"));
  EXPECT_THAT(outcome("//etc"), testing::HasSubstr("absolute"));
  for (const auto* name : {"..", "../a", "a/..", "a/../../b", "./.."})
    EXPECT_THAT(outcome(name), testing::HasSubstr("'..'")) << name;
  EXPECT_THAT(outcome(std::string_view("a\0b", 3)), testing::HasSubstr("NUL"));
  EXPECT_THAT(outcome(""), testing::HasSubstr("no name"));
  EXPECT_THAT(outcome(std::string(longest_path_bytes + 1, 'a')), testing::HasSubstr("longer"));
}

TEST(NormalPath, a_message_cannot_drive_the_terminal)
{
  EXPECT_EQ(outcome("/\x1b[2J").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace coroner::archive
