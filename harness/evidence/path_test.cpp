// SPDX-License-Identifier: Apache-2.0
// Paths of a bundle: names go in and come back, tricks do not.
#include "harness/evidence/path.h"

#include <random>

#include <gtest/gtest.h>

namespace coroner::evidence {
namespace {

using nlohmann::json;

json object(const std::string& api, const std::string& kind, const std::string& space,
            const std::string& name)
{
  json value = {{"apiVersion", api}, {"kind", kind}, {"metadata", {{"name", name}}}};
  if (!space.empty()) value["metadata"]["namespace"] = space;
  return value;
}

TEST(BundlePath, objects_stand_by_api_kind_namespace_and_name)
{
  EXPECT_EQ(object_path(object("apps/v1", "DaemonSet", "kube-system", "plugin")).value(),
            "objects/apps_v1/DaemonSet/kube-system/plugin.json");
  EXPECT_EQ(object_path(object("v1", "Node", "", "node-1")).value(),
            "objects/v1/Node/_cluster/node-1.json");
  EXPECT_EQ(
      object_path(object("rbac.authorization.k8s.io/v1", "ClusterRole", "", "system:node")).value(),
      "objects/rbac.authorization.k8s.io_v1/ClusterRole/_cluster/system:node.json");
}

TEST(BundlePath, hostile_names_become_harmless_parts)
{
  EXPECT_EQ(safe_part("../../etc").value(), "%2E.%2F..%2Fetc");
  EXPECT_EQ(safe_part("_cluster").value(), "%5Fcluster");
  EXPECT_EQ(safe_part(std::string("a\0b", 3)).value(), "a%00b");
  EXPECT_FALSE(safe_part(""));
  EXPECT_FALSE(safe_part(std::string(300, 'a')));
  EXPECT_FALSE(object_path(object("v1", "Pod", "default", "")));
}

TEST(BundlePath, what_no_bundle_holds_is_refused)
{
  for (const char* path :
       {"", "/etc/passwd", "objects", "objects/v1", "../manifest.json", "objects/../../x/y",
        "objects//v1/x", "host/n/.ssh/id", "other/a/b", "logs/a/b c", "logs/a/%2", "logs/a/%zz",
        "manifest.json/x/y", "objects/v1/Pod/a/"})
    EXPECT_FALSE(checked_path(path)) << path;
  EXPECT_TRUE(checked_path("manifest.json"));
  EXPECT_TRUE(checked_path("host/n/etc/containerd/config.toml"));
}

TEST(BundlePath, names_come_back)
{
  const auto log = names_of(log_path({"ns", "pod.x", "main", true}).value());
  EXPECT_EQ(log.folder, "logs");
  EXPECT_EQ(log.name_space, "ns");
  EXPECT_EQ(log.name, "pod.x");
  EXPECT_EQ(log.container, "main");
  EXPECT_TRUE(log.is_previous);
  const auto host = names_of(host_path("node", "/etc/containerd/conf.d/99-nvidia.toml").value());
  EXPECT_EQ(host.node, "node");
  EXPECT_EQ(host.name, "/etc/containerd/conf.d/99-nvidia.toml");
  const auto pod = names_of(pod_result_path("node", "smoke/cuda_vector_add").value());
  EXPECT_EQ(pod.name, "smoke/cuda_vector_add");
  EXPECT_EQ(names_of("objects/v1/Node/_cluster/a.json").name_space, "");
  EXPECT_EQ(names_of("objects/v1/Node").folder, "");
}

TEST(BundlePath, any_name_gives_an_accepted_path_and_comes_back)
{
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string name(1 + random() % 60, '\0');
    for (auto& c : name) c = static_cast<char>(random());
    const auto path = object_path(object("v1", "Pod", name, name));
    if (!path) continue;
    ASSERT_TRUE(checked_path(*path)) << *path;
    EXPECT_EQ(names_of(*path).name, name);
    EXPECT_EQ(names_of(*path).name_space, name);
  }
}

}  // namespace
}  // namespace coroner::evidence
