// SPDX-License-Identifier: Apache-2.0
// The client against a real API server, where $CORONER_LIVE_KUBECONFIG names one; writes only in a
// namespace of its own.
#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/kube/client.h"
#include "harness/kube/find.h"
#include "harness/kube/via_kubectl.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"

namespace coroner::kube {
namespace {

using base::Deadline;
using base::ErrorKind;
using nlohmann::json;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

const objects::Resource config_maps{"v1", "ConfigMap", "configmaps", true};
const objects::Resource namespaces{"v1", "Namespace", "namespaces", false};

class Live : public ::testing::Test {
 protected:
  void SetUp() override
  {
    const char* file = std::getenv("CORONER_LIVE_KUBECONFIG");
    if (file == nullptr) GTEST_SKIP() << "CORONER_LIVE_KUBECONFIG names no kubeconfig";
    auto access = find_cluster({.kubeconfig = file, .context = ""}, Surroundings::of_process());
    ASSERT_TRUE(access) << access.error().text();
    access_ = *access;
    Options options;
    options.requests_per_second = 50;
    options.burst_requests = 50;
    auto cluster = connect(access_, options);
    ASSERT_TRUE(cluster) << cluster.error().text();
    cluster_ = std::move(*cluster);
    static int count = 0;
    space_ = fmt::format("coroner-kube-{}-{}", ::getpid(), ++count);
    const auto made = apply(
        *cluster_, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", space_}}}},
        "", soon(), {});
    ASSERT_TRUE(made) << made.error().text();
  }

  void TearDown() override
  {
    if (!cluster_) return;
    EXPECT_TRUE(cluster_->remove({namespaces, "", space_}, {}, soon(), {}));
  }

  static Deadline soon() { return Deadline::in(30s); }

  json config_map(const std::string& name, const std::string& value) const
  {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata",
             {{"name", name}, {"namespace", space_}, {"labels", {{"coroner/run-id", "live"}}}}},
            {"data", {{"value", value}}}};
  }

  ClusterAccess access_;
  std::unique_ptr<Cluster> cluster_;
  std::string space_;
};

TEST_F(Live, objects_are_made_read_patched_and_removed)
{
  const auto made = cluster_->create(config_map("a", "1"), {}, soon(), {});
  ASSERT_TRUE(made) << made.error().text();
  const auto again = cluster_->create(config_map("a", "1"), {}, soon(), {});
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(objects::uid_of(*made), objects::uid_of(*again));
  auto stranger = config_map("a", "1");
  stranger["metadata"]["labels"]["coroner/run-id"] = "another";
  const auto refused = cluster_->create(stranger, {}, soon(), {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("already exists"));
  const Target target{config_maps, space_, "a"};
  const auto patched = cluster_->patch(target, {.body = {{"data", {{"value", "2"}}}}}, soon(), {});
  ASSERT_TRUE(patched) << patched.error().text();
  EXPECT_EQ(objects::text_at(*patched, "/data/value"), "2");
  auto outdated = *made;
  const auto conflict = cluster_->replace(outdated, soon(), {});
  ASSERT_FALSE(conflict);
  EXPECT_THAT(conflict.error().what, HasSubstr("HTTP 409"));
  ASSERT_TRUE(apply(*cluster_, config_map("a", "3"), "", soon(), {}));
  EXPECT_EQ(objects::text_at(*cluster_->get(target, soon(), {}), "/data/value"), "3");
  EXPECT_TRUE(cluster_->remove(target, {.uid = objects::uid_of(*made)}, soon(), {}).value());
  EXPECT_FALSE(cluster_->remove(target, {}, soon(), {}).value());
  EXPECT_EQ(cluster_->get(target, soon(), {}).error().kind, ErrorKind::not_found);
}

TEST_F(Live, what_is_invalid_is_told_in_the_servers_words_and_a_dry_run_stores_nothing)
{
  auto invalid = config_map("Not A Name", "x");
  const auto refused = cluster_->create(invalid, {.is_dry_run = true}, soon(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().what, HasSubstr("HTTP 422"));
  ASSERT_TRUE(cluster_->create(config_map("dry", "x"), {.is_dry_run = true}, soon(), {}));
  EXPECT_FALSE(cluster_->get({config_maps, space_, "dry"}, soon(), {}));
}

TEST_F(Live, a_watch_tells_what_happens)
{
  const auto watch = cluster_->watch({config_maps, space_, "coroner/run-id=live", ""});
  ASSERT_TRUE(watch->next(Deadline::in(500ms), {}));
  ASSERT_TRUE(cluster_->create(config_map("w", "1"), {}, soon(), {}));
  auto event = watch->next(soon(), {});
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->type, WatchEventType::added);
  ASSERT_TRUE(apply(*cluster_, config_map("w", "2"), "", soon(), {}));
  event = watch->next(soon(), {});
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->type, WatchEventType::modified);
  ASSERT_TRUE(cluster_->remove({config_maps, space_, "w"}, {}, soon(), {}));
  event = watch->next(soon(), {});
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->type, WatchEventType::deleted);
}

