// SPDX-License-Identifier: Apache-2.0
// Collecting from clusters that answer, refuse, are large, and are gone.
#include "harness/collect/collect.h"

#include <algorithm>
#include <stop_token>
#include <thread>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/evidence/observed.h"
#include "harness/evidence/reader.h"
#include "harness/kube/cluster_test.h"

namespace coroner::collect {
namespace {

using base::ErrorKind;
using kube::TestCluster;
using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Reply;
using testing::reply;
using testing::SeenRequest;

/// A bundle in a folder of its own, read back once it is finished.
class Bundle {
 public:
  evidence::Writer& writer() { return *writer_; }

  evidence::Reader read()
  {
    auto finished = writer_->finish();
    if (!finished) throw std::runtime_error(finished.error().text());
    auto reader = evidence::Reader::open(folder());
    if (!reader) throw std::runtime_error(reader.error().text());
    return std::move(*reader);
  }

 private:
  std::filesystem::path folder() const { return directory_->path() / "bundle"; }

  base::Result<base::ScopedDirectory> directory_ =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "collect-");
  base::Result<evidence::Writer> writer_ =
      evidence::Writer::create(folder(), {.run = "r", .tool = "test"});
};

Reply forbidden(const std::string& what)
{
  return reply(403, json({{"kind", "Status"},
                          {"reason", "Forbidden"},
                          {"message", what + " is forbidden: User \"x\" cannot list resource"}})
                        .dump());
}

Reply absent()
{
  return reply(404, R"({"kind":"Status","reason":"NotFound","message":"not found"})");
}

json plugin_pod(const std::string& name, int restarts = 0)
{
  json pod = {{"metadata", {{"name", name}, {"namespace", "kube-system"}}}};
  pod["spec"] = {
      {"nodeName", "one"},
      {"containers", {{{"name", "ctr"}, {"image", "nvcr.io/nvidia/k8s-device-plugin:v0.17.4"}}}},
      {"volumes", {{{"configMap", {{"name", "plugin-config"}}}}}}};
  pod["status"]["containerStatuses"] = json::array({{{"name", "ctr"},
                                                     {"ready", restarts == 0},
                                                     {"restartCount", restarts},
                                                     {"containerID", "containerd://1"}}});
  return pod;
}

json with_kind(json object, const std::string& api_version, const std::string& kind)
{
  object["apiVersion"] = api_version;
  object["kind"] = kind;
  return object;
}

std::string list_of(const std::vector<json>& items)
{
  return json({{"metadata", {{"resourceVersion", "1"}}}, {"items", items}}).dump();
}

/// One node, one plugin, no operator: 404 for the kinds that only others serve.
Reply small_cluster(const SeenRequest& request)
{
  if (request.path == "/api/v1/nodes")
    return reply(200, list_of({{{"metadata", {{"name", "one"}}}}}));
  if (request.path == "/api/v1/pods") return reply(200, list_of({plugin_pod("plugin")}));
  if (request.path.ends_with("/configmaps/plugin-config"))
    return reply(200, R"({"apiVersion":"v1","kind":"ConfigMap",
                          "metadata":{"name":"plugin-config","namespace":"kube-system"}})");
  const bool is_custom = request.path.find("nvidia.com") != std::string::npos ||
                         request.path.find("nfd") != std::string::npos;
  return is_custom ? absent() : reply(200, list_of({}));
}

