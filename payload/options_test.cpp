// SPDX-License-Identifier: Apache-2.0
#include "payload/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coroner::payload {
namespace {

using testing::HasSubstr;

TEST(Options, everything_that_can_be_asked_is_read)
{
  const auto parsed = parse_options({"vectoradd", "--all", "--nonce", "DeadBeef", "--timeout", "5",
                                     "--elements", "268435456", "--device", "63"});
  ASSERT_TRUE(parsed.options) << parsed.problem;
  EXPECT_EQ(parsed.options->command, Command::vectoradd);
  EXPECT_EQ(parsed.options->nonce, "DeadBeef");
  EXPECT_EQ(parsed.options->timeout_s, 5U);
  EXPECT_EQ(parsed.options->elements, 268435456U);
  EXPECT_EQ(parsed.options->device, 63U);
  EXPECT_TRUE(parsed.options->all_devices);
}

TEST(Options, a_second_command_may_follow_the_first)
{
  const auto parsed = parse_options({"inspect", "--then", "nvml", "--nonce", "01234567"});
  ASSERT_TRUE(parsed.options) << parsed.problem;
  EXPECT_EQ(parsed.options->command, Command::inspect);
  EXPECT_EQ(parsed.options->then, Command::nvml);
}

TEST(Options, version_and_help_need_no_nonce)
{
  EXPECT_EQ(parse_options({"--version"}).options->command, Command::version);
  EXPECT_EQ(parse_options({"--help"}).options->command, Command::help);
}

struct Wrong {
  std::vector<std::string_view> words;
  const char* problem;
};

TEST(Options, each_wrong_word_is_named)
{
  const Wrong rows[] = {
      {{}, "sub-command is missing"},
      {{"dance"}, "'dance'"},
      {{"inspect"}, "--nonce is missing"},
      {{"inspect", "--nonce"}, "--nonce needs 8 to 64"},
      {{"inspect", "--nonce", "0123456"}, "--nonce needs"},
      {{"inspect", "--nonce", "0123456g"}, "--nonce needs"},
      {{"inspect", "--nonce", "01234567", "--elements", "5"}, "inspect has no option '--elements'"},
      {{"smi", "--nonce", "01234567", "--all"}, "no option '--all'"},
      {{"nvml", "--nonce", "01234567", "--timeout", "0"}, "--timeout needs"},
      {{"nvml", "--nonce", "01234567", "--timeout", "3601"}, "--timeout needs"},
      {{"nvml", "--nonce", "01234567", "--timeout", "1s"}, "--timeout needs"},
      {{"vectoradd", "--nonce", "01234567", "--elements", "0"}, "--elements needs"},
      {{"vectoradd", "--nonce", "01234567", "--elements", "268435457"}, "--elements needs"},
      {{"vectoradd", "--nonce", "01234567", "--device", "64"}, "--device needs"},
      {{"vectoradd", "--nonce", "01234567", "extra"}, "'extra'"},
      {{"inspect", "--nonce", "01234567", "--then", "dance"}, "--then needs a sub-command"},
      {{"inspect", "--nonce", "01234567", "--then", "--help"}, "--then needs a sub-command"},
  };
  for (const Wrong& row : rows) {
    const auto parsed = parse_options(row.words);
    EXPECT_FALSE(parsed.options) << row.problem;
    EXPECT_THAT(parsed.problem, HasSubstr(row.problem));
  }
  EXPECT_FALSE(parse_options({"smi", "--nonce", std::string(65, '0')}).options);
}

}  // namespace
}  // namespace coroner::payload
