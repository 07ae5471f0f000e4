// SPDX-License-Identifier: Apache-2.0
// Writing through the real client: what was recorded is taken, the rest is refused, deleted is
// gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/objects/object.h"
#include "harness/twin/recording.h"
#include "harness/twin/twin_test.h"

namespace coroner::twin {
namespace {

using base::ErrorKind;
using nlohmann::json;
using ::testing::HasSubstr;

json answer(const char* name, const char* status, int code, const char* message)
{
  return {{"question", "dry_run"}, {"case", "security/privileged"},
          {"object_name", name},   {"status", status},
          {"code", code},          {"message", message}};
}

/// A run's namespace with a pod and a config map in it, and a pod elsewhere.
void finished_run(evidence::Writer& writer)
{
  must(writer.plan({{"permissions",
                     {{{"verb", "create"}, {"resource", "pods"}, {"allowed", true}},
                      {{"verb", "create"}, {"resource", "namespaces"}, {"allowed", false}},
                      {{"verb", "get"}, {"resource", "pods/log"}, {"allowed", false}}}}}));
  must(writer.object(object("v1", "Namespace", "", "mine", {{run_label, "r1"}})));
  must(writer.object(object("v1", "Pod", "mine", "work", {{run_label, "r1"}})));
  must(writer.object(object("v1", "ConfigMap", "mine", "words", {{run_label, "r1"}})));
  must(writer.object(object("v1", "Pod", "mine-too", "work", {{run_label, "r1"}})));
  for (const char* place : {"api/v1/Namespace", "api/v1/Pod", "api/v1/ConfigMap"})
    must(writer.collected(place));
  must(writer.answer(answer("admitted", "admitted", 0, "")));
  must(writer.answer(answer("refused", "refused", 403, "violates PodSecurity \"restricted\"")));
  must(writer.answer(answer("fault", "error", 503, "the webhook is away")));
}

base::Result<json> create(ReplayedBundle& bundle, const json& made, bool is_dry_run = false)
{
  return bundle->create(made, {.is_dry_run = is_dry_run}, soon(), {});
}

TEST(TwinCreate, a_recorded_object_of_the_same_run_is_taken_as_created)
{
  ReplayedBundle bundle(finished_run);
  const auto made = create(bundle, object("v1", "Pod", "mine", "work", {{run_label, "r1"}}));
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(objects::uid_of(*made), "uid-Pod-mine-work");
  EXPECT_EQ(bundle->statistics().read_backs, 1U);
}

TEST(TwinCreate, a_recorded_object_of_another_run_is_refused)
{
  ReplayedBundle bundle(finished_run);
  const auto made = create(bundle, object("v1", "Pod", "mine", "work", {{run_label, "r2"}}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::invalid);
  EXPECT_THAT(made.error().what, HasSubstr("already exists"));
}

TEST(TwinCreate, what_was_not_recorded_is_not_simulated)
{
  ReplayedBundle bundle(finished_run);
  const auto made = create(bundle, object("v1", "Pod", "mine", "fresh", {{run_label, "r1"}}));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().what, HasSubstr("HTTP 501"));
  EXPECT_THAT(made.error().what, HasSubstr("the twin replays what was recorded"));
  EXPECT_EQ(bundle->statistics().requests, 1U);
  const auto patched = bundle->patch({pods, "mine", "work"}, {.body = json::object()}, soon(), {});
  ASSERT_FALSE(patched);
  EXPECT_THAT(patched.error().what, HasSubstr("the twin replays what was recorded"));
  EXPECT_FALSE(bundle->replace(object("v1", "Pod", "mine", "work"), soon(), {}));
  EXPECT_EQ(bundle.twin().statistics().unrecorded, 3U);
}

TEST(TwinCreate, dry_runs_are_answered_as_they_were)
{
  ReplayedBundle bundle(finished_run);
  const auto admitted = create(bundle, object("v1", "Pod", "open", "admitted"), true);
  ASSERT_TRUE(admitted) << admitted.error().text();
  EXPECT_EQ(objects::name_of(*admitted), "admitted");
  const auto refused = create(bundle, object("v1", "Pod", "open", "refused"), true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_THAT(refused.error().what, HasSubstr("violates PodSecurity"));
  const auto fault = create(bundle, object("v1", "Pod", "open", "fault"), true);
  ASSERT_FALSE(fault);
  EXPECT_EQ(fault.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(fault.error().what, HasSubstr("HTTP 503"));
  EXPECT_THAT(fault.error().what, HasSubstr("the webhook is away"));
  const auto unknown = create(bundle, object("v1", "Pod", "mine", "work"), true);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().what, HasSubstr("not recorded"));
}

TEST(TwinCreate, a_refusal_that_our_client_recorded_reads_the_same_again)
{
  const auto pod = object("v1", "Pod", "mine", "late");
  std::string recorded;
  {
    ReplayedBundle live([](evidence::Writer& writer) {
      must(writer.answer({{"question", "create"},
                          {"pod", "mine/late"},
                          {"status", "refused"},
                          {"code", 403},
                          {"message", "exceeded quota"}}));
    });
    const auto made = create(live, pod);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::denied);
    EXPECT_THAT(made.error().what, HasSubstr("(HTTP 403): exceeded quota"));
    recorded = made.error().what;
  }
  ReplayedBundle again([&recorded](evidence::Writer& writer) {
    must(writer.answer({{"question", "create"},
                        {"pod", "mine/late"},
                        {"status", "refused"},
                        {"message", recorded}}));
    must(writer.answer({{"question", "dry_run"},
                        {"object_name", "late"},
                        {"status", "refused"},
                        {"code", 422},
                        {"message", recorded}}));
  });
  for (const bool is_dry_run : {false, true}) {
    const auto made = create(again, pod, is_dry_run);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().what, recorded);
  }
}

TEST(TwinCreate, of_what_the_run_made_everything_is_known)
{
  ReplayedBundle bundle([](evidence::Writer& writer) {
    must(writer.object(object("v1", "Namespace", "", "own", {{run_label, "run-1"}})));
    must(writer.object(object("v1", "Event", "own", "warning")));
    must(writer.object(object("v1", "Event", "default", "warning")));
  });
  const objects::Resource events{"v1", "Event", "events", true};
  EXPECT_EQ(must(bundle->list({.resource = events, .space = "own"}, soon(), {})).items.size(), 1U);
  EXPECT_EQ(bundle->list({.resource = events, .space = "default"}, soon(), {}).error().kind,
            ErrorKind::denied);
  EXPECT_EQ(bundle->list({.resource = namespaces}, soon(), {}).error().kind, ErrorKind::denied);
  const kube::Query own{.resource = namespaces, .labels = "coroner/run-id=run-1"};
  EXPECT_EQ(must(bundle->list(own, soon(), {})).items.size(), 1U);
  EXPECT_TRUE(must(bundle->remove({namespaces, "", "own"}, {}, soon(), {})));
  EXPECT_TRUE(must(bundle->list(own, soon(), {})).items.empty());
  const kube::Query other{.resource = namespaces, .labels = "coroner/run-id=run-2"};
  EXPECT_EQ(bundle->list(other, soon(), {}).error().kind, ErrorKind::denied);
}

TEST(TwinCreate, access_is_allowed_as_the_plan_has_it_and_else_for_reading)
{
  ReplayedBundle bundle(finished_run);
  const auto may = [&bundle](const kube::Action& action) {
    return must(bundle->access_review(action, soon(), {})).is_allowed;
  };
  EXPECT_TRUE(may({.verb = "create", .plural = "pods"}));
  EXPECT_FALSE(may({.verb = "create", .plural = "namespaces"}));
  EXPECT_FALSE(may({.verb = "get", .plural = "pods", .subresource = "log"}));
  EXPECT_TRUE(may({.verb = "list", .plural = "nodes"}));
  EXPECT_FALSE(may({.verb = "delete", .plural = "nodes"}));
}

TEST(TwinRemove, what_is_deleted_is_gone)
{
  ReplayedBundle bundle(finished_run);
  EXPECT_TRUE(must(bundle->remove({pods, "mine", "work"}, {}, soon(), {})));
  EXPECT_EQ(bundle->get({pods, "mine", "work"}, soon(), {}).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(must(bundle->remove({pods, "mine", "work"}, {}, soon(), {})));
  const auto left = must(bundle->list({.resource = pods}, soon(), {}));
  ASSERT_EQ(left.items.size(), 1U);
  EXPECT_EQ(objects::namespace_of(left.items[0]), "mine-too");
  EXPECT_FALSE(create(bundle, object("v1", "Pod", "mine", "work", {{run_label, "r1"}})));
}

TEST(TwinRemove, with_a_namespace_goes_what_is_in_it_and_nothing_else)
{
  ReplayedBundle bundle(finished_run);
  const auto watch = bundle->watch({.resource = pods, .space = "mine"});
  ASSERT_TRUE(must(watch->next(soon(), {})));
  EXPECT_TRUE(must(bundle->remove({namespaces, "", "mine"}, {}, soon(), {})));
  const auto gone = must(watch->next(soon(), {}));
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->type, kube::WatchEventType::deleted);
  const objects::Resource config_maps{"v1", "ConfigMap", "configmaps", true};
  EXPECT_TRUE(must(bundle->list({.resource = config_maps}, soon(), {})).items.empty());
  EXPECT_TRUE(bundle->get({pods, "mine-too", "work"}, soon(), {}));
  EXPECT_EQ(bundle->get({namespaces, "", "mine"}, soon(), {}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(must(bundle->identity(soon(), {})).uid, "cluster-uid");
}

TEST(TwinRemove, another_uid_protects_an_object)
{
  ReplayedBundle bundle(finished_run);
  const auto kept = bundle->remove({pods, "mine", "work"}, {.uid = "another"}, soon(), {});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, ErrorKind::invalid);
  EXPECT_TRUE(bundle->get({pods, "mine", "work"}, soon(), {}));
  EXPECT_TRUE(
      must(bundle->remove({pods, "mine", "work"}, {.uid = "uid-Pod-mine-work"}, soon(), {})));
}

TEST(TwinRemove, what_never_was_there_is_no_error_of_the_client)
{
  ReplayedBundle bundle(finished_run);
  EXPECT_FALSE(must(bundle->remove({pods, "mine", "nine"}, {}, soon(), {})));
}

}  // namespace
}  // namespace coroner::twin
