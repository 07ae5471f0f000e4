// SPDX-License-Identifier: Apache-2.0
#include "payload/text.h"

#include <cerrno>
#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coroner::payload {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, splitting_keeps_empty_parts)
{
  EXPECT_THAT(split("", ':'), IsEmpty());
  EXPECT_THAT(split("a", ':'), ElementsAre("a"));
  EXPECT_THAT(split(":a::b:", ':'), ElementsAre("", "a", "", "b", ""));
}

TEST(Text, words_are_what_stands_between_blanks)
{
  EXPECT_THAT(words(" \t "), IsEmpty());
  EXPECT_THAT(words("  a\tbc  d "), ElementsAre("a", "bc", "d"));
}

TEST(Text, a_number_fills_the_whole_text)
{
  EXPECT_EQ(number_of<unsigned>("12"), 12U);
  EXPECT_EQ(number_of<unsigned>("10de", 16), 0x10DEU);
  EXPECT_EQ(number_of<int>("-3"), -3);
  for (const char* text : {"", " 1", "1 ", "-1", "+1", "4294967296", "0x1"}) {
    EXPECT_FALSE(number_of<unsigned>(text)) << text;
  }
}

TEST(Text, hexadecimal_has_the_digits_asked_for)
{
  EXPECT_EQ(hexadecimal(0, 4), "0000");
  EXPECT_EQ(hexadecimal(0xABCDEF, 8), "00abcdef");
  EXPECT_EQ(hexadecimal(UINT64_MAX, 16), "ffffffffffffffff");
}

TEST(Text, errors_have_the_names_that_people_know)
{
  EXPECT_EQ(error_name(EPERM), "EPERM");
  EXPECT_EQ(error_name(ENXIO), "ENXIO");
  EXPECT_EQ(error_name(4000), "errno 4000");
}

TEST(Text, trimming_takes_line_ends_too)
{
  EXPECT_EQ(trimmed("\n a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
}

}  // namespace
}  // namespace coroner::payload
