// SPDX-License-Identifier: Apache-2.0
// What a probe does with less: fewer rights, nothing selected, no cluster.
#include "tests/live/probe.h"
#include <gmock/gmock.h>

#include "harness/base/text.h"

namespace coroner::live {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using record::Verdict;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Namespaces, pods and ConfigMaps of the whole cluster by uid: what a run would have added to.
std::string objects_in(const Cell& cell)
{
  const auto listed =
      kubectl(cell, {"get", "namespaces,pods,configmaps,priorityclasses", "--all-namespaces",
                     "--output=jsonpath={range .items[*]}{.kind} {.metadata.namespace}/"
                     "{.metadata.name} {.metadata.uid}{\"\\n\"}{end}"});
  EXPECT_EQ(listed.exit_code, 0) << listed.errors;
  return listed.output;
}

class ProbeRights : public ProbeTest {
 protected:
  void TearDown() override
  {
    if (has_reader_) kubectl(cell_, {"delete", "-f", reader_file().string(), "--wait=false"});
    ProbeTest::TearDown();
  }

  /// A kubeconfig of an account that may get and list nodes, pods, DaemonSets and RuntimeClasses.
  fs::path readers_kubeconfig()
  {
    folder_ = scratch();
    const json metadata = {{"name", "coroner-test-reader"}};
    json account = {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", metadata}};
    account["metadata"]["namespace"] = "default";
    const json verbs = {"get", "list"};
    const json role = {
        {"apiVersion", "rbac.authorization.k8s.io/v1"},
        {"kind", "ClusterRole"},
        {"metadata", metadata},
        {"rules",
         {{{"apiGroups", {""}}, {"resources", {"nodes", "pods"}}, {"verbs", verbs}},
          {{"apiGroups", {"apps"}}, {"resources", {"daemonsets"}}, {"verbs", verbs}},
          {{"apiGroups", {"node.k8s.io"}}, {"resources", {"runtimeclasses"}}, {"verbs", verbs}}}}};
    const json binding = {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                          {"kind", "ClusterRoleBinding"},
                          {"metadata", metadata},
                          {"roleRef",
                           {{"apiGroup", "rbac.authorization.k8s.io"},
                            {"kind", "ClusterRole"},
                            {"name", "coroner-test-reader"}}},
                          {"subjects",
                           {{{"kind", "ServiceAccount"},
                             {"name", "coroner-test-reader"},
                             {"namespace", "default"}}}}};
    const json all = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", {account, role, binding}}};
    EXPECT_TRUE(base::write_file(reader_file(), all.dump()));
    has_reader_ = true;
    const auto applied = kubectl(cell_, {"apply", "-f", reader_file().string()});
    EXPECT_EQ(applied.exit_code, 0) << applied.errors;
    const auto token = kubectl(cell_, {"create", "token", "coroner-test-reader"});
    EXPECT_EQ(token.exit_code, 0) << token.errors;
    const auto admin = kubectl(cell_, {"config", "view", "--raw", "--minify", "--output=json"});
    auto config = json::parse(admin.output, nullptr, false);
    EXPECT_TRUE(config.is_object()) << admin.errors;
    config["users"][0]["user"] = {{"token", std::string(base::trim(token.output))}};
    EXPECT_TRUE(base::write_file(folder_ / "reader.conf", config.dump()));
    return folder_ / "reader.conf";
  }

  fs::path reader_file() const { return folder_ / "reader.json"; }

  Cell cell_ = {};
  fs::path folder_;
  bool has_reader_ = false;
};

TEST_F(ProbeRights, reads_alone_are_enough_for_what_needs_no_pod)
{
  cell_ = shared("nixos");
  const auto before = objects_in(cell_);
  const auto probed = probe(cell_, {"--effect", "reads"});
  ASSERT_TRUE(probed.record) << probed.ended.errors;
  EXPECT_EQ(probed.ended.exit_code, 0) << probed.ended.errors;
  EXPECT_THAT(lines_of(*probed.record, {Verdict::fail, Verdict::broken}), IsEmpty());
  EXPECT_THAT(lines_of(*probed.record, {Verdict::pass}), Not(IsEmpty()));
  const auto* smoke = probed.record->find("smoke/cuda_vector_add", cell_.name);
  ASSERT_NE(smoke, nullptr);
  EXPECT_EQ(smoke->verdict(), Verdict::skip);
  EXPECT_THAT(smoke->reason(), HasSubstr("--effect runs_pods"));
  EXPECT_EQ(objects_in(cell_), before);
}

TEST_F(ProbeRights, an_account_that_may_only_read_gets_skips_that_name_the_missing_rule)
{
  cell_ = shared("nixos");
  const auto kubeconfig = readers_kubeconfig();
  const auto before = objects_in(cell_);
  const auto probed = probe(cell_, {}, kubeconfig);
  ASSERT_TRUE(probed.record) << probed.ended.errors;
  EXPECT_EQ(probed.ended.exit_code, 0) << probed.ended.errors;
  EXPECT_THAT(lines_of(*probed.record, {Verdict::fail, Verdict::broken}), IsEmpty());
  EXPECT_THAT(lines_of(*probed.record, {Verdict::pass}), Not(IsEmpty()));
  for (const auto* id : {"smoke/cuda_vector_add", "driver/module_loaded"}) {
    const auto* result = probed.record->find(id, cell_.name);
    ASSERT_NE(result, nullptr) << id;
    EXPECT_EQ(result->verdict(), Verdict::skip) << id;
    EXPECT_THAT(result->reason(), HasSubstr("create pods")) << id;
    EXPECT_THAT(result->reason(), HasSubstr("RBAC")) << id;
  }
  EXPECT_EQ(objects_in(cell_), before);
}

TEST_F(ProbeRights, nothing_selected_is_4_and_touches_nothing)
{
  cell_ = shared("nixos");
  const std::vector<std::vector<std::string>> selections = {
      {"--focus", "nosuch"}, {"--skip", "."}, {"--nodes", "0"}, {"--nodes", "rack=nowhere"}};
  for (const auto& words : selections) {
    const auto probed = probe(cell_, words);
    EXPECT_EQ(probed.ended.exit_code, 4) << words[0] << " " << words[1] << probed.ended.errors;
    EXPECT_FALSE(probed.record);
    EXPECT_THAT(probed.ended.errors, HasSubstr("selected"));
  }
  EXPECT_EQ(left_of_runs(cell_), "");
}

TEST_F(ProbeRights, a_node_that_is_not_there_is_a_mistake_with_the_nearest_name)
{
  cell_ = shared("nixos");
  const auto probed = probe(cell_, {"--nodes", cell_.name + "x"});
  EXPECT_EQ(probed.ended.exit_code, 2) << probed.ended.errors;
  EXPECT_THAT(probed.ended.errors, HasSubstr("the nearest is '" + cell_.name + "'"));
}

TEST_F(ProbeRights, only_skips_are_77)
{
  cell_ = shared("nixos");
  const auto probed = probe(cell_, {"--focus", "^labels/"});
  EXPECT_EQ(probed.ended.exit_code, 77) << probed.ended.errors;
  ASSERT_TRUE(probed.record);
  EXPECT_THAT(probed.record->results, Not(IsEmpty()));
  EXPECT_EQ(lines_of(*probed.record, {Verdict::skip}).size(), probed.record->results.size());
}

TEST_F(ProbeRights, a_cluster_that_does_not_answer_is_3_and_never_a_replay)
{
  const auto folder = scratch();
  const auto dead = folder / "dead.conf";
  ASSERT_TRUE(base::write_file(dead, R"({"apiVersion":"v1","kind":"Config","current-context":"a",
    "clusters":[{"name":"a","cluster":{"server":"https://127.0.0.1:1"}}],
    "contexts":[{"name":"a","context":{"cluster":"a","user":"a"}}],
    "users":[{"name":"a","user":{"token":"t"}}]})"));
  for (const auto& kubeconfig : {dead, folder / "nosuch.conf"}) {
    for (const bool is_named : {true, false}) {
      std::vector<std::string> words = {"probe", "--report-dir", (folder / "report").string()};
      if (is_named) words.insert(words.end(), {"--kubeconfig", kubeconfig.string()});
      const auto ended = coroner(words, {{"KUBECONFIG", kubeconfig.string()}, {"HOME", folder}});
      EXPECT_EQ(ended.exit_code, 3) << ended.errors;
      EXPECT_THAT(ended.errors, Not(HasSubstr("DEMONSTRATION")));
      EXPECT_THAT(ended.errors, Not(HasSubstr("REPLAY")));
      EXPECT_FALSE(fs::exists(folder / "report" / "report.json"));
    }
  }
}

}  // namespace
}  // namespace coroner::live
