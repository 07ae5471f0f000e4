// SPDX-License-Identifier: Apache-2.0
// Objects read as they are served, and as they should not be.
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "harness/objects/manifest.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"
#include "harness/objects/quantity.h"
#include "harness/objects/resource.h"

namespace coroner::objects {
namespace {

using nlohmann::json;

TEST(Object, absent_parts_and_parts_of_another_type_are_empty)
{
  const json object = {{"metadata", {{"name", 7}, {"labels", {{"a/b", "c"}, {"n", 1}}}}},
                       {"list", {1, 2}}};
  EXPECT_EQ(name_of(object), "");
  EXPECT_EQ(label_of(object, "a/b"), "c");
  EXPECT_EQ(labels_of(object).size(), 1U);
  EXPECT_EQ(text_at(object, "/metadata/labels/a~1b"), "c");
  EXPECT_EQ(number_at(object, "/list/1", -1), 2);
  EXPECT_EQ(number_at(object, "/list/2", -1), -1);
  EXPECT_EQ(number_at(object, "/list/-1", -1), -1);
  EXPECT_EQ(text_at(object, "no pointer"), "");
  EXPECT_EQ(name_of(json("text")), "");
}

TEST(Object, a_number_beyond_the_range_is_no_number)
{
  EXPECT_EQ(number_at(json::parse(R"({"a":18446744073709551615})"), "/a", -1), -1);
}

TEST(Object, a_merge_patch_removes_with_null_and_replaces_lists)
{
  const auto target = json::parse(R"({"a":{"b":1,"c":2},"l":[1,2]})");
  const auto patch = json::parse(R"({"a":{"b":null,"d":3},"l":[9]})");
  EXPECT_EQ(merged(target, patch), json::parse(R"({"a":{"c":2,"d":3},"l":[9]})"));
}

TEST(Resource, paths_follow_group_scope_and_name)
{
  EXPECT_EQ(path_of(*resource_for("v1", "Pod"), "default", "a"),
            "/api/v1/namespaces/default/pods/a");
  EXPECT_EQ(path_of(*resource_for("v1", "Pod"), ""), "/api/v1/pods");
  EXPECT_EQ(path_of(*resource_for("v1", "Node"), "ignored", "n"), "/api/v1/nodes/n");
  EXPECT_EQ(path_of(*resource_for("apps/v1", "DaemonSet"), "x", ""),
            "/apis/apps/v1/namespaces/x/daemonsets");
}

TEST(Resource, a_hostile_name_cannot_leave_its_place_in_the_path)
{
  EXPECT_EQ(path_of(*resource_for("v1", "Pod"), "a/../b", "x?y#z"),
            "/api/v1/namespaces/a%2F..%2Fb/pods/x%3Fy%23z");
}

TEST(Resource, an_unknown_kind_names_the_nearest_one_and_discovery_adds_kinds)
{
  const auto unknown = resource_for("v1", "Pods");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().hint, "did you mean 'v1 Pod'?");
  const auto discovered = resources_from_discovery(json::parse(
      R"({"groupVersion":"x.io/v2","resources":[{"name":"things","kind":"Thing","namespaced":true},
          {"name":"things/status","kind":"Thing","namespaced":true},{"name":7}]})"));
  ASSERT_EQ(discovered.size(), 1U);
  EXPECT_EQ(path_of(*resource_for("x.io/v2", "Thing", discovered), "n", "t"),
            "/apis/x.io/v2/namespaces/n/things/t");
}

TEST(Quantity, suffixes_exponents_and_signs_are_read)
{
  EXPECT_DOUBLE_EQ(*parse_quantity("500m"), 0.5);
  EXPECT_DOUBLE_EQ(*parse_quantity("16Gi"), 17179869184.0);
  EXPECT_DOUBLE_EQ(*parse_quantity("1e3"), 1000.0);
  EXPECT_DOUBLE_EQ(*parse_quantity("1E"), 1e18);
  EXPECT_DOUBLE_EQ(*parse_quantity("1E2"), 100.0);
  EXPECT_DOUBLE_EQ(*parse_quantity("+2"), 2.0);
  EXPECT_DOUBLE_EQ(*parse_quantity("-1.5k"), -1500.0);
}

TEST(Quantity, what_is_no_quantity_is_refused)
{
  for (const char* text : {"", "Gi", "1 Gi", "1gi", "1e", "0x10", "1..2", "nan", "inf", "1e999",
                           "--1", "+-1", "1Gi\n"})
    EXPECT_FALSE(parse_quantity(text)) << text;
}

