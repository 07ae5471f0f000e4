// SPDX-License-Identifier: Apache-2.0
// The same evidence gives the same verdicts and findings from the file and through the twin, and
// they are those that were seen live on real hardware.
#include <map>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/record/json.h"

namespace coroner {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Recorded {
  const char* file;
  const char* cause;  ///< First finding; "" for a healthy run.
  int exit_code;
  std::size_t pass;
  std::size_t blocked;
};

void PrintTo(const Recorded& recorded, std::ostream* out)
{
  *out << recorded.file;
}

base::Finished run(std::vector<std::string> words)
{
  words.insert(words.begin(), CORONER_PROGRAM);
  auto ended = base::run({.arguments = words}, base::Deadline::in(std::chrono::seconds(60)));
  EXPECT_TRUE(ended) << ended.error().text();
  return ended.value_or(base::Finished{.exit_code = -1});
}

/// Case and node -> verdict and cause.
std::map<std::string, std::string> judged(const record::Record& record)
{
  std::map<std::string, std::string> all;
  for (const auto& result : record.results)
    all[result.case_id + " on " + result.node] =
        std::string(record::word(result.verdict())) + " " + result.cause;
  return all;
}

std::vector<std::string> causes(const record::Record& record)
{
  std::vector<std::string> all;
  for (const auto& finding : record.findings)
    all.push_back(fmt::format("{} {:.2f} {} [{}] [{}]", finding.cause, finding.confidence,
                              finding.evidence.empty() ? "" : finding.evidence[0].text,
                              fmt::join(finding.explains, " "), fmt::join(finding.blocked, " ")));
  return all;
}

class RecordedRun : public testing::TestWithParam<Recorded> {
 protected:
  static std::string file() { return std::string(CORONER_RECORDED) + "/" + GetParam().file; }

  record::Record read_again() const
  {
    const auto shown = run({"report", file(), "--output", "json"});
    auto record = record::parse_record(shown.output);
    EXPECT_TRUE(record) << shown.errors;
    return record.value_or(record::Record{});
  }

  base::Finished replay(record::Record& record)
  {
    const auto place = folder_.path() / "replay";
    auto ended = run({"probe", "--replay", file(), "--report-dir", place.string()});
    auto read = base::read_file(place / "report.json");
    EXPECT_TRUE(read) << ended.errors;
    if (read) record = record::parse_record(*read).value_or(record::Record{});
    return ended;
  }

 private:
  base::ScopedDirectory folder_ =
      *base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "recorded-");
};

INSTANTIATE_TEST_SUITE_P(H200, RecordedRun,
                         testing::Values(Recorded{"h200-nixos-healthy.tar.zst", "", 0, 27, 0},
                                         Recorded{"h200-nixos-gy003.tar.zst", "GY003", 1, 18, 3},
                                         Recorded{"h200-nixos-gy005.tar.zst", "GY005", 1, 19, 3},
                                         Recorded{"h200-nixos-gy006.tar.zst", "GY006", 1, 19, 3}));

TEST_P(RecordedRun, has_the_verdicts_and_the_cause_that_were_seen_live)
{
  const auto record = read_again();
  const auto counts = record::count(record);
  EXPECT_EQ(counts.of(record::Verdict::pass), GetParam().pass);
  EXPECT_EQ(counts.of(record::Verdict::blocked), GetParam().blocked);
  EXPECT_EQ(counts.of(record::Verdict::broken), 0U);
  EXPECT_FALSE(record.is_simulated()) << "this was real hardware";
  if (std::string_view(GetParam().cause).empty()) {
    EXPECT_THAT(record.findings, IsEmpty());
    return;
  }
  ASSERT_FALSE(record.findings.empty());
  EXPECT_EQ(record.findings[0].cause, GetParam().cause);
  ASSERT_FALSE(record.findings[0].evidence.empty());
  EXPECT_GT(record.findings[0].evidence[0].line, 0);
}

TEST_P(RecordedRun, is_judged_alike_from_the_file_and_through_the_twin)
{
  record::Record replayed;
  const auto ended = replay(replayed);
  EXPECT_EQ(ended.exit_code, GetParam().exit_code) << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("REPLAY"));
  const auto again = read_again();
  EXPECT_FALSE(again.results.empty());
  EXPECT_EQ(judged(replayed), judged(again));
  EXPECT_EQ(causes(replayed), causes(again));
  EXPECT_TRUE(replayed.is_replay());
  EXPECT_THAT(replayed.leftovers, IsEmpty());
}

TEST(Demonstration, is_shown_only_where_no_cluster_is_configured_and_never_passes)
{
  auto folder = base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "no-cluster-");
  ASSERT_TRUE(folder);
  const auto home = folder->path().string();
  base::Command command{.arguments = {CORONER_PROGRAM, "probe", "--report-dir", home + "/report"},
                        .environment = {{"HOME", home}, {"PATH", "/usr/bin:/bin"}},
                        .inherits_environment = false};
  const auto shown = base::run(command, base::Deadline::in(std::chrono::seconds(60)));
  ASSERT_TRUE(shown);
  EXPECT_NE(shown->exit_code, 0);
  EXPECT_THAT(shown->errors, HasSubstr("DEMONSTRATION"));
  EXPECT_THAT(shown->errors, HasSubstr("GY005"));
  command.environment["CI"] = "true";
  command.arguments.back() = home + "/report-ci";
  const auto in_ci = base::run(command, base::Deadline::in(std::chrono::seconds(60)));
  ASSERT_TRUE(in_ci);
  EXPECT_EQ(in_ci->exit_code, 3) << "in CI a cluster that is missing is no demonstration";
  command.environment["KUBECONFIG"] = home + "/missing";
  command.environment.erase("CI");
  const auto wrong = base::run(command, base::Deadline::in(std::chrono::seconds(60)));
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->exit_code, 3) << "a wrong kubeconfig is no missing cluster";
  EXPECT_THAT(wrong->errors, testing::Not(HasSubstr("REPLAY")));
}

}  // namespace
}  // namespace coroner
