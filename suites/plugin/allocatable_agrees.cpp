// SPDX-License-Identifier: Apache-2.0
// What the scheduler counts with, against what is on the bus and what NVML saw.
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;

/// How the plugin divides GPUs on this node, by the labels of GPU feature discovery; "" undivided.
std::string division(const json& node)
{
  const auto sharing = objects::label_of(node, "nvidia.com/gpu.sharing-strategy");
  if (!sharing.empty() && sharing != "none") return sharing;
  if (const auto replicas = objects::label_of(node, "nvidia.com/gpu.replicas");
      !replicas.empty() && replicas != "1" && replicas != "0")
    return replicas + " replicas";
  const auto mig = objects::label_of(node, "nvidia.com/mig.strategy");
  return mig.empty() || mig == "none" ? "" : "MIG " + mig;
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto node = node_object(seen);
  if (!node) return node.error();
  const auto line = inspect_line(seen);
  if (!line) return line.error();
  if (auto none = without_gpu(**line)) return *none;
  const auto offered = objects::allocatable(**node, "nvidia.com/gpu");
  if (!offered) return engine::skip("this node offers no nvidia.com/gpu");
  const auto& nvml = seen.payload_line("nvml", true);
  const auto in_pod = objects::number_at(nvml, "/count", -1);
  std::map<std::string, std::string> proof = {{"allocatable", gpus(*offered)}};
  if (in_pod >= 0) proof["seen_by_nvml_in_a_pod"] = std::to_string(in_pod);
  // A pod may see more than was allocated to it, but never more than there are.
  const auto divided = division(**node);
  if (divided.empty() && static_cast<double>(in_pod) > *offered)
    return engine::fail("NVML in a pod saw {}, and the node offers {}",
                        gpus(static_cast<double>(in_pod)), gpus(*offered));
  if (!simulated_driver(**line).empty()) {
    if (in_pod < 0)
      return engine::skip("simulated GPUs are on no bus, and no GPU pod of this run saw them");
    proof["simulated"] = "true";
    return engine::pass(std::move(proof));
  }
  const auto on_bus = static_cast<double>(gpus_on_bus(**line).size());
  if (on_bus == 0)
    return engine::skip("the GPU of this node is on no PCI bus that could be counted");
  proof["on_bus"] = gpus(on_bus);
  if (!divided.empty()) {
    proof["divided"] = divided;
    return engine::pass(std::move(proof));
  }
  if (*offered != on_bus)
    return engine::fail("{} on the PCI bus, and the node offers {} of a capacity of {}",
                        gpus(on_bus), gpus(*offered),
                        gpus(objects::capacity(**node, "nvidia.com/gpu").value_or(0)));
  return engine::pass(std::move(proof));
}

const engine::Case registered{{
    .id = "plugin/allocatable_agrees",
    .requirement = "A node MUST offer as many GPUs as it has, unless it divides them.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds(120),
    .source =
        "kubernetes.io: tasks/manage-gpus/scheduling-gpus; NVIDIA/k8s-device-plugin 0.17: README, "
        "shared access",
    .subject = engine::Subject::gpu_node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
