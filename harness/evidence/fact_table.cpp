// SPDX-License-Identifier: Apache-2.0
// Which facts are read, and from where. Field names follow core/v1, apps/v1 and node.k8s.io/v1.
#include "harness/evidence/fact_table.h"

#include <algorithm>
#include <array>

namespace coroner::evidence {
namespace {

constexpr std::string_view from_api = "coroner record";
constexpr std::string_view from_host = "coroner record --host, on the node";
constexpr std::string_view from_pod = "coroner probe --effect runs_pods";
constexpr std::string_view nodes = "api/v1/Node";
constexpr std::string_view pods = "api/v1/Pod";
constexpr std::string_view inspect = "pods/inspect";
constexpr auto text = FactType::text;
constexpr auto number = FactType::number;
constexpr auto flag = FactType::flag;
constexpr auto pointer = FactForm::pointer;
constexpr auto quantity = FactForm::quantity;
constexpr auto pattern = FactForm::pattern;

constexpr auto table = std::to_array<FactDefinition>({
    {"node.os_image", text, nodes, pointer, "/status/nodeInfo/osImage", from_api},
    {"node.kernel_version", text, nodes, pointer, "/status/nodeInfo/kernelVersion", from_api},
    {"node.kubelet_version", text, nodes, pointer, "/status/nodeInfo/kubeletVersion", from_api},
    {"node.container_runtime", text, nodes, pointer, "/status/nodeInfo/containerRuntimeVersion",
     from_api},
    {"node.architecture", text, nodes, pointer, "/status/nodeInfo/architecture", from_api},
    {"node.gpu.allocatable", number, nodes, quantity, "/status/allocatable/nvidia.com~1gpu",
     from_api},
    {"node.gpu.capacity", number, nodes, quantity, "/status/capacity/nvidia.com~1gpu", from_api},
    {"node.label.gpu_present", text, nodes, pointer, "/metadata/labels/nvidia.com~1gpu.present",
     from_api},
    {"pod.runtime_class", text, pods, pointer, "/spec/runtimeClassName", from_api},
    {"pod.phase", text, pods, pointer, "/status/phase", from_api},
    {"runtime_class.handler", text, "api/node.k8s.io/v1/RuntimeClass", pointer, "/handler",
     from_api},
    {"driver.is_loaded", flag, inspect, pointer, "/driver/is_loaded", from_pod},
    {"driver.version", text, inspect, pointer, "/driver/version", from_pod},
    {"driver.flavour", text, inspect, pointer, "/driver/flavour", from_pod},
    {"container.glibc", text, inspect, pointer, "/machine/glibc", from_pod},
    {"container.library_path", text, inspect, pointer, "/libraries/library_path", from_pod},
    {"containerd.default_runtime", text, "host/etc/containerd/config.toml", pattern,
     R"re(^\s*default_runtime_name\s*=\s*["']([^"']+)["'])re", from_host},
    {"containerd.runtime", text, "host/etc/containerd/config.toml", pattern,
     R"re(^\s*\[.*containerd\.runtimes\.["']?([^"'.\]]+)["']?\]\s*$)re", from_host},
    {"containerd.runtime_binary", text, "host/etc/containerd/config.toml", pattern,
     R"re(^\s*BinaryName\s*=\s*["']([^"']+)["'])re", from_host},
    {"containerd.loaded.default_runtime", text, "host/containerd-loaded.toml", pattern,
     R"re(^\s*default_runtime_name\s*=\s*["']([^"']*)["'])re", from_host},
    {"containerd.loaded.runtime", text, "host/containerd-loaded.toml", pattern,
     R"re(^\s*\[.*containerd\.runtimes\.["']?([^"'.\]]+)["']?\]\s*$)re", from_host},
    {"host.device", text, "host/devices.txt", pattern, R"re(^(/dev/\S+))re", from_host},
    {"host.nvml_library", text, "host/driver-root.txt", pattern,
     R"re(^(/\S*/libnvidia-ml\.so\.1)(?:\s|$))re", from_host},
    {"host.validation", text, "host/validations.txt", pattern, R"re(^(\S+))re", from_host},
    {"plugin.version", text, "logs", pattern,
     R"re(Starting NVIDIA Device Plugin"? version="?v?([0-9][^"\s]*))re",
     "kubectl logs of the device plugin's pod"},
});

}  // namespace

std::string_view word(FactType type)
{
  if (type == FactType::number) return "number";
  return type == FactType::flag ? "flag" : "text";
}

std::span<const FactDefinition> fact_table()
{
  return table;
}

const FactDefinition* fact_definition(std::string_view name)
{
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [name](const auto& entry) { return entry.name == name; });
  return found == table.end() ? nullptr : found;
}

}  // namespace coroner::evidence
