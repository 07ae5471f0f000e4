// SPDX-License-Identifier: Apache-2.0
// The client against servers that refuse, throttle, cut and lie.
#include "harness/kube/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kube/cluster_test.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::Deadline;
using base::ErrorKind;
using testing::cut_after;
using ::testing::HasSubstr;
using testing::Reply;
using testing::reply;
using testing::ScriptedServer;
using testing::SeenRequest;
using namespace std::chrono_literals;

const Target pod_a{{"v1", "Pod", "pods", true}, "default", "a"};
const Query pods{{"v1", "Pod", "pods", true}, "default", "", ""};

std::string pod_text(const std::string& run = "r1")
{
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default","uid":"u1",
             "resourceVersion":"5","labels":{"coroner/run-id":")" +
         run + R"("}}})";
}

nlohmann::json new_pod()
{
  return nlohmann::json::parse(pod_text());
}

std::string status_text(const std::string& reason, const std::string& message)
{
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":")" + reason +
         R"(","message":")" + message + R"("})";
}

TEST(Client, an_object_is_read_and_its_absence_is_not_found)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (request.path == "/api/v1/namespaces/default/pods/a") return reply(200, pod_text());
    return reply(404, status_text("NotFound", "pods \\\"b\\\" not found"));
  });
  const auto found = cluster->get(pod_a, cluster.soon(), {});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(objects::uid_of(*found), "u1");
  auto other = pod_a;
  other.name = "b";
  const auto absent = cluster->get(other, cluster.soon(), {});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  EXPECT_THAT(absent.error().what, HasSubstr(R"(pods "b" not found)"));
}

TEST(Client, a_missing_right_is_named_as_a_rule)
{
  TestCluster cluster([](const SeenRequest&) {
    return reply(
        403, status_text("Forbidden", "pods is forbidden: User \\\"x\\\" cannot list resource"));
  });
  const auto listing = cluster->list(pods, cluster.soon(), {});
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().kind, ErrorKind::denied);
  EXPECT_EQ(
      listing.error().hint,
      R"(needs the RBAC rule {apiGroups: [""], resources: [pods], verbs: [list]} in namespace default)");
}

TEST(Client, a_refusal_of_admission_is_not_taken_for_a_missing_right)
{
  TestCluster cluster([](const SeenRequest&) {
    return reply(403, status_text("Forbidden", "pods a is forbidden: violates PodSecurity"));
  });
  const auto created = cluster->create(new_pod(), {}, cluster.soon(), {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, ErrorKind::denied);
  EXPECT_EQ(created.error().hint, "");
}

TEST(Client, lists_come_in_pages_with_their_kind)
{
  TestCluster cluster([](const SeenRequest& request) {
    const bool is_second = request.query.find("continue=next%2F") != std::string::npos;
    return reply(
        200,
        is_second
            ? R"({"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"b"}}]})"
            : R"({"metadata":{"resourceVersion":"9","continue":"next/"},"items":[{"metadata":{"name":"a"}}]})");
  });
  const auto listing = cluster->list(pods, cluster.soon(), {});
  ASSERT_TRUE(listing) << listing.error().text();
  ASSERT_EQ(listing->items.size(), 2U);
  EXPECT_EQ(objects::kind_of(listing->items[1]), "Pod");
  EXPECT_EQ(listing->resource_version, "9");
  EXPECT_THAT(cluster.server().seen()[0].query, HasSubstr("limit=500"));
}

TEST(Client, a_page_that_has_gone_begins_the_list_anew_and_at_last_without_pages)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (request.query.find("continue") != std::string::npos)
      return reply(410, status_text("Expired", "gone"));
    const bool is_whole = request.query.find("limit") == std::string::npos;
    return reply(200, is_whole ? R"({"metadata":{},"items":[{},{}]})"
                               : R"({"metadata":{"continue":"x"},"items":[{}]})");
  });
  const auto listing = cluster->list(pods, cluster.soon(), {});
  ASSERT_TRUE(listing) << listing.error().text();
  EXPECT_EQ(listing->items.size(), 2U);
  EXPECT_TRUE(listing->was_restarted);
  EXPECT_EQ(cluster.server().seen().size(), 5U);
}

TEST(Client, throttling_is_waited_for_and_counted)
{
  TestCluster cluster(in_order(
      {reply(429, "", "", {"Retry-After: 0"}), reply(429, "slow down"), reply(200, pod_text())}));
  ASSERT_TRUE(cluster->get(pod_a, cluster.soon(), {}));
  EXPECT_EQ(cluster->statistics().throttles, 2U);
  EXPECT_EQ(cluster->statistics().repeats, 2U);
}

