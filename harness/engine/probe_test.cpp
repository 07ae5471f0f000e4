// SPDX-License-Identifier: Apache-2.0
// Whole runs against a cluster in memory, whose kubelet may lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/engine/memory_cluster_test.h"
#include "harness/engine/pods.h"
#include "harness/engine/run.h"
#include "harness/engine/seen.h"
#include "payload/proof.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using record::Verdict;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const Case vector_add{{
    .id = "smoke/cuda_vector_add",
    .requirement = "A kernel MUST run.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{5},
    .source = "this test",
    .subject = Subject::gpu_node,
    .manifest = "smoke/gpu",
    .container = "vector-add",
    .dry_run = "",
    .judge = [](const Seen& seen) { return seen.proof("vectoradd"); },
}};

json node(const std::string& name, int gpus)
{
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", name}, {"labels", {{"nvidia.com/gpu.present", "true"}}}}},
          {"status",
           {{"nodeInfo",
             {{"osImage", "Ubuntu 24.04.3 LTS"},
              {"architecture", "amd64"},
              {"kubeletVersion", "v1.34.1"},
              {"containerRuntimeVersion", "containerd://2.1.4"}}},
            {"conditions", {{{"type", "Ready"}, {"status", "True"}}}},
            {"capacity", {{"nvidia.com/gpu", std::to_string(gpus)}}},
            {"allocatable", {{"nvidia.com/gpu", std::to_string(gpus)}}}}}};
}

/// A kubelet that runs every container and a payload that computes.
void run_well(json& pod, std::map<std::string, std::string>& logs)
{
  const json end = {{"exitCode", 0},
                    {"startedAt", "2026-11-21T10:00:00Z"},
                    {"finishedAt", "2026-11-21T10:00:01Z"},
                    {"containerID", "containerd://1"}};
  json statuses = json::array();
  for (const auto* list : {"initContainers", "containers"})
    for (const auto& container : pod["spec"].value(list, json::array())) {
      const auto name = container["name"].get<std::string>();
      const auto nonce = nonce_of_container(pod, name);
      statuses.push_back({{"name", name},
                          {"imageID", "sha256:1"},
                          {"containerID", "containerd://1"},
                          {"state", {{"terminated", end}}}});
      json line = {{"schema", 1}, {"kind", container["args"][0]}, {"nonce", nonce}, {"ok", true}};
      if (name == "vector-add") {
        line["device"] = 0;
        line["elements"] = 1024;
        line["launches"] = 1;
        line["mismatches"] = 0;
        line["checksum"] = fmt::format("{:016x}", payload::proof::checksum(nonce, 0, 1024));
      }
      logs[name] = line.dump() + "\n";
    }
  pod["spec"]["nodeName"] = "one";
  pod["status"] = {{"phase", "Succeeded"}, {"containerStatuses", statuses}};
}

class Probe : public testing::Test {
 protected:
  base::Result<record::Record> probe(Options options = {})
  {
    options.timeout = std::chrono::seconds{10};
    const auto catalogue = graveyard::Catalogue::of({}, {});
    EXPECT_TRUE(catalogue);
    const auto place = folder_.path() / ("run" + std::to_string(++runs_));
    return run_probe(cluster_, {.uid = "u", .server = "https://memory", .version = "v1.34.1"},
                     *catalogue, {.options = options, .bundle = place, .tool = "coroner"}, {}, {});
  }

  /// The one result of a run that gave a record.
  record::CaseResult only(const Options& options = {})
  {
    const auto record = probe(options);
    EXPECT_TRUE(record) << record.error().text();
    if (!record) return {};
    EXPECT_EQ(record->results.size(), 1U) << record->note;
    if (record->results.size() != 1) return {};
    return record->results[0];
  }

  /// The one pod that a run created, as the kubelet got it; the run passes.
  json pod_of_a_pass()
  {
    json seen;
    cluster_.kubelet = [&](json& pod, auto& logs) {
      seen = pod;
      run_well(pod, logs);
    };
    EXPECT_EQ(only().verdict(), Verdict::pass);
    return seen;
  }

  MemoryCluster cluster_;

 private:
  base::ScopedDirectory folder_ =
      *base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "probe-");
  int runs_ = 0;
};

TEST_F(Probe, passes_with_proof_and_leaves_nothing)
{
  cluster_.add(node("one", 1));
  cluster_.kubelet = run_well;
  const auto result = only();
  EXPECT_EQ(result.verdict(), Verdict::pass) << result.reason();
  EXPECT_EQ(result.attempts.at(0).proof.at("elements"), "1024");
  EXPECT_THAT(cluster_.titles(), testing::ElementsAre("Node one"));
}

TEST_F(Probe, fails_where_a_kubelet_reports_success_without_an_image)
{
  cluster_.add(node("one", 1));
  cluster_.kubelet = [](json& pod, auto& logs) {
    run_well(pod, logs);
    for (auto& status : pod["status"]["containerStatuses"]) status["imageID"] = "";
  };
  EXPECT_EQ(only().verdict(), Verdict::fail);
}

TEST_F(Probe, fails_where_the_log_has_the_nonce_of_an_older_run)
{
  cluster_.add(node("one", 1));
  std::map<std::string, std::string> old;
  cluster_.kubelet = [&](json& pod, auto& logs) {
    run_well(pod, logs);
    if (old.empty())
      old = logs;
    else
      logs = old;
  };
  EXPECT_EQ(only().verdict(), Verdict::pass);
  const auto again = only();
  EXPECT_EQ(again.verdict(), Verdict::fail);
  EXPECT_THAT(again.reason(), HasSubstr("nonce"));
}

