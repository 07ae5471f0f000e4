// SPDX-License-Identifier: Apache-2.0
// The GPU stack's containers as their projects deploy them, and what only looks like them.
#include "harness/objects/component.h"

#include <gmock/gmock.h>

namespace coroner::objects {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

json container(const std::string& image, const json& command = nullptr, const json& args = nullptr)
{
  json made = {{"name", "c"}, {"image", image}};
  if (!command.is_null()) made["command"] = command;
  if (!args.is_null()) made["args"] = args;
  return made;
}

const std::string plugin_image = "nvcr.io/nvidia/k8s-device-plugin:v0.17.4";

TEST(Component, programs_are_read_through_a_shell)
{
  EXPECT_THAT(programs_of(container("x", {"/usr/bin/nvidia-device-plugin", "--x"})),
              ElementsAre("nvidia-device-plugin"));
  EXPECT_THAT(programs_of(container("x", {"/bin/sh", "-c"}, {"set -e; exec /usr/bin/a --b c"})),
              ElementsAre("sh", "set", "a"));
  EXPECT_THAT(programs_of(container("x", {"env", "A=b", "prog", "arg"})),
              ElementsAre("env", "prog"));
  EXPECT_TRUE(programs_of(container("x", nullptr, {"--flag"})).empty());
  EXPECT_TRUE(programs_of(container("x")).empty());
}

TEST(Component, the_device_plugin_is_known_however_it_is_deployed)
{
  EXPECT_TRUE(is_device_plugin(container(plugin_image)));
  EXPECT_TRUE(is_device_plugin(container(plugin_image, nullptr, {"--pass-device-specs"})));
  EXPECT_TRUE(is_device_plugin(container("mirror:5000/x/nvidia-k8s-device-plugin@sha256:00")));
  EXPECT_TRUE(is_device_plugin(container("own/image", {"nvidia-device-plugin"})));
  // GPU Operator, assets/state-device-plugin/0500_daemonset.yaml.
  EXPECT_TRUE(is_device_plugin(container(plugin_image, {"/bin/sh", "-c"}, {"/bin/entrypoint.sh"})));
}

TEST(Component, other_programs_of_the_plugins_image_are_not_the_plugin)
{
  for (const auto* program : {"gpu-feature-discovery", "config-manager", "mps-control-daemon"})
    EXPECT_FALSE(is_device_plugin(container(plugin_image, {program}))) << program;
  EXPECT_FALSE(is_device_plugin(container(plugin_image, {"sleep", "infinity"})));
}

TEST(Component, another_vendors_plugin_is_not_nvidias)
{
  EXPECT_FALSE(is_device_plugin(container("rocm/k8s-device-plugin:1.31")));
  EXPECT_EQ(gpu_component_of(container("docker.io/rocm/gpu-operator:v1.2")), "");
  EXPECT_EQ(gpu_component_of(container("intel/intel-gpu-plugin:0.32")), "");
}

TEST(Component, talking_about_the_plugin_is_not_being_it)
{
  const auto watcher = container("bitnami/kubectl", {"sh", "-c"},
                                 {"kubectl -n kube-system logs ds/nvidia-device-plugin | grep x"});
  EXPECT_FALSE(is_device_plugin(watcher));
  EXPECT_EQ(gpu_component_of(watcher), "");
}

TEST(Component, each_component_is_named)
{
  const std::vector<std::pair<std::string, json>> known = {
      {"device_plugin", container(plugin_image)},
      {"gpu_feature_discovery", container(plugin_image, {"gpu-feature-discovery"})},
      {"toolkit", container("nvcr.io/nvidia/k8s/container-toolkit:v1.17.8-ubuntu20.04")},
      {"driver", container("nvcr.io/nvidia/driver:580.65.06-ubuntu24.04", {"nvidia-driver"})},
      {"driver", container("mirror/nvidia/driver:550")},
      {"validator", container("own/image", {"sh", "-c"}, {"nvidia-validator"})},
      {"operator", container("nvcr.io/nvidia/gpu-operator:v25.3.2")},
      {"dcgm", container("nvcr.io/nvidia/k8s/dcgm-exporter:4.2.3-4.1.3-ubuntu22.04")},
      {"nfd", container("registry.k8s.io/nfd/node-feature-discovery:v0.17.3", {"nfd-worker"})},
  };
  for (const auto& [component, each] : known) EXPECT_EQ(gpu_component_of(each), component);
  EXPECT_EQ(gpu_component_of(container("nvidia/cuda:12.8.0-base-ubuntu24.04")), "");
  EXPECT_EQ(gpu_component_of(container("own/driver:1")), "");
}

TEST(Component, a_pod_with_the_right_names_and_the_wrong_image_is_no_component)
{
  json pod = {{"metadata",
               {{"name", "nvidia-device-plugin-daemonset-x2x4x"},
                {"labels", {{"app", "nvidia-device-plugin-daemonset"}}}}}};
  pod["spec"]["containers"] = json::array({container("nginx:1.29")});
  EXPECT_FALSE(is_gpu_component(pod));
  pod["spec"]["initContainers"] =
      json::array({container("nvcr.io/nvidia/cloud-native/gpu-operator-validator:v25.3")});
  EXPECT_TRUE(is_gpu_component(pod));
  EXPECT_FALSE(is_gpu_component(json::parse(R"({"spec":{"containers":"no list"}})")));
}

}  // namespace
}  // namespace coroner::objects
