// SPDX-License-Identifier: Apache-2.0
#include "suites/scene_test.h"

namespace coroner::suites {
namespace {

constexpr const char* nfd_image = "registry.k8s.io/nfd/node-feature-discovery:v0.17.2";

json nfd_pod(const std::string& program, const std::string& image = nfd_image)
{
  return pod_of(program, {{"image", image}, {"command", {program}}}, "nfd");
}

json discovery_pod()
{
  return pod_of("gfd", {{"image", "nvcr.io/nvidia/k8s-device-plugin:v0.17.4"},
                        {"command", {"gpu-feature-discovery"}}});
}

const std::vector<std::pair<std::string, std::string>> parts = {{"labels/nfd_master", "nfd-master"},
                                                                {"labels/nfd_worker", "nfd-worker"},
                                                                {"labels/nfd_gc", "nfd-gc"}};

TEST(FeatureDiscovery, each_part_passes_when_its_pod_is_ready)
{
  for (const auto& [id, program] : parts)
    expect(Scene().add(nfd_pod(program)).judge(id), Verdict::pass, "pod=nfd/" + program);
  expect(Scene().add(discovery_pod()).judge("labels/gpu_feature_discovery"), Verdict::pass,
         "pod=gpu/gfd");
}

TEST(FeatureDiscovery, each_part_fails_with_why_its_pod_is_not_ready)
{
  for (const auto& [id, program] : parts)
    expect(Scene().add(waiting(nfd_pod(program), "ImagePullBackOff")).judge(id), Verdict::fail,
           "c waits: ImagePullBackOff");
  expect(Scene()
             .add(waiting(discovery_pod(), "CrashLoopBackOff"))
             .judge("labels/gpu_feature_discovery"),
         Verdict::fail, "c waits: CrashLoopBackOff");
}

TEST(FeatureDiscovery, a_part_that_is_missing_beside_others_fails)
{
  Scene only_worker;
  only_worker.add(nfd_pod("nfd-worker"));
  expect(only_worker.judge("labels/nfd_master"), Verdict::fail,
         "no pod in the cluster runs nfd-master");
  expect(only_worker.judge("labels/nfd_gc"), Verdict::fail, "no pod in the cluster runs nfd-gc");
  Scene only_master;
  expect(only_master.add(nfd_pod("nfd-master")).judge("labels/nfd_worker"), Verdict::fail,
         "no pod on this node runs nfd-worker");
  auto elsewhere = discovery_pod();
  elsewhere["spec"]["nodeName"] = "two";
  expect(Scene().add(elsewhere).judge("labels/gpu_feature_discovery"), Verdict::fail,
         "no pod on this node runs gpu-feature-discovery");
}

TEST(FeatureDiscovery, is_skipped_where_nothing_of_it_is_deployed_unless_it_is_expected)
{
  Scene none;
  none.places = {"api/v1/Pod"};
  Scene wanted = none;
  wanted.overrides = {{"feature_discovery", "expected"}};
  Scene unread;
  for (const auto* id : {"labels/nfd_master", "labels/nfd_worker", "labels/nfd_gc",
                         "labels/gpu_feature_discovery"}) {
    expect(none.judge(id), Verdict::skip, "is not deployed");
    expect(wanted.judge(id), Verdict::fail, "no pod");
    expect(unread.judge(id), Verdict::broken, "api/v1/Pod");
  }
}

TEST(FeatureDiscovery, a_version_before_the_collector_has_none)
{
  const std::string old = "registry.k8s.io/nfd/node-feature-discovery:v0.13.4";
  expect(Scene().add(nfd_pod("nfd-master", old)).judge("labels/nfd_gc"), Verdict::skip,
         "no garbage collector yet");
}

Scene labelled(const std::string& count)
{
  Scene scene;
  scene.label("nvidia.com/gpu.present", "true").label("nvidia.com/gpu.count", count);
  return scene;
}

TEST(LabelsConsistent, pass_when_they_speak_of_what_is_offered)
{
  const std::string id = "labels/consistent";
  expect(labelled("2").offering("2").judge(id), Verdict::pass, "nvidia.com/gpu.count=2");
  expect(labelled("1").label("nvidia.com/gpu.replicas", "4").offering("4").judge(id), Verdict::pass,
         "capacity=4 GPUs");
  expect(labelled("1")
             .label("nvidia.com/cuda.driver-version.full", "570.211.01")
             .offering("1")
             .judge(id),
         Verdict::pass, "driver=570.211.01");
}

/// Labels as gpu-feature-discovery 0.8.2 wrote them on the ubuntu cell.
Scene labelled_in_parts(const std::string& minor, const std::string& rev)
{
  return labelled("1")
      .label("nvidia.com/cuda.driver.major", "570")
      .label("nvidia.com/cuda.driver.minor", minor)
      .label("nvidia.com/cuda.driver.rev", rev)
      .offering("1");
}

TEST(LabelsConsistent, know_the_driver_by_its_parts_where_no_label_has_the_whole)
{
  const std::string id = "labels/consistent";
  expect(labelled_in_parts("211", "01").judge(id), Verdict::pass, "driver=570.211.01");
  expect(labelled_in_parts("86", "10").judge(id), Verdict::fail,
         "the label says driver 570.86.10, and 570.211.01 is loaded");
  expect(labelled_in_parts("211", "").judge(id), Verdict::fail, "the label says driver 570.211,");
}

TEST(LabelsConsistent, fail_when_the_node_offers_something_else)
{
  const std::string id = "labels/consistent";
  expect(labelled("2").offering("1").judge(id), Verdict::fail,
         "the labels speak of 2 GPUs, and the node offers 1 GPU");
  expect(labelled("1").judge(id), Verdict::fail, "the node offers 0 GPUs");
  Scene bare;
  expect(bare.label("nvidia.com/gpu.present", "true").judge(id), Verdict::fail,
         "offers no nvidia.com/gpu");
  Scene denied;
  expect(denied.label("nvidia.com/gpu.present", "false").offering("1").judge(id), Verdict::fail,
         "is false, and the node offers 1 GPU");
  expect(labelled("1")
             .label("nvidia.com/cuda.driver-version.full", "535.104.05")
             .offering("1")
             .judge(id),
         Verdict::fail, "the label says driver 535.104.05, and 570.211.01 is loaded");
}

TEST(LabelsConsistent, stay_right_while_the_plugin_is_in_trouble)
{
  auto scene = labelled("1").offering("1");
  scene.node["status"]["allocatable"]["nvidia.com/gpu"] = "0";
  expect(scene.judge("labels/consistent"), Verdict::pass, "capacity=1 GPU");
}

TEST(LabelsConsistent, compare_with_a_simulated_driver_and_call_it_so)
{
  const std::string id = "labels/consistent";
  expect(labelled_in_parts("211", "01").simulated().judge(id), Verdict::pass, "simulated=true");
  expect(labelled_in_parts("86", "10").simulated().judge(id), Verdict::fail,
         "the label says driver 570.86.10, and 570.211.01 is loaded");
}

TEST(LabelsConsistent, skip_without_any)
{
  expect(Scene().offering("1").judge("labels/consistent"), Verdict::skip, "no labels");
}

}  // namespace
}  // namespace coroner::suites