TEST(Client, a_retry_after_beyond_the_deadline_is_not_waited_for)
{
  TestCluster cluster([](const SeenRequest&) { return reply(429, "", "", {"Retry-After: 3000"}); });
  const auto answer = cluster->get(pod_a, cluster.soon(), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  EXPECT_EQ(cluster.server().seen().size(), 1U);
}

TEST(Client, faults_of_the_server_are_repeated_up_to_the_bound)
{
  TestCluster cluster([](const SeenRequest&) { return reply(503, "down", "text/plain"); });
  const auto answer = cluster->get(pod_a, cluster.soon(), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(answer.error().what, HasSubstr("HTTP 503"));
  EXPECT_EQ(cluster.server().seen().size(), 5U);
}

TEST(Client, a_read_survives_a_reset_at_any_byte)
{
  const auto whole = reply(200, pod_text());
  const auto bytes = whole.pieces.front().bytes.size();
  for (std::size_t cut = 0; cut < bytes; cut += 7) {
    TestCluster cluster(in_order({cut_after(whole, cut), whole}));
    const auto answer = cluster->get(pod_a, cluster.soon(), {});
    ASSERT_TRUE(answer) << "cut after " << cut << ": " << answer.error().text();
    EXPECT_EQ(cluster.server().seen().size(), 2U);
  }
}

TEST(Client, a_create_that_arrived_before_the_reset_is_read_back_and_not_repeated)
{
  int posts = 0;
  TestCluster cluster([&posts](const SeenRequest& request) {
    if (request.method == "POST") {
      ++posts;
      return Reply{{}, Reply::End::reset};
    }
    return reply(200, pod_text());
  });
  const auto created = cluster->create(new_pod(), {}, cluster.soon(), {});
  ASSERT_TRUE(created) << created.error().text();
  EXPECT_EQ(objects::uid_of(*created), "u1");
  EXPECT_EQ(posts, 1);
  EXPECT_EQ(cluster->statistics().read_backs, 1U);
}

TEST(Client, a_create_that_did_not_arrive_is_repeated)
{
  int posts = 0;
  TestCluster cluster([&posts](const SeenRequest& request) {
    if (request.method == "GET") return reply(404, status_text("NotFound", "no"));
    return ++posts == 1 ? Reply{{}, Reply::End::reset} : reply(201, pod_text());
  });
  ASSERT_TRUE(cluster->create(new_pod(), {}, cluster.soon(), {}));
  EXPECT_EQ(posts, 2);
}

TEST(Client, an_object_of_another_run_is_never_taken_for_ours)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (request.method == "GET") return reply(200, pod_text("another"));
    return reply(409, status_text("AlreadyExists", "pods \\\"a\\\" already exists"));
  });
  const auto created = cluster->create(new_pod(), {}, cluster.soon(), {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, ErrorKind::invalid);
  EXPECT_THAT(created.error().what, HasSubstr("already exists"));
}

TEST(Client, an_object_of_our_run_that_is_there_already_is_given_back)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (request.method == "GET") return reply(200, pod_text());
    return reply(409, status_text("AlreadyExists", "already exists"));
  });
  EXPECT_TRUE(cluster->create(new_pod(), {}, cluster.soon(), {}));
}

TEST(Client, a_create_without_a_name_is_refused_before_anything_is_sent)
{
  TestCluster cluster([](const SeenRequest&) { return reply(201, "{}"); });
  const auto created = cluster->create({{"apiVersion", "v1"},
                                        {"kind", "Pod"},
                                        {"metadata", {{"generateName", "x-"}, {"namespace", "d"}}}},
                                       {}, cluster.soon(), {});
  ASSERT_FALSE(created);
  EXPECT_TRUE(cluster.server().seen().empty());
}

TEST(Client, a_dry_run_says_so_and_is_repeated_freely)
{
  TestCluster cluster(in_order({Reply{{}, Reply::End::reset}, reply(201, pod_text())}));
  ASSERT_TRUE(cluster->create(new_pod(), {.is_dry_run = true}, cluster.soon(), {}));
  EXPECT_THAT(cluster.server().seen()[1].query, HasSubstr("dryRun=All"));
}

