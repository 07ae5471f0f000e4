// SPDX-License-Identifier: Apache-2.0
#include "suites/scene_test.h"

namespace coroner::suites {
namespace {

json dns_pod(const std::string& name = "coredns-1")
{
  return pod_of(name, {{"image", "registry.k8s.io/coredns/coredns:v1.12.2"}}, "kube-system");
}

TEST(ApiReachable, passes_with_the_nodes_that_were_listed)
{
  expect(Scene().judge("prerequisites/api_reachable"), Verdict::pass, "nodes=1");
}

TEST(ApiReachable, fails_on_a_cluster_without_nodes_and_cannot_tell_without_a_list)
{
  Scene none;
  none.node = nullptr;
  expect(none.judge("prerequisites/api_reachable"), Verdict::broken, "api/v1/Node");
  none.places = {"api/v1/Node"};
  expect(none.judge("prerequisites/api_reachable"), Verdict::fail, "no node");
}

TEST(ApiReachable, fails_where_what_answers_names_no_version)
{
  Scene scene;
  scene.cluster.version = "";
  expect(scene.judge("prerequisites/api_reachable"), Verdict::fail, "/version names no Kubernetes");
}

TEST(VersionSupported, passes_with_oldest_and_newest_kubelet)
{
  expect(Scene("Ubuntu 24.04", "v1.31.5+k3s1").judge("prerequisites/version_supported"),
         Verdict::pass, "oldest_kubelet=v1.31.5+k3s1");
}

TEST(VersionSupported, fails_on_old_kubelets_and_on_those_that_do_not_follow_their_server)
{
  const std::string id = "prerequisites/version_supported";
  expect(Scene("Ubuntu 20.04", "v1.25.16").judge(id), Verdict::fail, "v1.25.16");
  Scene apart("Ubuntu 24.04", "v1.30.2");
  json other = apart.node;
  other["metadata"]["name"] = "two";
  other["status"]["nodeInfo"]["kubeletVersion"] = "v1.34.0";
  apart.add(other);
  expect(apart.judge(id), Verdict::fail, "one runs kubelet v1.30.2, more than 3 minor versions");
  Scene newer("Ubuntu 24.04", "v1.35.0");
  expect(newer.judge(id), Verdict::fail, "one runs kubelet v1.35.0, newer than its API server");
  newer.cluster.version = "";
  expect(newer.judge(id), Verdict::broken, "no readable version");
  expect(Scene("Ubuntu 24.04", "latest").judge(id), Verdict::broken, "latest");
}

TEST(NodeReady, passes_with_since_when_and_the_kubelet)
{
  expect(Scene().judge("prerequisites/node_ready"), Verdict::pass,
         "ready_since=2026-11-01T10:00:00Z");
}

TEST(NodeReady, fails_with_the_kubelets_words)
{
  const std::string id = "prerequisites/node_ready";
  Scene scene;
  auto& conditions = scene.node["status"]["conditions"];
  conditions[0]["status"] = "False";
  conditions[0]["message"] = "cni plugin not initialized";
  expect(scene.judge(id), Verdict::fail, "cni plugin not initialized");
  conditions[0]["status"] = "True";
  conditions.push_back({{"type", "DiskPressure"}, {"status", "True"}, {"message", "no space"}});
  expect(scene.judge(id), Verdict::fail, "DiskPressure is True");
  scene.node["status"].erase("conditions");
  expect(scene.judge(id), Verdict::fail, "never reported");
  scene.node = nullptr;
  expect(scene.judge(id), Verdict::broken, "no Node object 'one'");
}

TEST(Memory, is_held_against_eight_gibibytes_less_what_the_kernel_keeps)
{
  const std::string id = "prerequisites/memory";
  const auto with = [](const std::string& amount, const std::string& image) {
    Scene scene(image);
    scene.node["status"]["capacity"]["memory"] = amount;
    return scene;
  };
  expect(with("65536Mi", "Ubuntu 24.04").judge(id), Verdict::pass, "capacity=64.0 GiB");
  expect(with("7900000Ki", "Talos (v1.9.1)").judge(id), Verdict::pass, "minimum=8.0 GiB");
  expect(with("4Gi", "NixOS 25.05").judge(id), Verdict::fail, "4.0 GiB of memory");
  expect(with("4Gi", "Some OS").judge(id), Verdict::skip, "nothing is expected");
  expect(Scene().judge(id), Verdict::broken, "no capacity of memory");
}

TEST(Disk, is_held_against_twenty_gibibytes)
{
  const std::string id = "prerequisites/disk";
  Scene scene;
  scene.node["status"]["capacity"]["ephemeral-storage"] = "100Gi";
  expect(scene.judge(id), Verdict::pass, "100.0 GiB");
  scene.node["status"]["capacity"]["ephemeral-storage"] = "10Gi";
  expect(scene.judge(id), Verdict::fail, "10.0 GiB of ephemeral-storage");
  scene.node["status"].erase("capacity");
  expect(scene.judge(id), Verdict::broken, "no capacity of ephemeral-storage");
}

TEST(GpuHardware, passes_with_the_place_on_the_bus_or_the_stand_in)
{
  const std::string id = "prerequisites/gpu_hardware";
  expect(Scene().judge(id), Verdict::pass, "address=0000:01:00.0");
  expect(Scene().simulated().judge(id), Verdict::pass, "simulated_driver=570.211.01");
  Scene jetson;
  jetson.inspect["pci"]["controllers"] = json::array();
  jetson.inspect["machine"]["device_tree_model"] = "NVIDIA Jetson AGX Orin";
  expect(jetson.judge(id), Verdict::pass, "board=NVIDIA Jetson AGX Orin");
}

TEST(GpuHardware, fails_where_the_resource_is_offered_without_hardware_and_skips_elsewhere)
{
  const std::string id = "prerequisites/gpu_hardware";
  Scene scene;
  scene.inspect["pci"]["controllers"][0]["vendor"] = "1002";
  expect(scene.judge(id), Verdict::skip, "no NVIDIA GPU");
  expect(scene.offering("1").judge(id), Verdict::fail, "1 GPU");
  scene.inspect["pci"]["is_readable"] = false;
  expect(scene.judge(id), Verdict::broken, "/sys/bus/pci");
  scene.inspect = nullptr;
  expect(scene.judge(id), Verdict::broken, "the pod was never created");
  scene.not_run = "dry run";
  expect(scene.judge(id), Verdict::broken, "dry run");
}

TEST(SystemPods, pass_when_all_run_and_one_serves_dns)
{
  expect(Scene().add(dns_pod()).judge("prerequisites/system_pods"), Verdict::pass, "dns=coredns-1");
}

TEST(SystemPods, fail_with_the_first_that_does_not_run_or_without_dns)
{
  const std::string id = "prerequisites/system_pods";
  expect(Scene().add(dns_pod()).add(waiting(dns_pod("coredns-2"), "CrashLoopBackOff")).judge(id),
         Verdict::fail,
         "1 of 2 pods do not run: Pod kube-system/coredns-2: c waits: CrashLoopBackOff");
  expect(Scene().add(pod_of("kube-proxy", {{"image", "kube-proxy"}}, "kube-system")).judge(id),
         Verdict::fail, "none is CoreDNS");
  expect(Scene().judge(id), Verdict::broken, "api/v1/Pod");
}

TEST(SystemPods, do_not_count_the_gpu_stack_or_what_has_ended)
{
  Scene scene;
  scene.add(dns_pod()).add(
      waiting(pod_of("plugin", plugin_container(), "kube-system"), "CrashLoopBackOff"));
  auto job = pod_of("helm-install", {{"image", "klipper"}}, "kube-system");
  job["status"]["phase"] = "Failed";
  expect(scene.add(job).judge("prerequisites/system_pods"), Verdict::pass, "running=1");
}

TEST(Permissions, name_every_rule_that_is_missing)
{
  const std::string id = "prerequisites/permissions";
  Scene scene;
  scene.places = {"api/v1/Pod", "api/apps/v1/DaemonSet", "api/node.k8s.io/v1/RuntimeClass"};
  expect(scene.judge(id), Verdict::pass, "RuntimeClass=0 read");
  scene.places = {"api/v1/Pod"};
  expect(scene.judge(id), Verdict::fail,
         "list daemonsets.apps (all namespaces); list runtimeclasses.node.k8s.io");
}

}  // namespace
}  // namespace coroner::suites
