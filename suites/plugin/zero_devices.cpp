// SPDX-License-Identifier: Apache-2.0
// The trap: the plugin runs, is registered, and found nothing.
#include "harness/objects/component.h"
#include "harness/objects/object.h"
#include "harness/objects/quantity.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  const auto node = node_object(seen);
  if (!node) return node.error();
  double offered = 0;
  std::map<std::string, std::string> amounts;
  for (const auto& [name, amount] : objects::texts_at(**node, "/status/allocatable"))
    if (name.starts_with("nvidia.com/")) {
      offered += objects::parse_quantity(amount).value_or(0);
      amounts[name] = amount;
    }
  if (amounts.empty()) return engine::skip("nothing of nvidia.com is registered on this node");
  if (offered > 0) return engine::pass(std::move(amounts));
  const auto capacity = objects::texts_at(**node, "/status/capacity");
  const auto total = capacity.find("nvidia.com/gpu");
  if (total != capacity.end() && objects::parse_quantity(total->second).value_or(0) > 0)
    return engine::fail(
        "none of the {} GPUs that this node counts is allocatable: its plugin calls them "
        "unhealthy, "
        "or it has gone or was just restarted",
        total->second);
  const auto plugins = pods_with(seen, objects::is_device_plugin);
  if (plugins.empty()) return engine::fail("the node registered nvidia.com/gpu and offers 0 of it");
  const auto why = hindrance(*plugins[0].pod);
  return engine::fail("{} {}, and the node offers 0 GPUs", objects::title_of(*plugins[0].pod),
                      why.empty() ? "runs and is ready" : "is not ready (" + why + ")");
}

const engine::Case registered{{
    .id = "plugin/zero_devices",
    .requirement = "A node that registered GPUs MUST offer more than none of them.",
    .timeout = std::chrono::seconds(10),
    .source = "NVIDIA/k8s-device-plugin 0.17: internal/rm/nvml_manager.go; seed 001: 0 GPUs",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
