// SPDX-License-Identifier: Apache-2.0
// The table of derived facts, and what comes from one kind of object alone.
#include "harness/graveyard/derived.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace coroner::graveyard {
namespace {

using evidence::FactType;

constexpr std::string_view from_api = "coroner record";
constexpr std::string_view from_host = "coroner record --host, on the node";
constexpr std::string_view from_pod = "coroner probe --effect runs_pods";

constexpr auto table = std::to_array<DerivedFact>({
    {"node.distro", FactType::text, "nixos, talos, ubuntu, …, from the node's osImage", from_api,
     derive_distro},
    {"node.driver_root", FactType::text,
     "folder above the driver's libraries: where they were found, else what the distro does",
     from_host, derive_driver_root},
    {"node.gpu.requested", FactType::number, "sum of nvidia.com/gpu over the pods of the node",
     from_api, derive_requested},
    {"plugin.pod.runtime_handler", FactType::text,
     "containerd's handler of the device plugin's pod; \"\" is the default runtime", from_api,
     derive_runtime_handler},
    {"plugin.daemonset.strategy", FactType::text,
     "DEVICE_DISCOVERY_STRATEGY of the device plugin; auto when it is not set", from_api,
     derive_strategy},
    {"container.gpu_devices", FactType::number,
     "GPU device nodes that the container of a GPU pod (suite smoke) sees", from_pod,
     derive_container_devices},
    {"node.gpu.pci_count", FactType::number, "NVIDIA GPUs on the PCI bus", from_pod,
     derive_pci_count},
    {"host.gpu_devices", FactType::number, "GPU device nodes of the host", from_host,
     derive_host_device_count},
    {"node.gpu.allocatable_differs_from_payload", FactType::flag,
     "the node offers another number of GPUs than are on its PCI bus", from_pod,
     derive_allocatable_differs},
    {"containerd.loaded_differs_from_disk", FactType::flag,
     "the daemon runs with another default runtime or other runtimes than its file names",
     from_host, derive_loaded_differs},
    {"containerd.default_runtime_defined", FactType::flag,
     "the default runtime is one of the runtimes of containerd's configuration", from_host,
     derive_default_defined},
});

}  // namespace

std::span<const DerivedFact> derived_facts()
{
  return table;
}

std::vector<std::string> known_facts()
{
  std::vector<std::string> names;
  for (const auto& definition : evidence::fact_table()) names.emplace_back(definition.name);
  for (const auto& derived : table) names.emplace_back(derived.name);
  return names;
}

evidence::FactStore with_derived(const evidence::Observed& seen)
{
  evidence::FactStore facts = seen.facts;
  for (const auto& derived : table) derived.derive(seen, facts);
  return facts;
}

evidence::Answer ask(const evidence::FactStore& facts, std::string_view name,
                     const evidence::Scope& scope)
{
  auto answer = facts.ask(name, scope);
  if (answer.presence != evidence::Presence::not_collected || !answer.collect.empty())
    return answer;
  const auto* derived = std::find_if(table.begin(), table.end(),
                                     [name](const auto& entry) { return entry.name == name; });
  if (derived != table.end())
    answer.collect = fmt::format("{}: {}", derived->says, derived->command);
  return answer;
}

}  // namespace coroner::graveyard
