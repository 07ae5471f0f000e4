// SPDX-License-Identifier: Apache-2.0
// Bundles and requests of somebody who means harm: bounded, answered, and nothing falls over.
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/objects/object.h"
#include "harness/twin/https_server.h"
#include "harness/twin/twin_test.h"

namespace coroner::twin {
namespace {

using base::ErrorKind;
using nlohmann::json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

void put(const fs::path& file, const std::string& content)
{
  fs::create_directories(file.parent_path());
  std::ofstream(file) << content;
}

void one_pod(evidence::Writer& writer)
{
  must(writer.object(object("v1", "Pod", "gpu", "one")));
  must(writer.collected("api/v1/Pod"));
}

TEST(HostileBundle, objects_that_do_not_belong_where_they_stand_are_passed_over)
{
  ReplayedBundle bundle(one_pod, [](const fs::path& place) {
    put(place / "objects/v1/Pod/gpu/number.json", "7");
    put(place / "objects/v1/Pod/gpu/null.json", "null");
    put(place / "objects/v1/Pod/gpu/other.json", object("v1", "Pod", "gpu", "one").dump());
    put(place / "objects/v1/Pod/gpu/nameless.json", R"({"apiVersion":"v1","kind":"Pod"})");
    put(place / "objects/a_b_c/Pod/gpu/deep.json", object("a/b/c", "Pod", "gpu", "deep").dump());
  });
  EXPECT_EQ(must(bundle->list({.resource = pods}, soon(), {})).items.size(), 1U);
  EXPECT_EQ(bundle.twin().statistics().passed_over, 5U);
}

TEST(HostileBundle, objects_without_identity_get_one)
{
  ReplayedBundle bundle(one_pod, [](const fs::path& place) {
    for (const char* name : {"a", "b"}) {
      auto made = object("v1", "Pod", "gpu", name);
      made["metadata"]["uid"] = json::array();
      made["metadata"]["resourceVersion"] = 12;
      made["metadata"]["labels"] = "none";
      put(place / ("objects/v1/Pod/gpu/" + std::string(name) + ".json"), made.dump());
    }
  });
  const auto watch = bundle->watch({.resource = pods});
  for (int i = 0; i < 3; ++i) {
    const auto event = must(watch->next(soon(), {}));
    ASSERT_TRUE(event);
    EXPECT_FALSE(objects::uid_of(event->object).empty());
    EXPECT_FALSE(objects::resource_version_of(event->object).empty());
  }
}

TEST(HostileBundle, versions_at_the_end_of_numbers_leave_room_for_deletions)
{
  ReplayedBundle bundle([](evidence::Writer& writer) {
    for (const char* version : {"18446744073709551615", "99999999999999999999999", "-1", "x"}) {
      auto made = object("v1", "Pod", "gpu", fmt::format("v{}", version));
      made["metadata"]["resourceVersion"] = version;
      must(writer.object(made));
    }
    must(writer.collected("api/v1/Pod"));
  });
  const auto watch = bundle->watch({.resource = pods});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(must(watch->next(soon(), {})));
  EXPECT_TRUE(must(bundle->remove({pods, "gpu", "vx"}, {}, soon(), {})));
  const auto event = must(watch->next(soon(), {}));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, kube::WatchEventType::deleted);
}

TEST(HostileBundle, broken_files_and_too_many_kinds_are_errors_that_say_where)
{
  const auto folder = must(base::ScopedDirectory::make("/tmp", "coroner-twin-test-"));
  const auto broken = ReplayedBundle::written(folder.path() / "a", one_pod, [](const auto& place) {
    put(place / "objects/v1/Pod/gpu/half.json", R"({"apiVersion":)");
  });
  const auto refused = Twin::start(broken);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().text(), HasSubstr("objects/v1/Pod/gpu/half.json"));
  const auto many =
      ReplayedBundle::written(folder.path() / "b", one_pod, [](const fs::path& place) {
        std::ofstream events(place / "events.ndjson", std::ios::app);
        for (int i = 0; i < 3000; ++i)
          events << fmt::format(
              R"({{"sequence":{},"at":"2026-11-21T00:00:00.000Z",)"
              R"("kind":"collected","data":{{"place":"api/x/v1/K{}","node":""}}}})"
              "\n",
              i + 3, i);
      });
  const auto too_many = Twin::start(many);
  ASSERT_FALSE(too_many);
  EXPECT_THAT(too_many.error().text(), HasSubstr("more than 2000 kinds"));
}