std::vector<std::string> paths_of(const TestCluster& cluster)
{
  std::vector<std::string> paths;
  for (const auto& request : cluster.server().seen()) paths.push_back(request.path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Marks of a bundle: "+api/v1/Pod" is collected, "-api/v1/Pod: why" is not.
std::vector<std::string> marks_of(const evidence::Reader& reader)
{
  std::vector<std::string> marks;
  const auto events = reader.events();
  if (!events) return {events.error().text()};
  for (const auto& event : *events) {
    if (event.kind == evidence::EventKind::collected)
      marks.push_back("+" + event.data["place"].get<std::string>());
    if (event.kind == evidence::EventKind::not_collected)
      marks.push_back("-" + event.data["place"].get<std::string>() + ": " +
                      event.data["reason"].get<std::string>());
  }
  return marks;
}

TEST(CollectObjects, a_probe_sends_one_list_a_kind_and_nothing_else)
{
  TestCluster cluster(small_cluster);
  Bundle bundle;
  const auto snapshot =
      collect_objects(*cluster, bundle.writer(), Depth::probe, cluster.soon(), {});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_THAT(paths_of(cluster),
              ElementsAre("/api/v1/nodes", "/api/v1/pods", "/apis/apps/v1/daemonsets",
                          "/apis/node.k8s.io/v1/runtimeclasses"));
  EXPECT_EQ(snapshot->nodes.size(), 1U);
  EXPECT_EQ(snapshot->pods.size(), 1U);
  EXPECT_TRUE(snapshot->missing.empty());
  EXPECT_THAT(marks_of(bundle.read()),
              ElementsAre("+api/v1/Node", "+api/v1/Pod", "+api/apps/v1/DaemonSet",
                          "+api/node.k8s.io/v1/RuntimeClass"));
}

TEST(CollectObjects, a_record_takes_every_kind_once_and_only_the_stacks_configuration)
{
  TestCluster cluster(small_cluster);
  Bundle bundle;
  const auto snapshot =
      collect_objects(*cluster, bundle.writer(), Depth::record, cluster.soon(), {});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  auto paths = paths_of(cluster);
  EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end());
  EXPECT_EQ(paths.size(), 11U);
  EXPECT_THAT(paths, Contains("/api/v1/namespaces/kube-system/configmaps/plugin-config"));
  EXPECT_THAT(paths, Not(Contains("/api/v1/configmaps")));
  EXPECT_THAT(paths, Not(Contains(HasSubstr("secrets"))));
  const auto reader = bundle.read();
  EXPECT_THAT(marks_of(reader), Contains("+api/nvidia.com/v1/ClusterPolicy"));
  EXPECT_THAT(reader.files(), Contains("objects/v1/ConfigMap/kube-system/plugin-config.json"));
}

TEST(CollectObjects, a_kind_that_may_not_be_read_is_named_with_the_missing_rule)
{
  TestCluster cluster([](const SeenRequest& request) {
    return request.path == "/api/v1/pods" ? forbidden("pods") : small_cluster(request);
  });
  Bundle bundle;
  const auto snapshot =
      collect_objects(*cluster, bundle.writer(), Depth::probe, cluster.soon(), {});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ(snapshot->nodes.size(), 1U);
  ASSERT_EQ(snapshot->missing.size(), 1U);
  EXPECT_THAT(snapshot->missing[0], ::testing::StartsWith("api/v1/Pod: "));
  EXPECT_THAT(snapshot->missing[0],
              HasSubstr(R"({apiGroups: [""], resources: [pods], verbs: [list]} in a ClusterRole)"));
  const auto reader = bundle.read();
  EXPECT_THAT(marks_of(reader), Contains("-" + snapshot->missing[0]));
  EXPECT_THAT(marks_of(reader), Not(Contains("+api/v1/Pod")));
  const auto seen = evidence::observe(reader);
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(seen->facts.ask("pod.phase").presence, evidence::Presence::not_collected);
}

TEST(CollectObjects, a_cluster_that_is_gone_is_unreachable_and_no_empty_snapshot)
{
  TestCluster cluster([](const SeenRequest&) { return Reply{{}, Reply::End::reset}; });
  Bundle bundle;
  const auto snapshot =
      collect_objects(*cluster, bundle.writer(), Depth::record, cluster.soon(), {});
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().kind, ErrorKind::unreachable);
}

TEST(CollectObjects, a_stop_ends_it_as_an_error)
{
  TestCluster cluster([](const SeenRequest& request) {
    return request.path == "/api/v1/nodes" ? Reply{{}, Reply::End::hold} : small_cluster(request);
  });
  Bundle bundle;
  std::stop_source source;
  const std::jthread stopper([&] {
    const auto has_list = [&]() -> base::Result<bool> { return !cluster.server().seen().empty(); };
    std::ignore =
        base::poll_until(has_list, "a list", std::chrono::milliseconds{5}, TestCluster::soon());
    source.request_stop();
  });
  const auto snapshot =
      collect_objects(*cluster, bundle.writer(), Depth::probe, cluster.soon(), source.get_token());
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().kind, ErrorKind::timed_out);
}

TEST(CollectObjects, a_broken_api_of_an_addon_costs_that_kind_alone)
{
  TestCluster cluster([](const SeenRequest& request) {
    return request.path.find("nodefeatures") != std::string::npos
               ? reply(503, "conversion webhook failed", "text/plain")
               : small_cluster(request);
  });
  Bundle bundle;
  const auto snapshot =
      collect_objects(*cluster, bundle.writer(), Depth::record, cluster.soon(), {});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  ASSERT_EQ(snapshot->missing.size(), 1U);
  EXPECT_THAT(snapshot->missing[0], HasSubstr("NodeFeature: "));
}

TEST(CollectObjects, the_newest_events_are_kept_and_the_cut_is_told)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (request.path != "/api/v1/events") return small_cluster(request);
    std::vector<json> events;
    for (std::size_t i = 0; i <= most_events; ++i)
      events.push_back(
          {{"metadata", {{"name", fmt::format("e{}", i)}, {"namespace", "x"}}},
           {"lastTimestamp", i == 0 ? "2026-01-01T00:00:00Z" : "2026-02-01T00:00:00Z"}});
    return reply(200, list_of(events));
  });
  Bundle bundle;
  const auto snapshot =
      collect_objects(*cluster, bundle.writer(), Depth::record, cluster.soon(), {});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  ASSERT_EQ(snapshot->missing.size(), 1U);
  EXPECT_THAT(snapshot->missing[0], HasSubstr("only the newest 5000 of 5001"));
  const auto files = bundle.read().files();
  EXPECT_THAT(files, Contains("objects/v1/Event/x/e5000.json"));
  EXPECT_THAT(files, Not(Contains("objects/v1/Event/x/e0.json")));
}

