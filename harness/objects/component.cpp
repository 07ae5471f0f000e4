// SPDX-License-Identifier: Apache-2.0
// The tables of images and programs of the GPU stack.
#include "harness/objects/component.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/base/text.h"
#include "harness/objects/object.h"

namespace coroner::objects {
namespace {

using nlohmann::json;

struct Known {
  std::string_view component;
  std::string_view name;
};

/// Last parts of image repositories: gpu-operator v25.3 deployments/gpu-operator/values.yaml,
/// k8s-device-plugin v0.17, k8s-dra-driver-gpu v25.3, node-feature-discovery v0.17.
constexpr auto images = std::to_array<Known>({
    {"device_plugin", "k8s-device-plugin"},
    {"device_plugin", "kubevirt-gpu-device-plugin"},
    {"gpu_feature_discovery", "gpu-feature-discovery"},
    {"toolkit", "container-toolkit"},
    {"driver", "k8s-driver-manager"},
    {"driver", "vgpu-manager"},
    {"driver", "gdrdrv"},
    {"driver", "nvidia-fs"},
    {"validator", "gpu-operator-validator"},
    {"operator", "gpu-operator"},
    {"dcgm", "dcgm"},
    {"dcgm", "dcgm-exporter"},
    {"mig_manager", "k8s-mig-manager"},
    {"dra_driver", "k8s-dra-driver-gpu"},
    {"nfd", "node-feature-discovery"},
});

/// What the images of the same projects start; one image holds several of them.
constexpr auto programs = std::to_array<Known>({
    {"device_plugin", "nvidia-device-plugin"},
    {"device_plugin", "mps-control-daemon"},
    {"gpu_feature_discovery", "gpu-feature-discovery"},
    {"toolkit", "nvidia-toolkit"},
    {"toolkit", "nvidia-ctk-installer"},
    {"driver", "nvidia-driver"},
    {"validator", "nvidia-validator"},
    {"operator", "gpu-operator"},
    {"dcgm", "dcgm-exporter"},
    {"dcgm", "nv-hostengine"},
    {"mig_manager", "nvidia-mig-manager"},
    {"dra_driver", "gpu-kubelet-plugin"},
    {"dra_driver", "compute-domain-kubelet-plugin"},
    {"dra_driver", "compute-domain-controller"},
    {"nfd", "nfd-master"},
    {"nfd", "nfd-worker"},
    {"nfd", "nfd-gc"},
    {"nfd", "nfd-topology-updater"},
});

/// Vendors whose images have the same last part (rocm/k8s-device-plugin, rocm/gpu-operator).
constexpr auto other_vendors = std::to_array<std::string_view>(
    {"rocm", "amd", "intel", "habana", "habanalabs", "cambricon", "iluvatar", "xilinx"});

constexpr auto shells = std::to_array<std::string_view>(
    {"sh", "bash", "ash", "dash", "busybox", "env", "tini", "dumb-init", "catatonit"});

constexpr auto before_commands =
    std::to_array<std::string_view>({"exec", "&&", "||", "|", ";", "then", "do", "--", "nohup"});

/// The operator mounts a script of this name that execs the image's program (gpu-operator,
/// assets/state-device-plugin/0500_daemonset.yaml).
constexpr std::string_view operator_script = "entrypoint.sh";

template <class Table>
bool has(const Table& table, std::string_view name)
{
  return std::find(table.begin(), table.end(), name) != table.end();
}

std::string last_part(std::string_view path)
{
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

/// Words of command and args; an argument with white space, as `sh -c` takes it, gives several.
std::vector<std::string> words_of(const json& container)
{
  std::vector<std::string> words;
  for (const auto* part : {"/command", "/args"}) {
    const auto& arguments = at(container, part);
    if (!arguments.is_array()) continue;
    for (const auto& argument : arguments) {
      if (!argument.is_string()) continue;
      auto text = argument.get<std::string>();
      std::replace_if(
          text.begin(), text.end(), [](char letter) { return letter == '\n' || letter == '\t'; },
          ' ');
      for (const auto& word : base::split(text, ' '))
        if (!word.empty()) words.push_back(word);
    }
  }
  return words;
}

/// An image without registry's port, tag and digest: "nvcr.io/nvidia/k8s-device-plugin".
std::string repository_of(const json& container)
{
  auto image = text_at(container, "/image");
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  if (colon != std::string::npos && (slash == std::string::npos || colon > slash))
    image.resize(colon);
  return image;
}

bool is_of_other_vendor(const std::string& repository)
{
  auto parts = repository;
  std::replace_if(
      parts.begin(), parts.end(), [](char letter) { return letter == '-' || letter == '_'; }, '/');
  const auto words = base::split(parts, '/');
  return std::any_of(words.begin(), words.end(),
                     [](const auto& word) { return has(other_vendors, word); });
}

std::string_view component_of_image(const std::string& repository)
{
  if (is_of_other_vendor(repository)) return {};
  const auto name = last_part(repository);
  for (const auto& known : images) {
    // Mirrors often flatten a path into the last part: "nvcr.io-nvidia-k8s-device-plugin".
    const auto flattened = "-" + std::string(known.name);
    if (name == known.name || name.ends_with(flattened)) return known.component;
  }
  // "driver" alone is everybody's word.
  const bool is_driver = repository.ends_with("nvidia/driver") || name.ends_with("nvidia-driver");
  return is_driver ? "driver" : "";
}

std::string_view component_of_programs(const std::vector<std::string>& started)
{
  for (const auto& program : started)
    for (const auto& known : programs)
      if (program == known.name) return known.component;
  return {};
}

}  // namespace

std::vector<std::string> programs_of(const json& container)
{
  // A container with args alone runs the image's own program with them.
  if (!at(container, "/command").is_array()) {
    const auto arguments = words_of(container);
    if (arguments.empty() || arguments.front().starts_with('-')) return {};
  }
  std::vector<std::string> started;
  bool is_start = true;
  for (const auto& word : words_of(container)) {
    if (has(before_commands, word)) {
      is_start = !started.empty();
      continue;
    }
    const bool ends_command = word.ends_with(';');
    const auto name = last_part(ends_command ? word.substr(0, word.size() - 1) : word);
    const bool is_option = word.starts_with('-');
    const bool is_setting = word.find('=') != std::string::npos;
    if (is_start && !is_option && !is_setting) {
      started.push_back(name);
      is_start = has(shells, name);
    }
    if (ends_command) is_start = true;
  }
  return started;
}

bool is_device_plugin(const json& container)
{
  const auto started = programs_of(container);
  const auto repository = repository_of(container);
  if (has(started, "nvidia-device-plugin")) return !is_of_other_vendor(repository);
  const auto image = last_part(repository);
  if (component_of_image(repository) != "device_plugin" || !image.ends_with("k8s-device-plugin"))
    return false;
  // Without a command the image starts its own program, whatever its arguments are.
  return !at(container, "/command").is_array() || has(started, operator_script);
}

std::string gpu_component_of(const json& container)
{
  const auto repository = repository_of(container);
  if (is_of_other_vendor(repository)) return {};
  const auto by_program = component_of_programs(programs_of(container));
  return std::string(by_program.empty() ? component_of_image(repository) : by_program);
}

bool is_gpu_component(const json& pod)
{
  for (const auto* list : {"/spec/containers", "/spec/initContainers"}) {
    const auto& containers = at(pod, list);
    if (!containers.is_array()) continue;
    for (const auto& container : containers)
      if (!gpu_component_of(container).empty()) return true;
  }
  return false;
}

}  // namespace coroner::objects
