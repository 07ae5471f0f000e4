// SPDX-License-Identifier: Apache-2.0
// Registering with the kubelet is what puts the resource, of whatever amount, on the node.
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  const auto node = node_object(seen);
  if (!node) return node.error();
  // Besides nvidia.com/gpu: gpu.shared of time-slicing, mig-1g.10gb of MIG, renamed ones.
  std::map<std::string, std::string> proof;
  for (const auto& [name, amount] : objects::texts_at(**node, "/status/capacity"))
    if (name.starts_with("nvidia.com/")) proof[name] = amount;
  if (proof.empty())
    return engine::fail(
        "no device plugin registered with the kubelet of {}: its capacity names "
        "no nvidia.com resource",
        seen.node_name());
  return engine::pass(std::move(proof));
}

const engine::Case registered{{
    .id = "plugin/registered",
    .requirement = "The capacity of a node with a GPU MUST name a resource of nvidia.com.",
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes.io: extend-kubernetes/compute-storage-net/device-plugins, registration",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
