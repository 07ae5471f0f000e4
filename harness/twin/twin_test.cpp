// SPDX-License-Identifier: Apache-2.0
// Reading through the real client: identity, objects, lists, watches, logs, and who may ask.
#include "harness/twin/twin_test.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/objects/object.h"
#include "harness/twin/replay.h"

namespace coroner::twin {
namespace {

using base::Deadline;
using base::ErrorKind;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// Two nodes and three pods of which all was read, a DaemonSet of which one was, and no
/// RuntimeClass at all.
void small_cluster(evidence::Writer& writer)
{
  for (const char* name : {"node-a", "node-b"}) must(writer.object(object("v1", "Node", "", name)));
  for (const auto& [name, node] : {std::pair{"one", "node-a"}, {"two", "node-b"}, {"three", ""}}) {
    auto pod = object("v1", "Pod", "gpu", name, {{"app", name}, {"kind", "test"}});
    pod["spec"]["nodeName"] = node;
    must(writer.object(pod));
  }
  must(writer.object(object("v1", "Pod", "other", "one", {{"app", "one"}})));
  must(writer.object(object("apps/v1", "DaemonSet", "gpu", "plugin")));
  must(writer.collected("api/v1/Node"));
  must(writer.collected("api/v1/Pod"));
  must(writer.collected("api/node.k8s.io/v1/RuntimeClass"));
  must(writer.not_collected("api/apps/v1/DaemonSet", "", "it was late"));
  must(writer.log({"gpu", "one", "main", false}, "first\nsecond\nthird\n"));
  must(writer.log({"gpu", "one", "main", true}, "earlier\n"));
  must(writer.log({"gpu", "two", "a", false}, "of a\n"));
  must(writer.log({"gpu", "two", "b", false}, "of b\n"));
}

std::vector<std::string> names(const kube::Listing& listing)
{
  std::vector<std::string> all;
  for (const auto& item : listing.items)
    all.push_back(objects::namespace_of(item) + "/" + objects::name_of(item));
  return all;
}

std::vector<std::string> listed(ReplayedBundle& bundle, const kube::Query& query)
{
  return names(must(bundle->list(query, soon(), {})));
}

TEST(Twin, says_which_cluster_it_replays)
{
  ReplayedBundle bundle(small_cluster);
  const auto identity = must(bundle->identity(soon(), {}));
  EXPECT_EQ(identity.uid, "cluster-uid");
  EXPECT_EQ(identity.version, "v1.34.1");
  EXPECT_THAT(identity.server, HasSubstr("https://127.0.0.1:"));
  EXPECT_EQ(must(bundle->raw("/readyz", soon(), {})).body, "ok");
}

TEST(Twin, gives_an_object_as_it_was_recorded)
{
  ReplayedBundle bundle(small_cluster);
  const auto pod = must(bundle->get({pods, "gpu", "one"}, soon(), {}));
  EXPECT_EQ(objects::uid_of(pod), "uid-Pod-gpu-one");
  EXPECT_EQ(objects::text_at(pod, "/spec/nodeName"), "node-a");
}

TEST(Twin, what_was_collected_and_is_not_there_is_not_found)
{
  ReplayedBundle bundle(small_cluster);
  const auto missing = bundle->get({pods, "gpu", "nine"}, soon(), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_THAT(missing.error().what, HasSubstr("pods \"nine\" not found"));
  EXPECT_EQ(bundle.twin().statistics().unrecorded, 0U);
}

TEST(Twin, what_was_not_collected_is_no_empty_list)
{
  ReplayedBundle bundle(small_cluster);
  EXPECT_THAT(listed(bundle, {.resource = runtime_classes}), ElementsAre());
  const auto sets = bundle->list({.resource = daemon_sets}, soon(), {});
  ASSERT_FALSE(sets);
  EXPECT_EQ(sets.error().kind, ErrorKind::denied);
  EXPECT_THAT(sets.error().what, HasSubstr("not recorded"));
  EXPECT_THAT(sets.error().what, HasSubstr("it was late"));
  EXPECT_TRUE(bundle->get({daemon_sets, "gpu", "plugin"}, soon(), {}));
  const objects::Resource secrets{"v1", "Secret", "secrets", true};
  EXPECT_EQ(bundle->list({.resource = secrets}, soon(), {}).error().kind, ErrorKind::denied);
  EXPECT_EQ(bundle.twin().statistics().unrecorded, 1U);
}

TEST(Twin, lists_by_namespace_labels_and_fields)
{
  ReplayedBundle bundle(small_cluster);
  EXPECT_THAT(listed(bundle, {.resource = pods}),
              ElementsAre("gpu/one", "gpu/three", "gpu/two", "other/one"));
  EXPECT_THAT(listed(bundle, {.resource = pods, .space = "other"}), ElementsAre("other/one"));
  EXPECT_THAT(listed(bundle, {.resource = pods, .labels = "app in (one,two),kind=test"}),
              ElementsAre("gpu/one", "gpu/two"));
  EXPECT_THAT(listed(bundle, {.resource = pods, .fields = "spec.nodeName=node-b"}),
              ElementsAre("gpu/two"));
  const auto wrong = bundle->list({.resource = pods, .labels = "a=b=c d"}, soon(), {});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::invalid);
  EXPECT_THAT(wrong.error().what, HasSubstr("unable to parse the selector"));
}

TEST(Twin, lists_in_pages_that_miss_and_repeat_nothing)
{
  ReplayedBundle bundle([](evidence::Writer& writer) {
    for (int i = 0; i < 25; ++i)
      must(writer.object(object("v1", "Pod", "gpu", fmt::format("pod-{:02}", i),
                                {{"parity", i % 2 == 0 ? "even" : "odd"}})));
    must(writer.collected("api/v1/Pod"));
  });
  const auto client = client_of(bundle.twin().access(), 4);
  const auto all = must(client->list({.resource = pods}, soon(), {}));
  EXPECT_EQ(all.items.size(), 25U);
  EXPECT_EQ(client->statistics().requests, 7U);
  const auto uids = names(all);
  EXPECT_EQ(std::set<std::string>(uids.begin(), uids.end()).size(), 25U);
  EXPECT_EQ(must(client->list({.resource = pods, .labels = "parity=odd"}, soon(), {})).items.size(),
            12U);
}

TEST(Twin, a_watch_sees_each_object_once_and_ends_at_its_deadline)
{
  ReplayedBundle bundle(small_cluster);
  const auto watch = bundle->watch({.resource = pods});
  std::multiset<std::string> seen;
  const auto deadline = Deadline::in(2500ms);  // over two heartbeats
  while (true) {
    const auto event = must(watch->next(deadline, {}));
    if (!event) break;
    EXPECT_EQ(event->type, kube::WatchEventType::added);
    seen.insert(objects::uid_of(event->object));
  }
  EXPECT_THAT(seen, ElementsAre("uid-Pod-gpu-one", "uid-Pod-gpu-three", "uid-Pod-gpu-two",
                                "uid-Pod-other-one"));
}

TEST(Twin, a_watch_sees_what_is_deleted_meanwhile)
{
  ReplayedBundle bundle(small_cluster);
  const auto watch = bundle->watch({.resource = pods, .space = "gpu", .labels = "app=two"});
  const auto first = must(watch->next(soon(), {}));
  ASSERT_TRUE(first);
  EXPECT_TRUE(must(bundle->remove({pods, "gpu", "one"}, {}, soon(), {})));
  EXPECT_TRUE(must(bundle->remove({pods, "gpu", "two"}, {}, soon(), {})));
  const auto second = must(watch->next(soon(), {}));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->type, kube::WatchEventType::deleted);
  EXPECT_EQ(objects::name_of(second->object), "two");
}

TEST(Twin, watches_that_went_away_make_room_for_others)
{
  ReplayedBundle bundle(small_cluster);
  for (int i = 0; i < most_watches; ++i) {
    const auto watch = bundle->watch({.resource = nodes});
    for (int event = 0; event < 2; ++event) ASSERT_TRUE(must(watch->next(soon(), {})));
    // The next step opens the stream, which then stays silent.
    EXPECT_FALSE(must(watch->next(Deadline::in(50ms), {})));
  }
  // The client comes back after 429 a few times, a second apart; an open watch lasts for minutes.
  const auto another = must(bundle->raw("/api/v1/nodes?watch=true&timeoutSeconds=1", soon(), {}));
  EXPECT_EQ(another.status, 200);
  EXPECT_THAT(another.body, HasSubstr("\"ADDED\""));
}

TEST(Twin, gives_logs_whole_cut_and_of_the_run_before)
{
  ReplayedBundle bundle(small_cluster);
  EXPECT_EQ(must(bundle->logs({.space = "gpu", .pod = "one"}, soon(), {})).text,
            "first\nsecond\nthird\n");
  EXPECT_EQ(must(bundle->logs({.space = "gpu", .pod = "one", .container = "main", .tail_lines = 1},
                              soon(), {}))
                .text,
            "third\n");
  EXPECT_EQ(
      must(bundle->logs({.space = "gpu", .pod = "one", .is_previous = true}, soon(), {})).text,
      "earlier\n");
  const auto cut = must(bundle->logs({.space = "gpu", .pod = "one", .limit_bytes = 5}, soon(), {}));
  EXPECT_EQ(cut.text, "first");
  EXPECT_TRUE(cut.was_cut);
}

TEST(Twin, a_log_that_is_not_there_is_not_found)
{
  ReplayedBundle bundle(small_cluster);
  const auto other = bundle->logs({.space = "gpu", .pod = "one", .container = "side"}, soon(), {});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::not_found);
  EXPECT_EQ(bundle->logs({.space = "gpu", .pod = "three"}, soon(), {}).error().kind,
            ErrorKind::not_found);
  const auto ambiguous = bundle->logs({.space = "gpu", .pod = "two"}, soon(), {});
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().kind, ErrorKind::invalid);
  EXPECT_THAT(ambiguous.error().what, HasSubstr("choose one of: [a b]"));
}

