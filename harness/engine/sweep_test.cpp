// SPDX-License-Identifier: Apache-2.0
// Sweeping takes what bears every mark of a dead run, and nothing that only looks like it.
#include "harness/engine/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/marks.h"
#include "harness/engine/memory_cluster_test.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string run = "00112233aa";
const std::string past = "2020-01-01T00:00:00Z";

json space(const std::string& name, const std::string& run_id, const std::string& expires)
{
  json object = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
  mark(object, run_id, expires);
  return object;
}

std::vector<Leftover> found_in(MemoryCluster& cluster)
{
  auto found = find_leftovers(cluster, base::Deadline::in(std::chrono::seconds(5)), {});
  EXPECT_TRUE(found) << found.error().text();
  return found.value_or(std::vector<Leftover>{});
}

TEST(Sweep, finds_and_removes_what_a_dead_run_left)
{
  MemoryCluster cluster;
  cluster.add(space("coroner-" + run, run, past));
  cluster.add(space("coroner-" + run + "-mounts", run, past));
  const auto found = found_in(cluster);
  ASSERT_EQ(found.size(), 2U) << testing::PrintToString(cluster.titles());
  EXPECT_TRUE(found[0].is_expired);
  const auto left =
      remove_leftovers(cluster, found, base::Deadline::in(std::chrono::seconds(5)), {});
  ASSERT_TRUE(left);
  EXPECT_THAT(*left, IsEmpty());
  EXPECT_THAT(cluster.titles(), IsEmpty());
}

TEST(Sweep, takes_the_priority_class_of_a_dead_run_and_no_other)
{
  MemoryCluster cluster;
  const auto class_named = [](const std::string& name) {
    auto object = space(name, run, past);
    object["apiVersion"] = "scheduling.k8s.io/v1";
    object["kind"] = "PriorityClass";
    return object;
  };
  cluster.add(class_named("coroner-" + run));
  cluster.add(class_named("coroner-" + run + "-high"));
  const auto found = found_in(cluster);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "PriorityClass coroner-" + run);
}

TEST(Sweep, tells_a_run_that_has_not_expired)
{
  MemoryCluster cluster;
  cluster.add(space("coroner-" + run, run, "2999-01-01T00:00:00Z"));
  const auto found = found_in(cluster);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].is_expired);
}

TEST(Sweep, leaves_a_hundred_look_alikes_alone)
{
  MemoryCluster cluster;
  std::size_t count = 0;
  const auto add = [&](const json& object) {
    cluster.add(object);
    ++count;
  };
  for (int round = 0; round < 13; ++round) {
    const auto id = fmt::format("{:010x}", round);
    const auto name = "coroner-" + id;
    auto bare = space(name, id, past);
    bare["metadata"].erase("labels");
    add(bare);
    auto foreign = space(name + "-x", id, past);
    add(foreign);
    auto managed_by_other = space("a" + name, id, past);
    managed_by_other["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "helm";
    add(managed_by_other);
    add(space("b" + name, "not-an-id", past));
    add(space("coroner-" + id + "9", id, past));
    add(space("c-" + name, id, past));
    auto without_expiry = space("coroner-" + id + "-open", id, past);
    without_expiry["metadata"]["annotations"].clear();
    add(without_expiry);
    add(space("coroner-" + id + "-mounts", id, "tomorrow"));
  }
  ASSERT_GE(count, 100U);
  EXPECT_THAT(found_in(cluster), IsEmpty());
}

TEST(Sweep, does_not_remove_what_was_replaced_under_the_same_name)
{
  MemoryCluster cluster;
  cluster.add(space("coroner-" + run, run, past));
  auto found = found_in(cluster);
  ASSERT_EQ(found.size(), 1U);
  cluster.add(space("coroner-" + run, run, past));  // another uid
  const auto left =
      remove_leftovers(cluster, found, base::Deadline::in(std::chrono::seconds(5)), {});
  ASSERT_TRUE(left);
  EXPECT_THAT(cluster.titles(), ElementsAre("Namespace coroner-" + run));
}

}  // namespace
}  // namespace coroner::engine
