// SPDX-License-Identifier: Apache-2.0
// A pass is impossible without proof: what a lying kubelet, log or payload may claim.
#include "payload/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/seen.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using record::Verdict;
using testing::HasSubstr;

const std::string nonce = "00112233445566778899aabbccddeeff";
constexpr long long elements = 4096;

json good_line()
{
  return {{"schema", 1},
          {"kind", "vectoradd"},
          {"nonce", nonce},
          {"ok", true},
          {"device", 0},
          {"elements", elements},
          {"launches", 2},
          {"mismatches", 0},
          {"gpu", {{"name", "NVIDIA H200"}}},
          {"checksum", fmt::format("{:016x}", payload::proof::checksum(nonce, 0, elements))}};
}

json good_pod()
{
  const json ended = {{"exitCode", 0},
                      {"reason", "Completed"},
                      {"startedAt", "2026-11-21T10:00:00Z"},
                      {"finishedAt", "2026-11-21T10:00:02Z"},
                      {"containerID", "containerd://c0ffee"}};
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", "gpu"}, {"namespace", "run"}}},
          {"spec", {{"nodeName", "one"}}},
          {"status",
           {{"phase", "Succeeded"},
            {"containerStatuses",
             {{{"name", "vector-add"},
               {"image", "debian"},
               {"imageID", "sha256:1234"},
               {"containerID", "containerd://c0ffee"},
               {"state", {{"terminated", ended}}}}}}}}};
}

class Proof : public testing::Test {
 protected:
  /// What the judge concludes of this pod and these lines.
  Judgement judged(const json& pod, const std::vector<json>& lines)
  {
    observed_ = evidence::observe_objects({{"objects/v1/Pod/run/gpu.json", pod}});
    int number = 0;
    for (const auto& line : lines)
      observed_.payload_lines.push_back(
          {"pods/one/smoke%2Fcuda_vector_add.ndjson", ++number, line, {.node = "one"}});
    definition_.id = "smoke/cuda_vector_add";
    definition_.container = "vector-add";
    return Seen({.definition = &definition_,
                 .task = &task_,
                 .nodes = &nodes_,
                 .observed = &observed_,
                 .facts = &observed_.facts,
                 .answers = &answers_})
        .proof("vectoradd");
  }

  json task_ = {{"case", "smoke/cuda_vector_add"},
                {"node", "one"},
                {"pod", "run/gpu"},
                {"nonce", nonce},
                {"not_run", ""}};

 private:
  CaseDefinition definition_;
  std::vector<record::Node> nodes_;
  evidence::Observed observed_;
  std::vector<json> answers_;
};

TEST_F(Proof, holds_for_a_container_that_ran_and_gave_the_nonces_sum)
{
  const auto judgement = judged(good_pod(), {good_line()});
  EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
  EXPECT_EQ(judgement.proof.at("image_id"), "sha256:1234");
  EXPECT_EQ(judgement.proof.at("nonce"), nonce);
  EXPECT_EQ(judgement.proof.at("elements"), "4096");
}

TEST_F(Proof, fails_for_each_lie_of_a_kubelet)
{
  const std::string status = "/status/containerStatuses/0";
  const std::vector<std::pair<std::string, json>> lies = {
      {status + "/imageID", ""},
      {status + "/containerID", ""},
      {status + "/state/terminated/startedAt", nullptr},
      {status + "/state/terminated/finishedAt", "2026-11-21T09:59:59Z"},
      {status + "/state/terminated/exitCode", 1},
      {status + "/state", {{"waiting", {{"reason", "ContainerCreating"}}}}},
      {"/status/containerStatuses", json::array()},
  };
  for (const auto& [pointer, value] : lies) {
    auto pod = good_pod();
    pod[json::json_pointer(pointer)] = value;
    const auto judgement = judged(pod, {good_line()});
    EXPECT_EQ(judgement.verdict, Verdict::fail) << pointer;
    EXPECT_FALSE(judgement.reason.empty()) << pointer;
  }
}

TEST_F(Proof, fails_for_each_lie_of_a_log)
{
  const std::vector<std::pair<std::string, json>> lies = {
      {"/nonce", "ffeeddccbbaa99887766554433221100"},
      {"/kind", "inspect"},
      {"/ok", false},
      {"/ok", "true"},
      {"/elements", 0},
      {"/elements", elements + 1},
      {"/elements", 1LL << 40},
      {"/launches", 0},
      {"/mismatches", 1},
      {"/device", 1},
      {"/device", -1},
      {"/checksum", "0000000000000000"},
      {"/checksum", nullptr},
  };
  for (const auto& [pointer, value] : lies) {
    auto line = good_line();
    line[json::json_pointer(pointer)] = value;
    const auto judgement = judged(good_pod(), {line});
    EXPECT_EQ(judgement.verdict, Verdict::fail) << pointer << " = " << value;
  }
}

TEST_F(Proof, fails_without_a_line_and_with_two)
{
  EXPECT_THAT(judged(good_pod(), {}).reason, HasSubstr("no result with this run's nonce"));
  EXPECT_THAT(judged(good_pod(), {good_line(), good_line()}).reason, HasSubstr("more than one"));
}

TEST_F(Proof, fails_for_a_task_without_nonce_or_pod)
{
  task_["nonce"] = "";
  EXPECT_EQ(judged(good_pod(), {good_line()}).verdict, Verdict::fail);
  task_["nonce"] = nonce;
  task_["pod"] = "run/another";
  EXPECT_THAT(judged(good_pod(), {good_line()}).reason, HasSubstr("never created"));
}

TEST_F(Proof, tells_what_the_payload_said_of_its_failure)
{
  auto line = good_line();
  line["ok"] = false;
  line["error"] = "call_failed";
  line["call"] = "cuInit";
  line["name"] = "CUDA_ERROR_NO_DEVICE";
  auto pod = good_pod();
  pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] = 1;
  EXPECT_EQ(judged(pod, {line}).reason, "call_failed: cuInit: CUDA_ERROR_NO_DEVICE");
}

}  // namespace
}  // namespace coroner::engine