TEST(Twin, kinds_that_no_table_has_are_discovered)
{
  ReplayedBundle bundle([](evidence::Writer& writer) {
    must(writer.object(object("example.com/v1beta1", "Policy", "", "mine")));
    must(writer.collected("api/example.com/v1beta1/Policy"));
  });
  const auto resource = must(bundle->resource_for("example.com/v1beta1", "Policy", soon(), {}));
  EXPECT_EQ(resource.plural, "policies");
  EXPECT_FALSE(resource.is_namespaced);
  EXPECT_THAT(listed(bundle, {.resource = resource}), ElementsAre("/mine"));
  EXPECT_THAT(must(bundle->raw("/apis", soon(), {})).body, HasSubstr("example.com/v1beta1"));
  EXPECT_THAT(must(bundle->raw("/api", soon(), {})).body, HasSubstr("\"v1\""));
  EXPECT_THAT(must(bundle->raw("/api/v1", soon(), {})).body, HasSubstr("\"namespaces\""));
  EXPECT_EQ(must(bundle->raw("/apis/nvidia.com/v1", soon(), {})).status, 404);
  EXPECT_EQ(must(bundle->raw("/api/v1/unknowns", soon(), {})).status, 404);
}

TEST(Twin, without_its_token_nobody_gets_anything)
{
  ReplayedBundle bundle(small_cluster);
  auto access = bundle.twin().access();
  for (const std::string token : {"", "wrong", "Bearer"}) {
    access.token = token;
    const auto answer = client_of(access)->list({.resource = pods}, soon(), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::denied);
    EXPECT_THAT(answer.error().what, HasSubstr("HTTP 401"));
  }
  EXPECT_GE(bundle.twin().statistics().denied, 3U);
}

