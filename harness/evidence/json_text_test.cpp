// SPDX-License-Identifier: Apache-2.0
// Lines of JSON values, and bounds of what is read.
#include "harness/evidence/json_text.h"

#include <gtest/gtest.h>

#include "harness/base/text.h"

namespace coroner::evidence {
namespace {

using nlohmann::json;

TEST(JsonText, a_part_stands_on_the_line_that_is_named)
{
  const json value = {{"empty", json::object()},
                      {"list", {1, {{"a/b", "x"}}, json::array()}},
                      {"zone", {{"inner", {{"deep~", 3}}}}}};
  const auto lines = base::split(pretty_json(value), '\n');
  const auto line = [&](std::string_view pointer) {
    return lines.at(static_cast<std::size_t>(line_of(value, pointer)) - 1);
  };
  EXPECT_EQ(line(""), "{");
  EXPECT_EQ(line("/empty"), " \"empty\": {},");
  EXPECT_EQ(line("/list/1/a~1b"), "   \"a/b\": \"x\"");
  EXPECT_EQ(line("/list/2"), "  []");
  EXPECT_EQ(line("/zone/inner/deep~0"), "   \"deep~\": 3");
  EXPECT_EQ(line_of(value, "/zone/nothing"), 0);
  EXPECT_EQ(line_of(value, "zone"), 0);
}

TEST(JsonText, deep_nesting_and_broken_text_are_refused)
{
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  EXPECT_FALSE(parse_json("{\"a\":"));
  EXPECT_FALSE(parse_json(""));
  EXPECT_TRUE(parse_json(R"("[[[[ in a string \" ]]]")"));
}

TEST(JsonText, bytes_that_are_no_text_do_not_stop_writing)
{
  EXPECT_EQ(dump_json("a\xff"), R"("a\ufffd")");
}

TEST(JsonText, what_is_written_is_ascii_so_that_it_drives_no_terminal)
{
  EXPECT_EQ(dump_json("\u009b31m\u202e\x1b"), R"("\u009b31m\u202e\u001b")");
  EXPECT_EQ(pretty_json({{"ü", "\u2028"}}), "{\n \"\\u00fc\": \"\\u2028\"\n}\n");
  EXPECT_EQ(parse_json(dump_json("ü\u202e")).value(), "ü\u202e");
}

}  // namespace
}  // namespace coroner::evidence