TEST_F(Probe, fails_where_the_pod_succeeds_and_says_nothing)
{
  cluster_.add(node("one", 1));
  cluster_.kubelet = [](json& pod, auto& logs) {
    run_well(pod, logs);
    logs.clear();
  };
  EXPECT_EQ(only().verdict(), Verdict::fail);
}

TEST_F(Probe, calls_what_passed_on_a_retry_flaky)
{
  cluster_.add(node("one", 1));
  int runs = 0;
  cluster_.kubelet = [&](json& pod, auto& logs) {
    run_well(pod, logs);
    if (++runs == 1) pod["status"]["phase"] = "Failed";
    if (runs == 1) logs["vector-add"].clear();
  };
  Options options;
  options.retries = 1;
  const auto result = only(options);
  ASSERT_EQ(result.attempts.size(), 2U);
  EXPECT_TRUE(result.is_flaky());
}

TEST_F(Probe, skips_loudly_where_every_gpu_is_taken)
{
  cluster_.add(node("one", 1));
  cluster_.add({{"apiVersion", "v1"},
                {"kind", "Pod"},
                {"metadata", {{"name", "work"}, {"namespace", "default"}}},
                {"spec",
                 {{"nodeName", "one"},
                  {"containers",
                   {{{"name", "c"}, {"resources", {{"limits", {{"nvidia.com/gpu", "1"}}}}}}}}}},
                {"status", {{"phase", "Running"}}}});
  const auto result = only();
  EXPECT_EQ(result.verdict(), Verdict::skip);
  EXPECT_THAT(result.reason(), StartsWith("busy: "));
  EXPECT_THAT(cluster_.calls(), Not(Contains(StartsWith("create "))));
}

TEST_F(Probe, fails_without_a_pod_where_a_node_offers_no_gpu)
{
  cluster_.add(node("one", 0));
  const auto result = only();
  EXPECT_EQ(result.verdict(), Verdict::fail);
  EXPECT_THAT(result.reason(), HasSubstr("offers no nvidia.com/gpu"));
}

TEST_F(Probe, creates_nothing_without_rights_and_names_the_missing_rule)
{
  cluster_.add(node("one", 1));
  cluster_.may_do_all = false;
  const auto result = only();
  EXPECT_EQ(result.verdict(), Verdict::skip);
  EXPECT_THAT(result.reason(), HasSubstr("create pods"));
  EXPECT_THAT(cluster_.calls(), Not(Contains(StartsWith("create "))));
}

TEST_F(Probe, runs_pods_of_the_lowest_priority_and_takes_its_class_away)
{
  cluster_.add(node("one", 1));
  const auto seen = pod_of_a_pass();
  const auto name = seen.at("spec").value("priorityClassName", "");
  EXPECT_THAT(name, StartsWith("coroner-"));
  EXPECT_THAT(cluster_.calls(), Contains("create PriorityClass " + name));
  EXPECT_THAT(cluster_.calls(), Contains("remove PriorityClass " + name));
  EXPECT_THAT(cluster_.titles(), testing::ElementsAre("Node one"));
}

TEST_F(Probe, runs_pods_of_default_priority_where_it_may_make_no_class)
{
  cluster_.add(node("one", 1));
  cluster_.refused = {"priorityclasses"};
  const auto seen = pod_of_a_pass();
  EXPECT_FALSE(seen.at("spec").contains("priorityClassName"));
  EXPECT_THAT(cluster_.calls(), Not(Contains(HasSubstr("PriorityClass"))));
}

TEST_F(Probe, creates_nothing_when_it_may_only_read)
{
  cluster_.add(node("one", 1));
  Options options;
  options.ceiling = record::Effect::reads;
  EXPECT_EQ(only(options).verdict(), Verdict::skip);
  EXPECT_THAT(cluster_.calls(), Not(Contains(StartsWith("create "))));
}

TEST_F(Probe, is_never_good_without_nodes_or_cases)
{
  const auto no_nodes = probe();
  ASSERT_FALSE(no_nodes);
  EXPECT_EQ(no_nodes.error().kind, base::ErrorKind::unreachable) << "exit code 3";
  Options options;
  options.focus = "^nosuch/";
  const auto no_case = probe(options);
  ASSERT_FALSE(no_case);
  EXPECT_EQ(no_case.error().kind, base::ErrorKind::not_found);
}

TEST_F(Probe, binds_its_pod_to_the_node_it_chose_and_has_least_rights)
{
  cluster_.add(node("one", 1));
  const auto seen = pod_of_a_pass();
  const auto& spec = seen.at("spec");
  EXPECT_EQ(objects::text_at(spec,
                             "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
                             "/nodeSelectorTerms/0/matchFields/0/values/0"),
            "one");
  EXPECT_EQ(spec["automountServiceAccountToken"], false);
  EXPECT_EQ(spec["restartPolicy"], "Never");
  EXPECT_LE(spec["activeDeadlineSeconds"].get<int>(), 600);
  EXPECT_EQ(spec["containers"][0]["securityContext"]["allowPrivilegeEscalation"], false);
  EXPECT_EQ(spec["securityContext"]["runAsNonRoot"], true);
}

}  // namespace
}  // namespace coroner::engine
