// SPDX-License-Identifier: Apache-2.0
// What a person reads: approved outputs, bounds, and text that must not act.
#include "harness/report/console.h"

#include <gtest/gtest.h>

#include "harness/report/excerpt.h"
#include "harness/report/samples/samples.h"
#include "harness/report/text.h"
#include "harness/report/view.h"
#include "harness/testing/golden.h"

namespace coroner::report {
namespace {

constexpr Style plain_style{.has_colour = false, .has_unicode = true, .columns = 100};

void expect_golden(const char* file, const std::string& text)
{
  const auto same = testing::check_golden(file, text);
  EXPECT_TRUE(same) << same.error().text();
}

TEST(Console, a_healthy_run_is_as_approved)
{
  expect_golden("reports/approved/healthy.console.txt", console(samples::healthy(), plain_style));
}

TEST(Console, a_broken_run_names_cause_evidence_and_fix_as_approved)
{
  expect_golden("reports/approved/nvml-missing.console.txt",
                console(samples::nvml_missing(), plain_style));
}

TEST(Console, a_mixed_run_in_colour_is_as_approved)
{
  auto style = plain_style;
  style.has_colour = true;
  expect_golden("reports/approved/mixed.console.ansi", console(samples::mixed(), style));
}

TEST(Console, without_utf8_every_byte_is_ascii)
{
  for (const auto& record : {samples::healthy(), samples::mixed(), samples::hostile()})
    for (const auto& line : lines_of(console(record, {})))
      for (const unsigned char byte : line) ASSERT_TRUE(byte >= 0x20 && byte < 0x7f) << line;
}

TEST(Console, verdict_line_stands_first_and_last_in_the_summary)
{
  for (const auto& record : {samples::healthy(), samples::mixed(), samples::hostile()}) {
    const auto lines = lines_of(summary(record, plain_style));
    EXPECT_EQ(lines.front(), lines.back());
    EXPECT_EQ(lines.front(), shown_line(verdict_line(record)));
  }
}

TEST(Console, a_replay_is_marked_in_the_first_and_the_last_line)
{
  const auto lines = lines_of(console(samples::mixed(), plain_style));
  EXPECT_NE(lines.front().find("REPLAY"), std::string::npos);
  EXPECT_NE(lines.back().find("REPLAY"), std::string::npos);
  EXPECT_NE(lines.back().find("INCOMPLETE"), std::string::npos);
  EXPECT_NE(lines.back().find("SIMULATED"), std::string::npos);
}

TEST(Console, hostile_text_neither_drives_the_terminal_nor_the_runner)
{
  auto style = plain_style;
  for (const bool has_colour : {false, true}) {
    style.has_colour = has_colour;
    for (const auto& line : lines_of(console(samples::hostile(), style))) {
      const auto begin = line.find_first_not_of(" \t");
      EXPECT_FALSE(begin != std::string::npos && line.compare(begin, 2, "::") == 0) << line;
      EXPECT_EQ(line.find("##["), std::string::npos) << line;
      EXPECT_EQ(line, has_colour ? line : shown(line));
    }
  }
}

TEST(Short, has_at_most_20_lines_of_80_columns_in_ascii)
{
  for (const auto& record : {samples::healthy(), samples::nvml_missing(), samples::mixed(),
                             samples::hostile(), samples::large(40, 100)}) {
    const auto text = short_text(record);
    const auto lines = lines_of(text);
    EXPECT_LE(lines.size(), 20U);
    for (const auto& line : lines) EXPECT_LE(line.size(), 80U) << line;
    for (const unsigned char byte : text)
      ASSERT_TRUE(byte == '\n' || (byte >= 0x20 && byte < 0x7f)) << int{byte};
  }
}

TEST(Short, is_as_approved)
{
  expect_golden("reports/approved/nvml-missing.short.txt", short_text(samples::nvml_missing()));
  expect_golden("reports/approved/mixed.short.txt", short_text(samples::mixed()));
}

TEST(Style, follows_no_color_dumb_terminals_and_the_locale)
{
  Terminal terminal{.is_terminal = true, .environment = {{"TERM", "xterm"}, {"LANG", "C.UTF-8"}}};
  EXPECT_TRUE(style_for(terminal).has_colour);
  EXPECT_TRUE(style_for(terminal).has_unicode);
  terminal.environment["NO_COLOR"] = "";
  EXPECT_TRUE(style_for(terminal).has_colour);
  terminal.environment["NO_COLOR"] = "1";
  EXPECT_FALSE(style_for(terminal).has_colour);
  terminal.colour = ColourMode::always;
  EXPECT_TRUE(style_for(terminal).has_colour);
  terminal = {.is_terminal = true,
              .environment = {{"TERM", "dumb"}, {"LC_ALL", "C"}, {"LANG", "C.UTF-8"}}};
  EXPECT_FALSE(style_for(terminal).has_colour);
  EXPECT_FALSE(style_for(terminal).has_unicode);
  terminal = {.environment = {{"FORCE_COLOR", "1"}}};
  EXPECT_TRUE(style_for(terminal).has_colour);
  terminal.environment["FORCE_COLOR"] = "0";
  EXPECT_FALSE(style_for(terminal).has_colour);
  terminal = {.wants_ascii = true, .environment = {{"LANG", "de_DE.utf8"}}};
  EXPECT_FALSE(style_for(terminal).has_unicode);
}

TEST(Excerpt, keeps_the_match_whatever_the_place)
{
  record::Evidence evidence{.text = std::string(5'000, 'a') + "XYZ" + std::string(5'000, 'b'),
                            .column = 5'001,
                            .length = 3};
  const auto parts = excerpt_of(evidence, 40);
  EXPECT_EQ(parts.match, "XYZ");
  EXPECT_LE(parts.before.size() + parts.match.size() + parts.after.size(), 46U);
  evidence.column = 2'000'000'000;
  EXPECT_EQ(excerpt_of(evidence, 40).match, "");
  evidence = {.text = "äöü", .column = 2, .length = 2};
  EXPECT_EQ(excerpt_of(evidence, 40).before, "");
  EXPECT_EQ(excerpt_of(evidence, 40).match, "ä");
  evidence = {.text = "whole"};
  EXPECT_EQ(excerpt_of(evidence, 40).match, "whole");
}

TEST(Annotations, are_at_most_ten_and_escape_what_the_runner_would_read)
{
  EXPECT_EQ(annotations(samples::mixed(), Ci::none), "");
  const auto lines = lines_of(annotations(samples::hostile(), Ci::github));
  ASSERT_FALSE(lines.empty());
  for (const auto& line : lines) EXPECT_TRUE(line.starts_with("::error title=")) << line;
  auto many = samples::large(40, 100);
  for (auto& result : many.results) result.cause.clear();
  EXPECT_EQ(lines_of(annotations(many, Ci::github)).size(), 10U);
}

TEST(Ci, is_known_by_its_variables)
{
  EXPECT_EQ(ci_of({{"CI", "true"}, {"GITHUB_ACTIONS", "true"}}), Ci::github);
  EXPECT_EQ(ci_of({{"CI", "true"}, {"GITLAB_CI", "true"}}), Ci::gitlab);
  EXPECT_EQ(ci_of({{"JENKINS_URL", "http://j"}}), Ci::jenkins);
  EXPECT_EQ(ci_of({{"CI", "1"}}), Ci::other);
  EXPECT_EQ(ci_of({{"CI", "false"}}), Ci::none);
  EXPECT_EQ(section_begin(Ci::github, "nixos\n::error::x", 7), "::group::nixos%0A::error::x\n");
  EXPECT_EQ(section_begin(Ci::other, "nixos", 7), "");
}

TEST(CheckLine, has_the_shape_that_logs_are_searched_for)
{
  const auto record = samples::healthy();
  EXPECT_EQ(check_line(12, 240, "nixos", *record.find("smoke/nvidia_smi", "nixos-1"), {}),
            "[ 12/240] + PASS    nixos/nixos-1 smoke/nvidia_smi  1.4s\n");
}

TEST(View, commands_for_a_shell_cannot_be_broken_out_of)
{
  const record::CaseResult result{.case_id = "a/b", .node = "x; rm -rf ~ '"};
  EXPECT_EQ(reproduce_line(result), R"(coroner probe --focus '^a/b$' --nodes 'x; rm -rf ~ '\''')");
}

}  // namespace
}  // namespace coroner::report
