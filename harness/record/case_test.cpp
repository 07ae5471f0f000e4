// SPDX-License-Identifier: Apache-2.0
// Case metadata that is right, and each way in which it is not.
#include "harness/record/case.h"

#include <gtest/gtest.h>

namespace coroner::record {
namespace {

using namespace std::chrono_literals;

CaseMetadata vector_add()
{
  return {.id = "smoke/cuda_vector_add",
          .requirement = "A pod that asks for one GPU MUST run a CUDA kernel to completion.",
          .needs = {Need::gpu_hardware},
          .effect = Effect::runs_pods,
          .timeout = 120s,
          .source = "kubernetes.io: tasks/manage-gpus/scheduling-gpus"};
}

TEST(CaseMetadata, an_id_is_taken_apart_into_suite_name_and_file)
{
  EXPECT_EQ(suite_of("smoke/cuda_vector_add"), "smoke");
  EXPECT_EQ(name_of("smoke/cuda_vector_add"), "cuda_vector_add");
  EXPECT_EQ(file_of("smoke/cuda_vector_add"), "suites/smoke/cuda_vector_add.cpp");
  EXPECT_EQ(suite_of("alone"), "alone");
  EXPECT_EQ(name_of("alone"), "alone");
}

TEST(CaseMetadata, what_is_whole_passes_the_check)
{
  const auto checked = check(vector_add());
  EXPECT_TRUE(checked) << checked.error().text();
}

TEST(CaseMetadata, each_flaw_is_refused_by_name)
{
  struct Flaw {
    void (*spoil)(CaseMetadata&);
    std::string_view said;
  };
  const Flaw flaws[] = {
      {[](CaseMetadata& of) { of.id = "cuda_vector_add"; }, "suite/name"},
      {[](CaseMetadata& of) { of.id = "smoke/../etc"; }, "suite/name"},
      {[](CaseMetadata& of) { of.id = "smoke/a/b"; }, "suite/name"},
      {[](CaseMetadata& of) { of.id = "Smoke/a"; }, "suite/name"},
      {[](CaseMetadata& of) { of.id = "/a"; }, "suite/name"},
      {[](CaseMetadata& of) { of.requirement = "It works."; }, "MUST or SHOULD"},
      {[](CaseMetadata& of) { of.requirement = "A MUSTER of pods."; }, "MUST or SHOULD"},
      {[](CaseMetadata& of) { of.requirement = "It MUST work"; }, "whole sentence"},
      {[](CaseMetadata& of) { of.source.clear(); }, "no source"},
      {[](CaseMetadata& of) { of.timeout = 0s; }, "no timeout"},
  };
  for (const auto& flaw : flaws) {
    auto metadata = vector_add();
    flaw.spoil(metadata);
    const auto checked = check(metadata);
    ASSERT_FALSE(checked) << flaw.said;
    EXPECT_NE(checked.error().what.find(flaw.said), std::string::npos) << checked.error().what;
  }
}

TEST(CaseMetadata, the_first_of_must_and_should_is_its_level)
{
  EXPECT_EQ(level_of("A node SHOULD have labels, and MUST have a name.").value(), Level::should);
  EXPECT_EQ(level_of("A node MUST have a name.").value(), Level::must);
}

TEST(Words, an_unknown_word_names_the_nearest)
{
  const auto wrong = from_word<Effect>("run_pods");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().hint, "the nearest is 'runs_pods'");
  EXPECT_EQ(from_word<Effect>("changes_node").value(), Effect::changes_node);
}

}  // namespace
}  // namespace coroner::record