TEST(Twin, is_not_trusted_by_another_authority_and_not_taken_for_one)
{
  ReplayedBundle bundle(small_cluster);
  ReplayedBundle other(small_cluster);
  auto access = bundle.twin().access();
  EXPECT_FALSE(access.is_insecure);
  access.authority = other.twin().access().authority;
  const auto answer = client_of(access)->list({.resource = pods}, soon(), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(answer.error().text(), HasSubstr("authority"));
  EXPECT_NE(bundle.twin().access().token, other.twin().access().token);
}

TEST(Twin, remembers_what_it_was_asked_and_no_secret)
{
  ReplayedBundle bundle(small_cluster);
  static_cast<void>(bundle->get({pods, "gpu", "one"}, soon(), {}));
  static_cast<void>(bundle->list({.resource = daemon_sets}, soon(), {}));
  const auto seen = bundle.twin().seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].path, "/api/v1/namespaces/gpu/pods/one");
  EXPECT_EQ(seen[0].status, 200);
  EXPECT_EQ(seen[1].path, "/apis/apps/v1/daemonsets");
  EXPECT_EQ(seen[1].status, 403);
}

TEST(Twin, ends_while_a_watch_is_open)
{
  ReplayedBundle bundle(small_cluster);
  const auto watch = bundle->watch({.resource = nodes});
  for (int event = 0; event < 2; ++event) ASSERT_TRUE(must(watch->next(soon(), {})));
  EXPECT_FALSE(must(watch->next(Deadline::in(200ms), {})));
  const auto began = Deadline::Clock::now();
  bundle.end_twin();
  // Not the watch's own five minutes: a bound, no measurement.
  EXPECT_LT(Deadline::Clock::now() - began, 60s);
  EXPECT_FALSE(bundle->list({.resource = nodes}, Deadline::in(5s), {}));
}

}  // namespace
}  // namespace coroner::twin