TEST(Quantity, no_text_makes_it_fail_otherwise)
{
  std::mt19937 random(7);
  const std::string letters = "0123456789.eE+-kmMGTPiun \x80";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 9; left > 0; --left) text += letters[random() % letters.size()];
    const auto quantity = parse_quantity(text);
    EXPECT_TRUE(!quantity || std::isfinite(*quantity)) << text;
  }
}

TEST(Manifest, objects_and_lists_are_read)
{
  const auto objects = objects_from_yaml(
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n"
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n",
      "m.yaml");
  ASSERT_TRUE(objects) << objects.error().text();
  ASSERT_EQ(objects->size(), 2U);
  EXPECT_EQ(title_of((*objects)[1]), "Pod b");
}

TEST(Manifest, what_is_missing_is_named_with_its_place)
{
  const auto refusal = [](const char* text) {
    const auto objects = objects_from_yaml(text, "m.yaml");
    return objects ? "accepted" : objects.error().what;
  };
  EXPECT_EQ(refusal("apiVersion: v1\nkind: Pod\nmetadata:\n  name: 7\n").substr(0, 10),
            "m.yaml:4:9");
  EXPECT_NE(refusal("kind: Pod\n").find("no apiVersion"), std::string::npos);
  EXPECT_NE(refusal("apiVersion: v1\nkind: Pod\nmetadata: x\n").find("wrong metadata"),
            std::string::npos);
  EXPECT_NE(refusal("- a\n").find("must stand"), std::string::npos);
  EXPECT_NE(refusal("# nothing\n").find("no object"), std::string::npos);
}

TEST(Pod, states_of_containers_are_read)
{
  const auto pod = json::parse(R"({"status":{"phase":"Failed",
    "initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}],
    "containerStatuses":[{"name":"c","imageID":"sha256:1","containerID":"containerd://2",
      "restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
      "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":"t0"}}}],
    "conditions":[{"type":"PodScheduled","status":"False","message":"0/1 nodes"}]}})");
  EXPECT_TRUE(has_ended(pod));
  EXPECT_EQ(containers_of(pod).size(), 2U);
  const auto state = container_of(pod, "c");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->waiting_reason, "CrashLoopBackOff");
  EXPECT_FALSE(state->terminated);
  EXPECT_EQ(state->last_terminated->exit_code, 137);
  EXPECT_TRUE(state->has_started());
  EXPECT_FALSE(container_of(pod, "i")->has_started()) << "without an image it never ran";
  EXPECT_EQ(unschedulable_message(pod), "0/1 nodes");
}

TEST(Node, zero_devices_and_no_devices_differ)
{
  const auto node = json::parse(R"({"status":{"allocatable":{"nvidia.com/gpu":"0","cpu":"3920m"},
    "capacity":{"memory":"16Gi"},"conditions":[{"type":"Ready","status":"True"}]}})");
  EXPECT_EQ(allocatable(node, "nvidia.com/gpu"), 0.0);
  EXPECT_FALSE(allocatable(node, "amd.com/gpu"));
  EXPECT_DOUBLE_EQ(*allocatable(node, "cpu"), 3.92);
  EXPECT_DOUBLE_EQ(*capacity(node, "memory"), 17179869184.0);
  EXPECT_TRUE(is_node_ready(node));
}

TEST(Node, tolerations_are_held_against_taints)
{
  const auto node = json::parse(R"({"spec":{"taints":[
    {"key":"nvidia.com/gpu","value":"present","effect":"NoSchedule"},
    {"key":"soft","effect":"PreferNoSchedule"}]}})");
  const auto pod = [](const char* toleration) {
    return json{{"spec", {{"tolerations", {json::parse(toleration)}}}}};
  };
  EXPECT_TRUE(tolerates_taints(pod(R"({"key":"nvidia.com/gpu","operator":"Exists"})"), node));
  EXPECT_TRUE(tolerates_taints(pod(R"({"operator":"Exists"})"), node));
  EXPECT_TRUE(tolerates_taints(pod(R"({"key":"nvidia.com/gpu","value":"present"})"), node));
  EXPECT_FALSE(tolerates_taints(pod(R"({"key":"nvidia.com/gpu","value":"x"})"), node));
  EXPECT_FALSE(tolerates_taints(
      pod(R"({"key":"nvidia.com/gpu","operator":"Exists","effect":"NoExecute"})"), node));
  EXPECT_FALSE(tolerates_taints(json::object(), node));
}

}  // namespace
}  // namespace coroner::objects
