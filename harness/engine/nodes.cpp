// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/nodes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "harness/base/text.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"
#include "harness/objects/quantity.h"

namespace coroner::engine {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::string_view gpu_resource = "nvidia.com/gpu";

/// Labels that only nodes with NVIDIA hardware bear. Sources: gpu-feature-discovery's
/// nvidia.com/gpu.present; node-feature-discovery's pci-<class>_<vendor>.present for the classes
/// that NVIDIA's charts ask for.
constexpr auto gpu_labels = std::to_array<std::string_view>({
    "nvidia.com/gpu.present",
    "feature.node.kubernetes.io/pci-10de.present",
    "feature.node.kubernetes.io/pci-0300_10de.present",
    "feature.node.kubernetes.io/pci-0302_10de.present",
});

double gpus_of(const json& container)
{
  const auto& limit = objects::at(container, "/resources/limits/nvidia.com~1gpu");
  if (limit.is_number()) return limit.get<double>();
  if (!limit.is_string()) return 0;
  return objects::parse_quantity(limit.get<std::string>()).value_or(0);
}

/// What the scheduler counts: the sum of the containers, or the largest init container.
double requested_by(const json& pod)
{
  double sum = 0;
  double largest = 0;
  const auto& containers = objects::at(pod, "/spec/containers");
  const auto& first = objects::at(pod, "/spec/initContainers");
  if (containers.is_array())
    for (const auto& each : containers) sum += gpus_of(each);
  if (first.is_array())
    for (const auto& each : first) largest = std::max(largest, gpus_of(each));
  return std::max(sum, largest);
}

/// What makes two nodes alike for a GPU pod.
std::string kind_of(const json& node)
{
  const auto info = objects::node_info(node);
  return objects::label_of(node, "nvidia.com/gpu.product") + "|" + info.os_image + "|" +
         info.architecture;
}

bool fits_selector(const json& node, const std::string& selector)
{
  for (const auto& term : base::split(selector, ',')) {
    const auto equals = term.find('=');
    const auto labels = objects::labels_of(node);
    const auto found = labels.find(std::string(base::trim(term.substr(0, equals))));
    if (found == labels.end()) return false;
    if (equals != std::string::npos && found->second != base::trim(term.substr(equals + 1)))
      return false;
  }
  return true;
}

Result<std::vector<const json*>> named(const std::vector<json>& nodes, const std::string& wanted)
{
  std::vector<const json*> chosen;
  std::vector<std::string> names;
  for (const auto& node : nodes) names.push_back(objects::name_of(node));
  for (const auto& part : base::split(wanted, ',')) {
    const std::string name(base::trim(part));
    const auto place = std::find(names.begin(), names.end(), name);
    if (place != names.end()) {
      chosen.push_back(&nodes[static_cast<std::size_t>(place - names.begin())]);
      continue;
    }
    const auto near = base::nearest(name, names);
    return base::error_with_hint(
        ErrorKind::invalid, fmt::format("the cluster has no node '{}'", base::printable(name)),
        near.empty() ? "kubectl get nodes lists them" : "the nearest is '" + near + "'");
  }
  return chosen;
}

std::vector<const json*> with_gpu_or_all(const std::vector<json>& nodes)
{
  std::vector<const json*> chosen;
  for (const auto& node : nodes)
    if (shows_gpu(node)) chosen.push_back(&node);
  if (chosen.empty())
    for (const auto& node : nodes) chosen.push_back(&node);
  return chosen;
}

/// The nodes that are looked at, in the cluster's order.
Result<std::vector<const json*>> chosen_nodes(const std::vector<json>& nodes,
                                              const Options& options)
{
  const auto& wanted = options.nodes;
  std::vector<const json*> chosen;
  std::size_t count = 0;
  const auto* const end = wanted.data() + wanted.size();
  const auto number = std::from_chars(wanted.data(), end, count);
  if (wanted.empty()) return with_gpu_or_all(nodes);
  if (wanted == "all") {
    for (const auto& node : nodes) chosen.push_back(&node);
  } else if (number.ptr == end && number.ec == std::errc{}) {
    if (count == 0)
      return base::error_with_hint(ErrorKind::not_found, "no node is selected: --nodes is 0",
                                   "leave --nodes out, or give a number from 1");
    chosen = with_gpu_or_all(nodes);
    if (chosen.size() > count) chosen.resize(count);
  } else if (wanted.find('=') != std::string::npos || wanted.find('/') != std::string::npos) {
    for (const auto& node : nodes)
      if (fits_selector(node, wanted)) chosen.push_back(&node);
    if (chosen.empty())
      return base::error_with_hint(
          ErrorKind::not_found,
          fmt::format("no node is selected: none has the labels '{}'", base::printable(wanted)),
          "kubectl get nodes --show-labels lists them");
  } else {
    return named(nodes, wanted);
  }
  return chosen;
}

/// Why the GPU pod is not run on `node`; "" when it may be.
std::string hindrance(const json& node, const std::vector<json>& pods)
{
  if (!objects::is_node_ready(node)) {
    const auto ready = objects::condition_of(node, "Ready");
    return "the node is not Ready" +
           (ready && !ready->message.empty() ? ": " + ready->message : std::string());
  }
  if (objects::is_cordoned(node)) return "cordoned: the node takes no new pods";
  const auto use = gpu_use(node, pods);
  if (use.allocatable < 1) return "the node offers no nvidia.com/gpu";
  if (use.idle() < 1)
    return fmt::format("busy: pods have taken {:.0f} of {:.0f} GPUs", use.requested,
                       use.allocatable);
  static const json ours = {
      {"spec", {{"tolerations", {{{"key", gpu_resource}, {"operator", "Exists"}}}}}}};
  if (!objects::tolerates_taints(ours, node)) return "tainted: the node takes only other pods";
  return "";
}

}  // namespace

GpuUse gpu_use(const json& node, const std::vector<json>& pods)
{
  GpuUse use{.allocatable = objects::allocatable(node, gpu_resource).value_or(0), .requested = 0};
  const auto name = objects::name_of(node);
  for (const auto& pod : pods)
    if (objects::node_of(pod) == name && !objects::has_ended(pod))
      use.requested += requested_by(pod);
  return use;
}

bool shows_gpu(const json& node)
{
  if (objects::capacity(node, gpu_resource)) return true;
  return std::any_of(gpu_labels.begin(), gpu_labels.end(),
                     [&](auto label) { return objects::label_of(node, label) == "true"; });
}

Result<std::vector<PlannedNode>> choose_nodes(const std::vector<json>& nodes,
                                              const std::vector<json>& pods, const Options& options)
{
  TRY_ASSIGN(chosen, chosen_nodes(nodes, options));
  std::vector<PlannedNode> planned;
  std::map<std::string, std::size_t> runs_kind;  // kind -> the node that runs its GPU pod
  for (const auto* node : chosen) {
    if (static_cast<int>(planned.size()) >= options.most_pods) break;
    PlannedNode made{.name = objects::name_of(*node), .shows_gpu = shows_gpu(*node)};
    made.why_not = hindrance(*node, pods);
    const auto kind = kind_of(*node);
    const auto same = runs_kind.find(kind);
    if (made.why_not.empty() && options.nodes.empty() && same != runs_kind.end())
      made.why_not = "alike: " + planned[same->second].name + " runs it for this model and distro";
    made.runs_gpu_pod = made.why_not.empty();
    if (made.runs_gpu_pod) runs_kind.emplace(kind, planned.size());
    planned.push_back(std::move(made));
  }
  return planned;
}

}  // namespace coroner::engine
