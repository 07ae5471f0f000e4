// SPDX-License-Identifier: Apache-2.0
// The real program over records that were written by hand.
#include "harness/conformance/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/record/json.h"

namespace coroner::conformance {
namespace {

using testing::HasSubstr;
using testing::Not;

record::Record sample()
{
  record::Record record{.run_id = "r1", .tool_version = "coroner"};
  record.nodes = {{.name = "one"}};
  const auto add = [&](const char* id, record::Verdict verdict, const char* reason,
                       const char* cause) {
    record.results.push_back({.case_id = id,
                              .node = "one",
                              .cause = cause,
                              .waiver = "",
                              .attempts = {{.verdict = verdict, .reason = reason}}});
  };
  add("plugin/ready", record::Verdict::fail, "it crashes", "GY005");
  add("smoke/cuda_vector_add", record::Verdict::blocked, "no GPU", "GY005");
  add("labels/nfd_master", record::Verdict::skip, "not deployed", "");
  add("prerequisites/node_ready", record::Verdict::pass, "", "");
  record.findings = {
      {.cause = "GY005",
       .name = "nvml-lib-not-on-search-path",
       .title = "The plugin cannot load NVML",
       .confidence = 0.92,
       .evidence = {{.source = "logs/plugin.log", .line = 3, .text = "no NVML here"}},
       .nodes = {"one"},
       .explains = {"plugin/ready"},
       .fix = {.distro = "any", .text = "Mount the driver."}}};
  return record;
}

class Conformance : public testing::Test {
 protected:
  base::Finished run(const record::Record& record, std::vector<std::string> words)
  {
    const auto file = folder_.path() / "report.json";
    EXPECT_TRUE(base::write_file(file, record::json_text(record::to_json(record))));
    std::vector<std::string> line = {CORONER_CONFORMANCE, "--record", folder_.path().string()};
    line.insert(line.end(), words.begin(), words.end());
    auto ended = base::run({.arguments = line}, base::Deadline::in(std::chrono::seconds(30)));
    EXPECT_TRUE(ended) << ended.error().text();
    return ended.value_or(base::Finished{.exit_code = -1});
  }

 private:
  base::ScopedDirectory folder_ =
      *base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "conformance-");
};

TEST_F(Conformance, fails_with_the_findings_code_evidence_and_fix)
{
  const auto ended = run(sample(), {});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.output, HasSubstr("[  FAILED  ] plugin.ready/one"));
  EXPECT_THAT(ended.output, HasSubstr("GY005"));
  EXPECT_THAT(ended.output, HasSubstr("no NVML here"));
  EXPECT_THAT(ended.output, HasSubstr("Mount the driver."));
  EXPECT_THAT(ended.output, HasSubstr("not deployed"));
}

TEST_F(Conformance, obeys_filters_listings_and_shards)
{
  const auto filtered = run(sample(), {"--gtest_filter=prerequisites.*"});
  EXPECT_EQ(filtered.exit_code, 0);
  EXPECT_THAT(filtered.output, Not(HasSubstr("plugin.ready")));
  EXPECT_THAT(run(sample(), {"--gtest_list_tests"}).output, HasSubstr("cuda_vector_add/one"));
}

TEST_F(Conformance, tells_nothing_selected_and_all_skipped_from_good)
{
  EXPECT_EQ(run(sample(), {"--gtest_filter=nosuch.*"}).exit_code, 4);
  EXPECT_EQ(run(sample(), {"--gtest_filter=labels.*"}).exit_code, 77);
  auto incomplete = sample();
  incomplete.ending = record::Ending::deadline;
  EXPECT_EQ(run(incomplete, {"--gtest_filter=prerequisites.*"}).exit_code, 7);
}

TEST_F(Conformance, says_in_one_line_what_it_cannot_read)
{
  const auto ended = base::run({.arguments = {CORONER_CONFORMANCE, "--record", "/nosuch"}},
                               base::Deadline::in(std::chrono::seconds(30)));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->exit_code, 3);
  EXPECT_THAT(ended->errors, HasSubstr("/nosuch"));
}

}  // namespace
}  // namespace coroner::conformance
