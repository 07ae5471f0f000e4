// SPDX-License-Identifier: Apache-2.0
// Sets of signatures: lines, spans, captures, and memory that runs out loudly.
#include "harness/graveyard/signature_set.h"

#include <random>

#include <gmock/gmock.h>

namespace coroner::graveyard {
namespace {

TEST(SignatureSet, a_hit_has_its_line_span_and_captures)
{
  const auto set = SignatureSet::make({"never", R"(wrong (?P<what>\w+))", "^end$"});
  ASSERT_TRUE(set) << set.error().text();
  const auto hits = set->scan("first\nsome wrong thing here\nend\nwrong again\n");
  ASSERT_TRUE(hits);
  ASSERT_EQ(hits->size(), 3U);
  EXPECT_EQ((*hits)[0].line, 2);
  EXPECT_EQ((*hits)[0].text, "some wrong thing here");
  EXPECT_EQ((*hits)[0].column, 6);
  EXPECT_EQ((*hits)[0].length, 11);
  EXPECT_EQ((*hits)[0].captures.at("what"), "thing");
  EXPECT_EQ((*hits)[1].line, 4);
  EXPECT_EQ((*hits)[2].signature, 2);
  EXPECT_EQ((*hits)[2].line, 3);
}

TEST(SignatureSet, lines_are_counted_over_pieces_of_a_long_text)
{
  const auto set = SignatureSet::make({"needle"});
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "a line of some ordinary log that goes on\n";
  text += "the needle\n";
  const auto hits = set->scan(text);
  ASSERT_EQ(hits->size(), 1U);
  EXPECT_EQ((*hits)[0].line, 60'001);
}

TEST(SignatureSet, memory_that_runs_out_is_an_error_and_never_no_match)
{
  std::vector<std::string> patterns;
  for (int i = 0; i < 64; ++i)
    patterns.push_back("(?i)a.{0,40}b" + std::to_string(i) + ".{0,40}c[a-z]{1,40}" +
                       std::to_string(i));
  constexpr std::int64_t little_bytes = 96 << 10;
  const auto set = SignatureSet::make(patterns, little_bytes);
  if (!set) {
    EXPECT_EQ(set.error().kind, base::ErrorKind::internal);
    return;
  }
  std::mt19937 random(5);
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "abc0123456789"[random() % 13];
  const auto hits = set->scan(text);
  ASSERT_FALSE(hits);
  EXPECT_THAT(hits.error().what, ::testing::HasSubstr("out of memory"));
}

TEST(SignatureSet, a_bad_pattern_is_named)
{
  const auto set = SignatureSet::make({"good", "bad ("});
  EXPECT_EQ(set.error().kind, base::ErrorKind::invalid);
  EXPECT_THAT(set.error().what, ::testing::HasSubstr("'bad ('"));
  EXPECT_TRUE(SignatureSet::make({})->scan("anything")->empty());
}

TEST(SignatureSet, random_text_never_crashes_and_lines_are_in_range)
{
  const auto set = SignatureSet::make({"a+", "^b", R"(c(?P<x>.)d)", "\\bno\\b"});
  std::mt19937 random(9);
  for (int round = 0; round < 500; ++round) {
    std::string text(random() % 300, '\0');
    for (auto& c : text)
      c = random() % 4 == 0 ? "abcdno\n"[random() % 7] : static_cast<char>(random());
    const auto hits = set->scan(text);
    ASSERT_TRUE(hits);
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    for (const auto& hit : *hits) {
      EXPECT_GE(hit.line, 1);
      EXPECT_LE(hit.line, lines);
      EXPECT_LE(static_cast<std::size_t>(hit.column - 1 + hit.length), hit.text.size());
    }
  }
}

}  // namespace
}  // namespace coroner::graveyard
