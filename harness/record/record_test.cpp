// SPDX-License-Identifier: Apache-2.0
// Counts, exit codes and verdicts of whole records.
#include "harness/record/record.h"

#include <gtest/gtest.h>

namespace coroner::record {
namespace {

Record with(const std::vector<Verdict>& verdicts)
{
  Record record;
  record.nodes.push_back({.name = "node-1"});
  for (const auto verdict : verdicts) {
    CaseResult result{.case_id = "a/b"};
    result.attempts.push_back({.verdict = verdict});
    record.results.push_back(result);
  }
  return record;
}

void make_flaky(Record& record)
{
  auto& attempts = record.results.front().attempts;
  attempts.insert(attempts.begin(), Attempt{.verdict = Verdict::fail});
}

TEST(Record, every_result_is_counted_once)
{
  std::vector<Verdict> all;
  for (const auto& [verdict, text] : Words<Verdict>::table) all.push_back(verdict);
  const auto counts = count(with(all));
  EXPECT_EQ(counts.total, all.size());
  for (const auto verdict : all) EXPECT_EQ(counts.of(verdict), 1U) << word(verdict);
}

TEST(Record, words_stand_at_the_place_of_their_value)
{
  for (std::size_t at = 0; at < Words<Verdict>::table.size(); ++at)
    EXPECT_EQ(static_cast<std::size_t>(Words<Verdict>::table.at(at).first), at);
}

TEST(Record, failed_then_passed_is_flaky_and_a_pass)
{
  auto record = with({Verdict::pass, Verdict::fail});
  make_flaky(record);
  EXPECT_TRUE(record.results[0].is_flaky());
  EXPECT_EQ(record.results[0].verdict(), Verdict::pass);
  EXPECT_FALSE(record.results[1].is_flaky());
  EXPECT_EQ(count(record).flaky, 1U);
}

TEST(Record, a_result_without_attempts_is_broken)
{
  const CaseResult result{.case_id = "a/b"};
  EXPECT_EQ(result.verdict(), Verdict::broken);
  EXPECT_EQ(result.reason(), "no attempt was recorded");
}

TEST(ExitCode, follows_the_verdicts)
{
  EXPECT_EQ(exit_code(with({Verdict::pass})), ExitCode::good);
  EXPECT_EQ(exit_code(with({Verdict::pass, Verdict::warn})), ExitCode::good);
  EXPECT_EQ(exit_code(with({Verdict::pass, Verdict::warn}), {.fail_on_warn = true}),
            ExitCode::failures);
  for (const auto bad : {Verdict::fail, Verdict::blocked, Verdict::stale_waiver, Verdict::broken})
    EXPECT_EQ(exit_code(with({Verdict::pass, bad})), ExitCode::failures) << word(bad);
  EXPECT_EQ(exit_code(with({Verdict::skip, Verdict::skip})), ExitCode::all_skipped);
  EXPECT_EQ(exit_code(with({Verdict::pass, Verdict::waived})), ExitCode::good);
}

TEST(ExitCode, nothing_is_never_good)
{
  EXPECT_EQ(exit_code(Record{}), ExitCode::no_cluster);
  EXPECT_EQ(exit_code(with({})), ExitCode::nothing_selected);
  EXPECT_EQ(verdict_word(with({})), "NOTHING");
}

TEST(ExitCode, a_demonstration_is_never_good)
{
  auto record = with({Verdict::pass});
  record.mode = Mode::demonstration;
  EXPECT_EQ(exit_code(record), ExitCode::no_cluster);
  EXPECT_EQ(verdict_word(record), "DEMONSTRATION");
  record.mode = Mode::replay;
  EXPECT_EQ(exit_code(record), ExitCode::good);
}

TEST(ExitCode, leftovers_and_flakes_have_codes_of_their_own)
{
  auto record = with({Verdict::pass});
  make_flaky(record);
  EXPECT_EQ(exit_code(record), ExitCode::good);
  EXPECT_EQ(exit_code(record, {.fail_on_flaky = true}), ExitCode::flaky);
  record.leftovers = {"Pod a/b"};
  EXPECT_EQ(exit_code(record), ExitCode::leftovers);
}

TEST(ExitCode, an_incomplete_run_says_how_it_ended)
{
  auto record = with({Verdict::pass});
  record.ending = Ending::deadline;
  EXPECT_EQ(exit_code(record), ExitCode::incomplete);
  record.ending = Ending::lost;
  EXPECT_EQ(exit_code(record), ExitCode::incomplete);
  record.ending = Ending::interrupted;
  EXPECT_EQ(exit_code(record, {.reports_failed = true}), ExitCode::interrupted);
  record.ending = Ending::terminated;
  EXPECT_EQ(exit_code(record), ExitCode::terminated);
}

TEST(ExitCode, unwritten_reports_count_more_than_failures_but_say_nothing_about_the_cluster)
{
  EXPECT_EQ(exit_code(with({Verdict::fail}), {.reports_failed = true}),
            ExitCode::reports_not_written);
  EXPECT_EQ(verdict_word(with({Verdict::fail}), {.reports_failed = true}), "FAIL");
}

TEST(ExitCode, a_certain_finding_fails_and_a_notice_or_a_guess_does_not)
{
  auto record = with({Verdict::pass});
  record.findings.push_back({.cause = "GY005", .confidence = 0.49});
  EXPECT_EQ(exit_code(record), ExitCode::good);
  record.findings[0].confidence = 0.5;
  EXPECT_EQ(exit_code(record), ExitCode::failures);
  record.findings[0].is_notice = true;
  EXPECT_EQ(exit_code(record), ExitCode::good);
}

TEST(Record, simulated_gpus_mark_the_whole_record)
{
  auto record = with({Verdict::pass});
  EXPECT_FALSE(record.is_simulated());
  record.nodes.push_back({.name = "node-2", .gpu_kind = cell::GpuKind::simulated});
  EXPECT_TRUE(record.is_simulated());
}

}  // namespace
}  // namespace coroner::record
