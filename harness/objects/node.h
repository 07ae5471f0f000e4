// SPDX-License-Identifier: Apache-2.0
// What a node says of itself: readiness, what it can give, what it runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace coroner::objects {

/// A taint as core/v1 has it.
struct Taint {
  std::string key;
  std::string value;
  std::string effect;  ///< "NoSchedule", "PreferNoSchedule", "NoExecute"
};

/// /status/nodeInfo; "" where the kubelet says nothing.
struct NodeInfo {
  std::string architecture;       ///< "amd64", "arm64"
  std::string os_image;           ///< "NixOS 25.05 (Warbler)"
  std::string kernel_version;     ///< "6.12.8"
  std::string container_runtime;  ///< "containerd://2.1.4"
  std::string kubelet_version;    ///< "v1.34.1"
};

NodeInfo node_info(const nlohmann::json& node);

/// Condition Ready is True.
bool is_node_ready(const nlohmann::json& node);

/// Cordoned (spec.unschedulable).
bool is_cordoned(const nlohmann::json& node);

std::vector<Taint> taints_of(const nlohmann::json& node);

/// Whether `pod`'s tolerations cover every NoSchedule and NoExecute taint of `node`.
bool tolerates_taints(const nlohmann::json& pod, const nlohmann::json& node);

/// /status/allocatable of `resource` ("nvidia.com/gpu", "memory") in its base unit; empty when the
/// node does not name it or names no quantity. 0 and absent differ.
std::optional<double> allocatable(const nlohmann::json& node, std::string_view resource);

/// The same of /status/capacity.
std::optional<double> capacity(const nlohmann::json& node, std::string_view resource);

}  // namespace coroner::objects
