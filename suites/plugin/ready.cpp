// SPDX-License-Identifier: Apache-2.0
// A plugin that waits for an init container or ends again and again offers nothing.
#include "harness/objects/component.h"
#include "harness/objects/node.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  const auto pods = collected(seen, "Pod", "api/v1/Pod");
  if (!pods) return pods.error();
  const auto here = pods_with(seen, objects::is_device_plugin);
  if (!here.empty()) return judge_ready(here);
  if (objects::allocatable(seen.node_object(), "nvidia.com/gpu").value_or(0) > 0)
    return engine::skip("no pod here is the device plugin; the GPUs are offered by something else");
  return engine::fail("no pod on this node is the device plugin");
}

const engine::Case registered{{
    .id = "plugin/ready",
    .requirement = "The device plugin's pod MUST run and be ready on each node with a GPU.",
    .timeout = std::chrono::seconds(10),
    .source = "NVIDIA/k8s-device-plugin 0.17: README, quick start; seed 001, 004",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
