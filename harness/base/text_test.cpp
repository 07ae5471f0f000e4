// SPDX-License-Identifier: Apache-2.0
// Text helpers: nearest names and what a terminal may be shown.
#include "harness/base/text.h"

#include <gtest/gtest.h>

namespace coroner::base {
namespace {

TEST(Text, the_nearest_name_is_found_and_a_far_one_is_not)
{
  EXPECT_EQ(nearest("ubunut", {"nixos", "ubuntu"}), "ubuntu");
  EXPECT_EQ(nearest("GY0005", {"GY004", "GY005"}), "GY005");
  EXPECT_EQ(nearest("windows", {"nixos", "ubuntu"}), "");
}

TEST(Text, bytes_that_drive_a_terminal_are_made_visible)
{
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\\u202eb");
  EXPECT_EQ(printable("a\xff\xc0\xaf"), "a\\xff\\xc0\\xaf");
  EXPECT_EQ(printable("tab\tline\nümlaut €"), "tab\tline\nümlaut €");
}

TEST(Text, the_last_lines_are_whole_lines)
{
  EXPECT_EQ(last_lines("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(last_lines("a\nb", 5), "a\nb");
  EXPECT_EQ(last_lines("", 3), "");
}

TEST(Text, a_label_is_what_the_dns_takes)
{
  EXPECT_TRUE(is_label("nixos-2"));
  for (const char* bad : {"", "-a", "a-", "A", "a_b", "a/b", ".."})
    EXPECT_FALSE(is_label(bad)) << bad;
  EXPECT_FALSE(is_label(std::string(64, 'a')));
}

}  // namespace
}  // namespace coroner::base
