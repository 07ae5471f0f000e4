// SPDX-License-Identifier: Apache-2.0
// Node status as core/v1 defines it.
#include "harness/objects/node.h"

#include <algorithm>

#include "harness/objects/object.h"
#include "harness/objects/pod.h"
#include "harness/objects/quantity.h"

namespace coroner::objects {
namespace {

using nlohmann::json;

std::optional<double> quantity_in(const json& quantities, std::string_view resource)
{
  if (!quantities.is_object()) return std::nullopt;
  const auto found = quantities.find(std::string(resource));
  if (found == quantities.end()) return std::nullopt;
  const auto text = found->is_string() ? found->get<std::string>() : found->dump();
  const auto quantity = parse_quantity(text);
  return quantity ? std::optional(*quantity) : std::nullopt;
}

// The rules of core/v1 Toleration: an empty key with Exists matches all, an empty effect all
// effects, an empty operator is Equal.
bool tolerates(const json& toleration, const Taint& taint)
{
  const auto effect = text_at(toleration, "/effect");
  if (!effect.empty() && effect != taint.effect) return false;
  const auto key = text_at(toleration, "/key");
  const bool exists = text_at(toleration, "/operator") == "Exists";
  if (key.empty()) return exists;
  if (key != taint.key) return false;
  return exists || text_at(toleration, "/value") == taint.value;
}

}  // namespace

NodeInfo node_info(const json& node)
{
  return {.architecture = text_at(node, "/status/nodeInfo/architecture"),
          .os_image = text_at(node, "/status/nodeInfo/osImage"),
          .kernel_version = text_at(node, "/status/nodeInfo/kernelVersion"),
          .container_runtime = text_at(node, "/status/nodeInfo/containerRuntimeVersion"),
          .kubelet_version = text_at(node, "/status/nodeInfo/kubeletVersion")};
}

bool is_node_ready(const json& node)
{
  const auto ready = condition_of(node, "Ready");
  return ready && ready->is_true();
}

bool is_cordoned(const json& node)
{
  return flag_at(node, "/spec/unschedulable", false);
}

std::vector<Taint> taints_of(const json& node)
{
  std::vector<Taint> taints;
  const auto& rows = at(node, "/spec/taints");
  if (!rows.is_array()) return taints;
  for (const auto& row : rows)
    taints.push_back({text_at(row, "/key"), text_at(row, "/value"), text_at(row, "/effect")});
  return taints;
}

bool tolerates_taints(const json& pod, const json& node)
{
  const auto& tolerations = at(pod, "/spec/tolerations");
  const auto taints = taints_of(node);
  return std::all_of(taints.begin(), taints.end(), [&tolerations](const Taint& taint) {
    if (taint.effect == "PreferNoSchedule") return true;
    return tolerations.is_array() &&
           std::any_of(tolerations.begin(), tolerations.end(),
                       [&taint](const json& toleration) { return tolerates(toleration, taint); });
  });
}

std::optional<double> allocatable(const json& node, std::string_view resource)
{
  return quantity_in(at(node, "/status/allocatable"), resource);
}

std::optional<double> capacity(const json& node, std::string_view resource)
{
  return quantity_in(at(node, "/status/capacity"), resource);
}

}  // namespace coroner::objects
