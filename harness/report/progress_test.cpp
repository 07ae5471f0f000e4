// SPDX-License-Identifier: Apache-2.0
// A run as it is seen while it goes on, on a terminal and in a log.
#include "harness/report/progress.h"

#include <gtest/gtest.h>

#include "harness/report/samples/samples.h"

namespace coroner::report {
namespace {

using namespace std::chrono_literals;

constexpr ProgressText::Instant start{};

CheckEnded ended(record::Verdict verdict)
{
  CheckEnded progress{.cell = "nixos", .result = {.case_id = "smoke/nvidia_smi", .node = "n1"}};
  progress.result.attempts.push_back({.verdict = verdict, .took = 1800ms});
  return progress;
}

TEST(Progress, a_log_gets_one_line_per_check_and_no_control_character)
{
  ProgressText progress({}, false, start);
  EXPECT_EQ(progress.text(PhaseBegun{"nixos", "smoke"}, start), "nixos: smoke\n");
  EXPECT_EQ(progress.text(Planned{"nixos", 12}, start), "");
  EXPECT_EQ(progress.text(CheckBegun{"nixos", "smoke/nvidia_smi", "n1"}, start), "");
  EXPECT_EQ(progress.text(ended(record::Verdict::pass), start + 2s),
            "[ 1/12] + PASS    nixos/n1 smoke/nvidia_smi  1.8s\n");
  EXPECT_EQ(progress.finish(), "");
}

TEST(Progress, silence_is_broken_after_thirty_seconds_and_again_after_thirty_more)
{
  ProgressText progress({}, false, start);
  progress.text(PhaseBegun{"nixos", "smoke"}, start);
  progress.text(CheckBegun{"nixos", "smoke/nvidia_smi", "n1"}, start + 1s);
  EXPECT_EQ(progress.text(Tick{}, start + 29s), "");
  const auto beat = progress.text(Tick{}, start + 30s);
  EXPECT_EQ(beat, "still here after 30.0s: nixos: smoke  0/0  now smoke/nvidia_smi on n1\n");
  EXPECT_EQ(progress.text(Tick{}, start + 31s), "");
  EXPECT_NE(progress.text(Tick{}, start + 60s), "");
}

TEST(Progress, a_check_is_called_slow_once)
{
  ProgressText progress({}, false, start);
  progress.text(CheckBegun{"nixos", "smoke/nvidia_smi", "n1"}, start);
  progress.text(Tick{}, start + 59s);
  EXPECT_EQ(progress.text(Tick{}, start + 60s),
            "SLOW nixos: smoke/nvidia_smi on n1 has been running for 1m00s\n");
  EXPECT_EQ(progress.text(Tick{}, start + 61s), "");
}

TEST(Progress, rows_are_redrawn_at_most_ten_times_a_second_and_taken_away_at_the_end)
{
  ProgressText progress({}, true, start);
  EXPECT_NE(progress.text(PhaseBegun{"nixos", "smoke"}, start), "");
  EXPECT_EQ(progress.text(Tick{}, start + 50ms), "");
  const auto drawn = progress.text(Tick{}, start + 100ms);
  EXPECT_TRUE(drawn.starts_with("\x1b[1A\r\x1b[J")) << drawn;
  EXPECT_EQ(progress.text(ended(record::Verdict::pass), start + 120ms), "");
  const auto failed = progress.text(ended(record::Verdict::fail), start + 130ms);
  EXPECT_NE(failed.find("FAIL"), std::string::npos);
  EXPECT_EQ(progress.finish(), "\x1b[1A\r\x1b[J");
  EXPECT_EQ(progress.finish(), "");
}

TEST(Progress, status_shows_age_state_and_the_last_five_log_lines)
{
  ProgressText progress({}, false, start);
  progress.text(CheckBegun{"nixos", "smoke/nvidia_smi", "n1"}, start);
  progress.text(CheckNoted{"nixos",
                           "smoke/nvidia_smi",
                           "n1",
                           "pod Running",
                           {"one", "two", "three", "four", "five", "six"}},
                start + 1s);
  const auto status = progress.text(StatusAsked{}, start + 8s);
  EXPECT_NE(status.find("smoke/nvidia_smi on n1  8.0s  pod Running"), std::string::npos) << status;
  EXPECT_EQ(status.find("| one"), std::string::npos);
  EXPECT_NE(status.find("| six"), std::string::npos);
}

TEST(Progress, hostile_names_are_inert)
{
  for (const bool is_live : {false, true}) {
    ProgressText progress({}, is_live, start);
    std::string all;
    auto now = start;
    for (const auto payload : samples::payloads()) {
      const std::string text(payload);
      all += progress.text(PhaseBegun{text, text}, now);
      all += progress.text(CheckBegun{text, text, text}, now);
      all += progress.text(CheckNoted{text, text, text, text, {text}}, now);
      all += progress.text(StatusAsked{}, now += 1s);
    }
    for (auto at = all.find('\x1b'); at != std::string::npos; at = all.find('\x1b', at + 1))
      EXPECT_TRUE(all[at + 1] == '[' && is_live) << all.substr(at, 8);
    EXPECT_EQ(all.find("\n::"), std::string::npos);
    EXPECT_EQ(all.find("##["), std::string::npos);
  }
}

}  // namespace
}  // namespace coroner::report