TEST(CollectLogs, a_restarted_containers_previous_log_is_taken_too)
{
  TestCluster cluster([](const SeenRequest& request) {
    const bool is_previous = request.query.find("previous=true") != std::string::npos;
    return reply(200, is_previous ? "before\n" : "now\n", "text/plain");
  });
  Bundle bundle;
  const std::vector<json> pods = {with_kind(plugin_pod("calm"), "v1", "Pod"),
                                  with_kind(plugin_pod("restless", 3), "v1", "Pod")};
  const auto done = collect_logs(*cluster, bundle.writer(), pods, 4096, cluster.soon(), {});
  ASSERT_TRUE(done) << done.error().text();
  const auto reader = bundle.read();
  EXPECT_EQ(reader.content("logs/kube-system/calm/ctr.log").value_or("-"), "now\n");
  EXPECT_EQ(reader.content("logs/kube-system/restless/ctr.log").value_or("-"), "now\n");
  EXPECT_EQ(reader.content("logs/kube-system/restless/ctr.previous.log").value_or("-"), "before\n");
  EXPECT_EQ(cluster.server().seen().size(), 3U);
}

TEST(CollectLogs, a_log_beyond_the_limit_keeps_its_end)
{
  constexpr int all_lines = 1'000;
  const std::string filler(60, 'x');
  TestCluster cluster([&](const SeenRequest& request) {
    const auto number = [&request](const std::string& key) {
      const auto at = request.query.find(key + "=");
      return std::stoul(request.query.substr(at + key.size() + 1));
    };
    std::string text;
    const auto lines = std::min<std::size_t>(number("tailLines"), all_lines);
    for (auto i = all_lines - lines; i < all_lines; ++i)
      text += fmt::format("line {} {}\n", i, i % 2 == 0 ? filler + filler + filler : filler);
    return reply(200, text.substr(0, number("limitBytes")), "text/plain");
  });
  Bundle bundle;
  const auto done =
      collect_logs(*cluster, bundle.writer(), {with_kind(plugin_pod("a"), "v1", "Pod")}, 8192,
                   cluster.soon(), {});
  ASSERT_TRUE(done) << done.error().text();
  const auto text = bundle.read().content("logs/kube-system/a/ctr.log").value_or("");
  EXPECT_THAT(text, HasSubstr("line 999 "));
  EXPECT_LE(text.size(), 8192U);
  EXPECT_GT(cluster.server().seen().size(), 1U);
}

TEST(CollectLogs, what_cannot_be_read_is_marked_with_the_reason_and_costs_nothing_else)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (request.path.find("/denied/") != std::string::npos) return forbidden("pods/log");
    return reply(200, "text\n", "text/plain");
  });
  Bundle bundle;
  auto waiting = with_kind(plugin_pod("waiting"), "v1", "Pod");
  waiting["status"]["containerStatuses"][0].erase("containerID");
  const std::vector<json> pods = {with_kind(plugin_pod("denied"), "v1", "Pod"), waiting,
                                  with_kind(plugin_pod("good"), "v1", "Pod")};
  const auto done = collect_logs(*cluster, bundle.writer(), pods, 4096, cluster.soon(), {});
  ASSERT_TRUE(done) << done.error().text();
  const auto reader = bundle.read();
  EXPECT_EQ(reader.content("logs/kube-system/good/ctr.log").value_or("-"), "text\n");
  const auto marks = marks_of(reader);
  EXPECT_THAT(marks, Contains("-logs/kube-system/waiting/ctr.log: the container has not started"));
  EXPECT_THAT(marks, Contains(HasSubstr("resources: [pods/log], verbs: [get]")));
}

TEST(CollectLogs, of_more_logs_than_the_bound_those_of_failing_containers_are_read)
{
  TestCluster cluster([](const SeenRequest&) { return reply(200, "text\n", "text/plain"); });
  Bundle bundle;
  std::vector<json> pods;
  for (std::size_t i = 0; i < most_logs + 5; ++i)
    pods.push_back(with_kind(plugin_pod(fmt::format("calm{}", i)), "v1", "Pod"));
  pods.push_back(with_kind(plugin_pod("failing", 1), "v1", "Pod"));
  const auto done = collect_logs(*cluster, bundle.writer(), pods, 4096, cluster.soon(), {});
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(cluster.server().seen().size(), most_logs);
  const auto reader = bundle.read();
  EXPECT_THAT(reader.files(), Contains("logs/kube-system/failing/ctr.previous.log"));
  EXPECT_THAT(marks_of(reader),
              Contains("-logs/kube-system/calm64/ctr.log: only 60 logs are read"));
}

}  // namespace
}  // namespace coroner::collect