TEST_F(Live, long_lists_come_in_pages)
{
  Options options;
  options.page_items = 3;
  options.requests_per_second = options.burst_requests = 50;
  const auto paged = connect(access_, options);
  ASSERT_TRUE(paged);
  for (int index = 0; index < 10; ++index)
    ASSERT_TRUE(cluster_->create(config_map("p" + std::to_string(index), "x"), {}, soon(), {}));
  const auto listing = (*paged)->list({config_maps, space_, "coroner/run-id=live", ""}, soon(), {});
  ASSERT_TRUE(listing) << listing.error().text();
  EXPECT_EQ(listing->items.size(), 10U);
  EXPECT_EQ((*paged)->statistics().requests, 4U);
}

TEST_F(Live, the_cluster_is_pinned_and_rights_are_asked)
{
  const auto identity = cluster_->identity(soon(), {});
  ASSERT_TRUE(identity) << identity.error().text();
  EXPECT_EQ(identity->uid.size(), 36U);
  EXPECT_TRUE(identity->version.starts_with("v1."));
  const auto may =
      cluster_->access_review({.verb = "create", .plural = "pods", .space = space_}, soon(), {});
  ASSERT_TRUE(may) << may.error().text();
  EXPECT_TRUE(may->is_allowed);
  auto access = access_;
  access.impersonation.user = "nobody-at-all";
  const auto nobody = connect(access, {});
  ASSERT_TRUE(nobody);
  const auto denied = (*nobody)->list({config_maps, space_, "", ""}, soon(), {});
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, ErrorKind::denied);
  EXPECT_THAT(denied.error().hint, HasSubstr("resources: [configmaps], verbs: [list]"));
}

TEST_F(Live, kinds_that_are_not_in_the_table_are_discovered)
{
  const auto resource =
      cluster_->resource_for("autoscaling/v2", "HorizontalPodAutoscaler", soon(), {});
  ASSERT_TRUE(resource) << resource.error().text();
  EXPECT_EQ(resource->plural, "horizontalpodautoscalers");
  EXPECT_FALSE(cluster_->resource_for("nonexistent.io/v1", "Thing", soon(), {}));
}

TEST_F(Live, kubectl_proxy_leads_to_the_same_cluster)
{
  const auto via = ViaKubectl::start({.kubeconfig = access_.origin, .context = ""}, soon(), {});
  if (!via && via.error().kind == ErrorKind::not_found) GTEST_SKIP() << via.error().what;
  ASSERT_TRUE(via) << via.error().text();
  auto access = (*via)->access();
  const auto cluster = connect(access, {});
  ASSERT_TRUE(cluster);
  const auto there = (*cluster)->identity(soon(), {});
  ASSERT_TRUE(there) << there.error().text();
  EXPECT_EQ(there->uid, cluster_->identity(soon(), {})->uid);
}

TEST_F(Live, logs_of_running_pods_are_read)
{
  const objects::Resource pods{"v1", "Pod", "pods", true};
  const auto listing = cluster_->list({pods, "", "", "status.phase=Running"}, soon(), {});
  ASSERT_TRUE(listing) << listing.error().text();
  if (listing->items.empty()) GTEST_SKIP() << "no pod is running here";
  const auto& pod = listing->items.front();
  const auto text = cluster_->logs({.space = objects::namespace_of(pod),
                                    .pod = objects::name_of(pod),
                                    .container = objects::containers_of(pod).front().name,
                                    .has_timestamps = true,
                                    .tail_lines = 5},
                                   soon(), {});
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_LE(std::count(text->text.begin(), text->text.end(), '\n'), 5);
  const auto absent = cluster_->logs({.space = space_, .pod = "absent"}, soon(), {});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace coroner::kube
