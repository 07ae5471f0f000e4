// SPDX-License-Identifier: Apache-2.0
// The device plugin, told by its image and program: people call its pods as they like.
#include "harness/objects/component.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  const auto pods = collected(seen, "Pod", "api/v1/Pod");
  if (!pods) return pods.error();
  const auto here = pods_with(seen, objects::is_device_plugin);
  if (!here.empty())
    return engine::pass(
        {{"pod", objects::namespace_of(*here[0].pod) + "/" + objects::name_of(*here[0].pod)},
         {"image", objects::text_at(*here[0].container, "/image")}});
  // Bottlerocket runs it as a service of the host, GKE its own one.
  if (const auto offered = objects::allocatable(seen.node_object(), "nvidia.com/gpu");
      offered && *offered > 0)
    return engine::pass({{"pod", "none: something outside the cluster's pods offers the GPUs"},
                         {"nvidia.com/gpu", gpus(*offered)}});
  const auto sets = daemon_sets_with(seen, objects::is_device_plugin);
  if (sets.empty())
    return engine::fail("neither a pod here nor any DaemonSet is NVIDIA's device plugin");
  const auto selector = objects::texts_at(*sets[0].pod, "/spec/template/spec/nodeSelector");
  std::string wanted;
  for (const auto& [key, value] : selector) wanted += " " + key + "=" + value;
  return engine::fail("{} has no pod on this node{}", objects::title_of(*sets[0].pod),
                      wanted.empty() ? "" : ", and selects nodes by" + wanted);
}

const engine::Case registered{{
    .id = "plugin/deployed",
    .requirement = "NVIDIA's device plugin MUST have a pod on each node with a GPU.",
    .timeout = std::chrono::seconds(10),
    .source = "NVIDIA/k8s-device-plugin 0.17: README, quick start; seed 001, 004",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
