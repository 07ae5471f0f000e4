// SPDX-License-Identifier: Apache-2.0
// Every byte of other people's text, made harmless for each kind of reader.
#include "harness/report/text.h"

#include <random>

#include <gtest/gtest.h>

#include "harness/base/command.h"
#include "harness/report/samples/samples.h"

namespace coroner::report {
namespace {

/// Whether every code point of `text` is well formed and allowed in XML 1.0, controls left out.
bool is_fit_for_xml(std::string_view text)
{
  for (std::size_t at = 0; at < text.size();) {
    const auto point = code_point_at(text, at);
    if (!point.is_valid) return false;
    const auto c = point.value;
    const bool is_fit = c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7f) || c > 0x9f;
    if (!is_fit || c == 0xfffe || c == 0xffff) return false;
    at += point.length;
  }
  return true;
}

std::string utf8(char32_t c)
{
  std::string text;
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80U | ((c >> shift) & 0x3fU));
  };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xc0U | (c >> 6U));
    tail(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xe0U | (c >> 12U));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0U | (c >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
  return text;
}

TEST(Clean, every_code_point_becomes_fit_for_xml_and_none_vanishes)
{
  for (char32_t c = 0; c <= 0x10ffff; c += c < 0x11000 ? 1 : 97) {
    const auto safe = clean("a" + utf8(c) + "b");
    ASSERT_TRUE(is_fit_for_xml(safe)) << static_cast<unsigned>(c);
    ASSERT_GE(columns(safe), 3U) << static_cast<unsigned>(c);
  }
}

TEST(Clean, text_that_is_harmless_stays_as_it_is)
{
  const std::string text = "Grüße, 你好 🎉\n\ttab × “quoted” <b>&amp;";
  EXPECT_EQ(clean(text), text);
}

TEST(Clean, terminal_sequences_go_and_what_only_looks_like_one_is_shown)
{
  EXPECT_EQ(clean("\x1b[1;31mred\x1b[0m"), "red");
  EXPECT_EQ(clean("\x1b]0;title\a|\x1b]8;;http://x\x1b\\link"), "|link");
  EXPECT_EQ(clean("\x1b[31"), "\\x1b[31");
  EXPECT_EQ(clean("\x1b]0;never ended\nnext"), "\\x1b]0;never ended\nnext");
  EXPECT_EQ(clean("\x1b"), "\\x1b");
  EXPECT_EQ(clean("a\r\nb\rc"), "a\nb\\x0dc");
  EXPECT_EQ(clean("\xff\xc0\x80\xed\xa0\x80"), "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd");
  EXPECT_EQ(clean("\u202eabc\u2028"), "\\u202eabc\\u2028");
}

TEST(Clean, random_bytes_become_fit_for_xml)
{
  std::mt19937 random(3);
  std::uniform_int_distribution<int> bytes(0, 255);
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += static_cast<char>(bytes(random));
    ASSERT_TRUE(is_fit_for_xml(clean(text)));
    ASSERT_TRUE(is_fit_for_xml(clean_line(text, 20)));
    ASSERT_EQ(html(text).find_first_of("<>\"'"), std::string::npos);
  }
}

TEST(Shown, nothing_drives_a_terminal_or_a_workflow_runner)
{
  for (const auto payload : samples::payloads()) {
    const auto safe = shown(payload);
    EXPECT_EQ(safe.find("##["), std::string::npos) << safe;
    for (const auto& line : lines_of(safe)) {
      const auto begin = line.find_first_not_of(" \t");
      EXPECT_FALSE(begin != std::string::npos && line.compare(begin, 2, "::") == 0) << line;
      for (const unsigned char byte : line) ASSERT_TRUE(byte >= 0x20 || byte == '\t') << safe;
    }
  }
  EXPECT_EQ(shown("std::string ::error"), "std::string ::error");
  EXPECT_EQ(shown(" ::error::x"), " \\x3a:error::x");
  EXPECT_EQ(shown("a ##vso[task.setvariable] ###[b] ## heading [c]"),
            "a #\\x23vso[task.setvariable] ##\\x23[b] ## heading [c]");
  EXPECT_EQ(markdown_block("##teamcity[x]").find("##"), std::string::npos);
}

TEST(Line, is_cut_between_code_points_and_says_so)
{
  EXPECT_EQ(clean_line("äöüäöü", 6), "äöüäöü");
  EXPECT_EQ(clean_line("äöüäöüß", 6), "äöü...");
  EXPECT_EQ(shown_line("a\nb\tc", 10), "a b c");
  EXPECT_EQ(clipped("äöü", 3), "ä... (4 bytes more)");
  EXPECT_EQ(clipped("abc", 3), "abc");
}

TEST(Markdown, no_payload_keeps_a_character_that_means_something)
{
  for (const auto payload : samples::payloads()) {
    const auto safe = markdown(payload);
    EXPECT_EQ(safe.find_first_of("<>"), std::string::npos) << safe;
    EXPECT_EQ(safe.find("://"), std::string::npos) << safe;
    EXPECT_EQ(safe.find("::"), std::string::npos) << safe;
    EXPECT_EQ(safe.find("##["), std::string::npos) << safe;
    EXPECT_EQ(safe.find("@e"), std::string::npos) << safe;
    for (std::size_t at = 0; at < safe.size(); ++at) {
      const bool is_special = std::string_view("`*_[]|!").find(safe[at]) != std::string_view::npos;
      EXPECT_TRUE(!is_special || (at > 0 && safe[at - 1] == '\\')) << safe;
    }
  }
}

TEST(MarkdownBlock, cannot_be_closed_from_inside)
{
  const auto block = markdown_block("a\n```\n````\n<b>\n::error::x");
  EXPECT_TRUE(block.starts_with("`````text\n")) << block;
  EXPECT_TRUE(block.ends_with("`````\n")) << block;
  EXPECT_EQ(block.find("\n::"), std::string::npos);
}

TEST(ShellWord, reaches_a_command_as_it_was)
{
  std::string script = "printf '%s\\001'";
  std::string wanted;
  for (const auto payload : samples::payloads()) {
    if (payload.find('\0') != std::string_view::npos) continue;
    script += " " + shell_word(payload);
    wanted += std::string(payload) + '\001';
  }
  const auto said = base::output_of({.arguments = {"/bin/sh", "-c", script}},
                                    base::Deadline::in(std::chrono::seconds{20}));
  ASSERT_TRUE(said) << said.error().text();
  EXPECT_EQ(*said, wanted);
  EXPECT_EQ(shell_word("nixos-1"), "nixos-1");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace coroner::report
