// SPDX-License-Identifier: Apache-2.0
// From a cell's file to the plan of its node: pure but for reading the recipes in matrix/lab/node.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "harness/base/result.h"
#include "harness/cell/cell.h"
#include "harness/lab/cgroup.h"
#include "harness/lab/node_plan.h"
#include "harness/lab/places.h"

namespace coroner::lab {

/// The node's one address, on lo of its own network namespace: the same in every cell.
inline constexpr const char* node_address = "10.88.0.1";

/// What a plan is made from.
struct NodeDesign {
  cell::Cell cell;
  std::string name;                 ///< Of this instance.
  std::filesystem::path directory;  ///< Its state folder, <cells>/<name>.
  std::map<std::string, std::filesystem::path>
      parts;                                 ///< kubernetes, containerd, ... -> built folder.
  std::map<std::string, std::string> words;  ///< More placeholders: driver_version, ...
  CgroupLayout cgroups;
  std::vector<DeviceNode> devices;  ///< The GPUs' nodes.
  std::vector<Bind> binds;          ///< The driver, images, ...
  std::vector<std::string> hidden;
  std::string domain_name;
};

/// The plan: services of matrix/lab/node/services.yaml, the distro's configuration files with
/// their placeholders filled in, the layout of the cell's file. Located errors.
base::Result<NodePlan> plan_node(const Places& places, const NodeDesign& design);

/// Values of the placeholders, for manifests and breaks too: {name}, {node_address},
/// {containerd_socket}, ..., and one for each part's folder on the node.
std::map<std::string, std::string> placeholders(const NodeDesign& design);

/// The folder where the node sees the part that the machine has at `folder`.
std::string folder_on_node(const std::filesystem::path& folder);

/// Whether this process may lower oom scores (CAP_SYS_RESOURCE); without it containerd must be
/// told.
bool may_lower_oom_score();

}  // namespace coroner::lab