TEST(Client, what_is_no_kubernetes_answer_is_shown_safely)
{
  TestCluster html(
      [](const SeenRequest&) { return reply(200, "<html>\x1b[31mlogin</html>", "text/html"); });
  const auto page = html->get(pod_a, html.soon(), {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(page.error().what, HasSubstr(R"(HTTP 200, text/html, <html>\x1b[31mlogin</html>)"));
  TestCluster cut([](const SeenRequest&) { return reply(200, R"({"kind":"Pod","meta)"); });
  EXPECT_THAT(cut->get(pod_a, cut.soon(), {}).error().what, HasSubstr("no whole JSON value"));
  TestCluster deep([](const SeenRequest&) { return reply(200, std::string(100'000, '[')); });
  EXPECT_THAT(deep->get(pod_a, deep.soon(), {}).error().what, HasSubstr("deeper than 128"));
}

TEST(Client, a_server_that_dribbles_is_left_after_the_idle_time)
{
  TestCluster cluster(
      [](const SeenRequest&) {
        Reply slow{{{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", {}}}, Reply::End::hold};
        for (int byte = 0; byte < 100; ++byte) slow.pieces.push_back({"x", 20ms});
        return slow;
      },
      {.retry = {.first_pause = 1ms, .largest_pause = 1ms, .attempts = 1}, .idle = 100ms});
  const auto answer = cluster->get(pod_a, cluster.soon(), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::timed_out);
  EXPECT_THAT(answer.error().what, HasSubstr("next to nothing for 0.1 s"));
}

TEST(Client, the_deadline_and_a_stop_end_a_call)
{
  TestCluster cluster([](const SeenRequest&) { return Reply{{}, Reply::End::hold}; });
  EXPECT_EQ(cluster->get(pod_a, Deadline::in(50ms), {}).error().kind, ErrorKind::timed_out);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(cluster->get(pod_a, cluster.soon(), stop.get_token()).error().kind,
            ErrorKind::timed_out);
}

TEST(Client, a_redirect_to_another_host_is_not_followed_and_carries_no_token_away)
{
  TestCluster elsewhere([](const SeenRequest&) { return reply(200, pod_text()); });
  const auto location = "Location: " + elsewhere.server().url() + "/x";
  TestCluster cluster([&](const SeenRequest&) { return reply(302, "", "", {location}); });
  const auto answer = cluster->get(pod_a, cluster.soon(), {});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().hint, HasSubstr("not followed"));
  EXPECT_TRUE(elsewhere.server().seen().empty());
}

TEST(Client, a_redirect_within_the_server_is_followed)
{
  TestCluster cluster(in_order({reply(307, "", "", {"Location: /moved"}), reply(200, pod_text())}));
  EXPECT_TRUE(cluster->get(pod_a, cluster.soon(), {}));
  EXPECT_EQ(cluster.server().seen()[1].path, "/moved");
}

TEST(Client, a_refused_connection_says_what_to_check)
{
  std::string url;
  {
    TestCluster gone([](const SeenRequest&) { return reply(200, "{}"); });
    url = gone.server().url();
  }
  ClusterAccess access;
  access.server = url;
  auto cluster = connect(access, quick_options());
  ASSERT_TRUE(cluster);
  const auto answer = (*cluster)->get(pod_a, Deadline::in(10s), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(answer.error().hint, HasSubstr("is reachable from here"));
  EXPECT_EQ((*cluster)->statistics().repeats, 2U);
}

TEST(Client, connections_are_kept_for_the_next_call)
{
  TestCluster cluster([](const SeenRequest&) { return reply(200, pod_text()); });
  for (int call = 0; call < 5; ++call) ASSERT_TRUE(cluster->get(pod_a, cluster.soon(), {}));
  EXPECT_EQ(cluster.server().connections(), 1);
}

TEST(Client, a_kept_connection_that_died_does_not_make_two_pods)
{
  int posts = 0;
  TestCluster cluster([&posts](const SeenRequest& request) {
    if (request.method == "GET") return reply(200, pod_text());
    return ++posts == 1 ? Reply{{}, Reply::End::close}
                        : reply(409, status_text("AlreadyExists", "already exists"));
  });
  ASSERT_TRUE(cluster->get(pod_a, cluster.soon(), {}));
  const auto created = cluster->create(new_pod(), {}, cluster.soon(), {});
  ASSERT_TRUE(created) << created.error().text();
  EXPECT_LE(posts, 2);
}

}  // namespace
}  // namespace coroner::kube
