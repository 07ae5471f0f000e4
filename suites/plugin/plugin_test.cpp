// SPDX-License-Identifier: Apache-2.0
#include "suites/scene_test.h"

namespace coroner::suites {
namespace {

TEST(PluginDeployed, passes_with_the_pod_whatever_it_is_called)
{
  expect(Scene().add(pod_of("any-name", plugin_container())).judge("plugin/deployed"),
         Verdict::pass, "pod=gpu/any-name");
}

TEST(PluginDeployed, passes_where_the_host_itself_offers_gpus)
{
  expect(Scene("Bottlerocket OS 1.32.0")
             .offering("1")
             .add(pod_of("x", {{"image", "nginx"}}))
             .judge("plugin/deployed"),
         Verdict::pass, "something outside");
}

TEST(PluginDeployed, fails_without_one_and_with_one_that_selects_other_nodes)
{
  const std::string id = "plugin/deployed";
  Scene scene;
  expect(scene.judge(id), Verdict::broken, "api/v1/Pod");
  scene.places = {"api/v1/Pod"};
  expect(scene.judge(id), Verdict::fail, "neither a pod here nor any DaemonSet");
  auto set = daemon_set_of("plugin", plugin_container());
  set["spec"]["template"]["spec"]["nodeSelector"] = {{"nvidia.com/gpu.present", "true"}};
  expect(scene.add(set).judge(id), Verdict::fail, "selects nodes by nvidia.com/gpu.present=true");
}

TEST(PluginReady, passes_with_the_pod_that_is_ready)
{
  expect(Scene().add(pod_of("p", plugin_container())).judge("plugin/ready"), Verdict::pass,
         "ready=True");
}

TEST(PluginReady, fails_with_why_it_waits)
{
  const std::string id = "plugin/ready";
  auto crashing = waiting(pod_of("p", plugin_container()), "CrashLoopBackOff", "back-off 5m0s");
  crashing["status"]["containerStatuses"][0]["lastState"]["terminated"] = {{"exitCode", 1},
                                                                           {"reason", "Error"}};
  expect(Scene().add(crashing).judge(id), Verdict::fail,
         "c waits: CrashLoopBackOff: back-off 5m0s (it ended with 1, 0 restarts)");
  auto initialising = waiting(pod_of("p", plugin_container()), "PodInitializing");
  initialising["status"]["initContainerStatuses"] = {
      {{"name", "toolkit-validation"},
       {"state", {{"running", {{"startedAt", "2026-11-01T09:00:00Z"}}}}}}};
  expect(Scene().add(initialising).judge(id), Verdict::fail,
         "its init container toolkit-validation runs since 2026-11-01T09:00:00Z");
  Scene none;
  none.places = {"api/v1/Pod"};
  expect(none.judge(id), Verdict::fail, "no pod on this node is the device plugin");
  expect(none.offering("1").judge(id), Verdict::skip, "something else");
}

TEST(PluginRegistered, passes_with_every_resource_of_nvidia)
{
  expect(Scene().offering("2").judge("plugin/registered"), Verdict::pass, "nvidia.com/gpu=2");
  Scene mig;
  mig.node["status"]["capacity"]["nvidia.com/mig-1g.10gb"] = "7";
  expect(mig.judge("plugin/registered"), Verdict::pass, "nvidia.com/mig-1g.10gb=7");
}

TEST(PluginRegistered, fails_where_the_capacity_names_none)
{
  Scene scene;
  scene.node["status"]["capacity"]["memory"] = "8Gi";
  expect(scene.judge("plugin/registered"), Verdict::fail, "no device plugin registered");
}

TEST(ZeroDevices, pass_when_some_are_offered)
{
  expect(Scene().offering("1").judge("plugin/zero_devices"), Verdict::pass, "nvidia.com/gpu=1");
}

TEST(ZeroDevices, fail_beside_a_plugin_that_runs_and_when_all_gpus_are_unhealthy)
{
  const std::string id = "plugin/zero_devices";
  Scene scene;
  scene.offering("0").add(pod_of("p", plugin_container()));
  expect(scene.judge(id), Verdict::fail, "Pod gpu/p runs and is ready, and the node offers 0 GPUs");
  scene.node["status"]["capacity"]["nvidia.com/gpu"] = "2";
  expect(scene.judge(id), Verdict::fail, "none of the 2 GPUs that this node counts is allocatable");
  expect(Scene().judge(id), Verdict::skip, "nothing of nvidia.com is registered");
}

json list_strategy(const std::string& value)
{
  return {{{"name", "DEVICE_LIST_STRATEGY"}, {"value", value}}};
}

json discovery_strategy(const std::string& value)
{
  return {{{"name", "DEVICE_DISCOVERY_STRATEGY"}, {"value", value}}};
}

engine::Judgement strategy(const json& environment, const std::string& version = "v0.17.4",
                           const std::string& image = "Ubuntu 24.04.3 LTS")
{
  return Scene(image)
      .add(pod_of("p", plugin_container(environment, version)))
      .judge("plugin/strategy");
}

TEST(Strategy, passes_with_the_values_that_were_read)
{
  expect(strategy(json::array()), Verdict::pass, "DEVICE_LIST_STRATEGY=not set");
  expect(strategy(discovery_strategy("nvml")), Verdict::pass, "DEVICE_DISCOVERY_STRATEGY=nvml");
  expect(strategy(list_strategy("envvar,cdi-cri")), Verdict::pass, "envvar,cdi-cri");
}

TEST(Strategy, fails_on_values_that_this_version_does_not_know)
{
  expect(strategy(discovery_strategy("cdi")), Verdict::fail,
         "DEVICE_DISCOVERY_STRATEGY=cdi is none of auto, nvml, tegra");
  expect(strategy(list_strategy("envvars")), Verdict::fail,
         "envvars is none of envvar, volume-mounts");
  expect(strategy(list_strategy("cdi-cri"), "v0.14.5"), Verdict::fail,
         "cdi-cri is none of envvar, volume-mounts, cdi-annotations");
  expect(strategy(discovery_strategy("cdi"), "v0.14.5"), Verdict::pass,
         "cdi, which this version does not read");
}

TEST(Strategy, fails_on_values_that_do_not_work_on_the_distro)
{
  expect(strategy(list_strategy("cdi-cri"), "v0.17.4", "Talos (v1.9.1)"), Verdict::fail,
         "does not work on talos, where envvar is right");
  expect(strategy(list_strategy("envvar"), "v0.17.4", "Talos (v1.9.1)"), Verdict::pass, "envvar");
}

TEST(Strategy, is_read_from_flags_and_daemon_sets_too_and_skips_without_a_plugin)
{
  auto container = plugin_container();
  container["args"] = {"--device-list-strategy", "cdi"};
  expect(Scene().add(daemon_set_of("d", container)).judge("plugin/strategy"), Verdict::fail,
         "DEVICE_LIST_STRATEGY=cdi is none of");
  Scene scene;
  scene.places = {"api/v1/Pod"};
  expect(scene.judge("plugin/strategy"), Verdict::skip, "no device plugin is deployed");
}

TEST(AllocatableAgrees, passes_when_bus_and_node_have_the_same_number)
{
  expect(Scene().offering("1").judge("plugin/allocatable_agrees"), Verdict::pass, "on_bus=1 GPU");
}

TEST(AllocatableAgrees, fails_when_gpus_are_missing_or_more_were_seen)
{
  const std::string id = "plugin/allocatable_agrees";
  Scene two;
  two.inspect["pci"]["controllers"].push_back(two.inspect["pci"]["controllers"][0]);
  expect(two.offering("1").judge(id), Verdict::fail,
         "2 GPUs on the PCI bus, and the node offers 1 GPU of a capacity of 1 GPU");
  Scene seen;
  seen.offering("1").gpu_line({{"kind", "nvml"}, {"ok", true}, {"count", 2}});
  expect(seen.judge(id), Verdict::fail, "NVML in a pod saw 2 GPUs");
}

TEST(AllocatableAgrees, passes_with_a_division_that_labels_tell)
{
  Scene shared;
  shared.offering("4").label("nvidia.com/gpu.sharing-strategy", "time-slicing");
  expect(shared.judge("plugin/allocatable_agrees"), Verdict::pass, "divided=time-slicing");
}

TEST(AllocatableAgrees, takes_nvmls_count_for_simulated_gpus_and_skips_without_one)
{
  const std::string id = "plugin/allocatable_agrees";
  Scene scene;
  scene.simulated().offering("1");
  expect(scene.judge(id), Verdict::skip, "simulated GPUs are on no bus");
  scene.gpu_line({{"kind", "nvml"}, {"ok", true}, {"count", 1}});
  expect(scene.judge(id), Verdict::pass, "seen_by_nvml_in_a_pod=1");
  expect(Scene().judge(id), Verdict::skip, "offers no nvidia.com/gpu");
  Scene unseen;
  unseen.inspect = nullptr;
  expect(unseen.offering("1").judge(id), Verdict::broken, "the pod was never created");
}

}  // namespace
}  // namespace coroner::suites
