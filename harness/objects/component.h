// SPDX-License-Identifier: Apache-2.0
// Which containers belong to the GPU stack, told by their image and by what they run.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace coroner::objects {

/// Names (without folders) of the programs that a container's command and args start: the first
/// word, and behind a shell each word that stands where a command stands. Empty when both are left
/// to the image.
std::vector<std::string> programs_of(const nlohmann::json& container);

/// Whether a container (of a pod's or template's spec) runs NVIDIA's device plugin itself: not
/// GPU feature discovery or the config manager of the same image, not another vendor's plugin,
/// and whatever its pod or it is called.
bool is_device_plugin(const nlohmann::json& container);

/// The component of the GPU stack that a container is of: "device_plugin",
/// "gpu_feature_discovery", "toolkit", "driver", "validator", "operator", "dcgm", "mig_manager",
/// "dra_driver" or "nfd"; "" when it is none. By image and command, never by a name that somebody
/// gave.
std::string gpu_component_of(const nlohmann::json& container);

/// Whether any container or init container of a pod's spec (`pod`/spec) is of the GPU stack.
bool is_gpu_component(const nlohmann::json& pod);

}  // namespace coroner::objects
