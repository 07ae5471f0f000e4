// SPDX-License-Identifier: Apache-2.0
// Single calls: what they send, and what they make of the answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kube/client.h"
#include "harness/kube/cluster_test.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using ::testing::HasSubstr;
using testing::Reply;
using testing::reply;
using testing::SeenRequest;
using namespace std::chrono_literals;

const Target pod_a{{"v1", "Pod", "pods", true}, "default", "a"};

std::string pod_text()
{
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"u1"}})";
}

std::string status_text(const std::string& reason, const std::string& message)
{
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":")" + reason +
         R"(","message":")" + message + R"("})";
}

TEST(Calls, deletes_take_absence_as_done_and_repeat_after_a_reset)
{
  TestCluster cluster(
      in_order({Reply{{}, Reply::End::reset}, reply(404, status_text("NotFound", "not found"))}));
  const auto removed =
      cluster->remove(pod_a, {.grace_seconds = 0, .uid = "u1"}, cluster.soon(), {});
  ASSERT_TRUE(removed) << removed.error().text();
  EXPECT_FALSE(*removed);
  EXPECT_THAT(cluster.server().seen()[0].body, HasSubstr(R"("preconditions":{"uid":"u1"})"));
}

TEST(Calls, apply_names_its_field_manager_and_takes_fields_over)
{
  TestCluster cluster([](const SeenRequest&) { return reply(200, pod_text()); });
  ASSERT_TRUE(apply(*cluster,
                    {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "c"}}}},
                    "space", cluster.soon(), {}));
  const auto seen = cluster.server().seen().at(0);
  EXPECT_EQ(seen.method, "PATCH");
  EXPECT_EQ(seen.path, "/api/v1/namespaces/space/configmaps/c");
  EXPECT_EQ(seen.query, "fieldManager=coroner&force=true");
  EXPECT_EQ(seen.headers.at("content-type"), "application/apply-patch+yaml");
}

TEST(Calls, logs_are_bounded_in_bytes_and_lines)
{
  TestCluster cluster([](const SeenRequest&) {
    return reply(200, "short\n" + std::string(300, 'x') + "\nend\n", "text/plain");
  });
  const auto text = cluster->logs({.space = "default",
                                   .pod = "a",
                                   .container = "c",
                                   .is_previous = true,
                                   .tail_lines = 10,
                                   .line_bytes = 100},
                                  cluster.soon(), {});
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_EQ(text->text,
            "short\n" + std::string(100, 'x') + "…[200 bytes of this line left out]\nend\n");
  EXPECT_EQ(cluster.server().seen()[0].query,
            "container=c&previous=true&tailLines=10&limitBytes=4194304");
  const auto cut =
      cluster->logs({.space = "default", .pod = "a", .limit_bytes = 20}, cluster.soon(), {});
  ASSERT_TRUE(cut) << cut.error().text();
  EXPECT_TRUE(cut->was_cut);
  EXPECT_EQ(cut->text.size(), 20U);
}

TEST(Calls, an_access_review_answers_whether_and_why)
{
  TestCluster cluster([](const SeenRequest&) {
    return reply(201, R"({"status":{"allowed":false,"reason":"no rule"}})");
  });
  const auto may = cluster->access_review({.verb = "create", .plural = "pods", .space = "x"},
                                          cluster.soon(), {});
  ASSERT_TRUE(may) << may.error().text();
  EXPECT_FALSE(may->is_allowed);
  EXPECT_EQ(may->reason, "no rule");
}

TEST(Calls, unknown_kinds_are_discovered_once)
{
  TestCluster cluster([](const SeenRequest&) {
    return reply(
        200,
        R"({"groupVersion":"x.io/v1","resources":[{"name":"things","kind":"Thing","namespaced":false}]})");
  });
  for (int call = 0; call < 2; ++call) {
    const auto resource = cluster->resource_for("x.io/v1", "Thing", cluster.soon(), {});
    ASSERT_TRUE(resource) << resource.error().text();
    EXPECT_EQ(resource->plural, "things");
  }
  EXPECT_EQ(cluster.server().seen().size(), 1U);
  EXPECT_EQ(cluster.server().seen()[0].path, "/apis/x.io/v1");
}

TEST(Calls, the_clock_skew_is_taken_from_the_date_header)
{
  TestCluster cluster([](const SeenRequest&) {
    return reply(200, pod_text(), "application/json", {"Date: Thu, 01 Jan 2099 00:00:00 GMT"});
  });
  ASSERT_TRUE(cluster->get(pod_a, cluster.soon(), {}));
  EXPECT_GT(cluster->statistics().clock_skew.value_or(0s), 24h);
}

}  // namespace
}  // namespace coroner::kube