TEST(HostileBundle, answers_and_plans_of_other_shapes_change_nothing)
{
  ReplayedBundle bundle([](evidence::Writer& writer) {
    one_pod(writer);
    for (const json& data : {json(3), json::array({1}), json{{"question", 7}},
                             json{{"question", "dry_run"}, {"object_name", "x"}, {"code", "many"}}})
      must(writer.answer(data));
    must(writer.plan({{"permissions", {{"verb", "get"}}}}));
    must(writer.plan({{"permissions", {1, nullptr, {{"verb", 1}}}}}));
    for (const char* place : {"api/", "api//", "api/v1", "api/v1/", "api//Pod", "", "host/x"})
      must(writer.collected(place));
  });
  const auto dry =
      bundle->create(object("v1", "Pod", "gpu", "x"), {.is_dry_run = true}, soon(), {});
  ASSERT_FALSE(dry);
  EXPECT_THAT(dry.error().what, HasSubstr("HTTP 500"));
  EXPECT_TRUE(
      must(bundle->access_review({.verb = "get", .plural = "pods"}, soon(), {})).is_allowed);
}

TEST(HostileRequest, strange_paths_and_parameters_are_answered)
{
  ReplayedBundle bundle(one_pod);
  const auto status_of = [&bundle](const std::string& path) {
    return must(bundle->raw(path, soon(), {})).status;
  };
  EXPECT_EQ(status_of("/api/v1/pods?limit=-1"), 400);
  EXPECT_EQ(status_of("/api/v1/pods?limit=99999999999999999999"), 400);
  EXPECT_EQ(status_of("/api/v1/pods?limit=0&continue=%00%FF"), 200);
  EXPECT_EQ(status_of("/api/v1/pods?watch=true&resourceVersion=soon"), 400);
  EXPECT_EQ(status_of("/api/v1/pods?fieldSelector=" + std::string(5000, 'a')), 400);
  EXPECT_EQ(status_of("/api/v1/pods/one"), 404);
  EXPECT_EQ(status_of("/api/v1/namespaces/gpu/pods/one/log?tailLines=x"), 400);
  EXPECT_EQ(status_of("/api/v1/namespaces/..%2F..%2Fgpu/pods/%2e%2e/log"), 404);
  EXPECT_EQ(status_of("/api/v1/namespaces/gpu/pods/one%0Atwo"), 404);
  EXPECT_EQ(status_of("/" + std::string(longest_target_bytes, 'a')), 414);
  EXPECT_EQ(status_of("/api/v1/namespaces/gpu/pods/one"), 200);
}

TEST(HostileRequest, a_body_beyond_the_bound_is_refused)
{
  ReplayedBundle bundle(one_pod);
  auto large = object("v1", "Pod", "gpu", "large");
  large["data"] = std::string(largest_request_body_bytes + 1, 'x');
  const auto made = bundle->create(large, {}, soon(), {});
  EXPECT_FALSE(made);
  EXPECT_TRUE(bundle->get({pods, "gpu", "one"}, soon(), {}));
}

TEST(HostileRequest, more_watches_than_may_be_leave_room_for_other_requests)
{
  ReplayedBundle bundle(one_pod);
  std::vector<std::unique_ptr<kube::Watch>> watches;
  int open = 0;
  for (int i = 0; i < 30; ++i) {
    watches.push_back(bundle->watch({.resource = pods}));
    ASSERT_TRUE(must(watches.back()->next(soon(), {})));
    static_cast<void>(watches.back()->next(base::Deadline::in(std::chrono::milliseconds{30}), {}));
  }
  for (const auto& request : bundle.twin().seen())
    if (request.status == 429) ++open;
  EXPECT_GE(open, 1);
  EXPECT_TRUE(bundle->get({pods, "gpu", "one"}, soon(), {}));
}

TEST(HostileRequest, many_threads_are_served_at_once)
{
  ReplayedBundle bundle(one_pod);
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 48; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < 5; ++round)
          if (bundle->get({pods, "gpu", "one"}, soon(), {})) ++good;
      });
  }
  EXPECT_EQ(good, 48 * 5);
}

}  // namespace
}  // namespace coroner::twin
