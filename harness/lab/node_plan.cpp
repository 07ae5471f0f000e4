// SPDX-License-Identifier: Apache-2.0
// The plan travels from `up` to init through one JSON file.
#include "harness/lab/node_plan.h"

#include <nlohmann/json.hpp>

namespace coroner::cell {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NodeFile, path, link, links_into, text, component, binary, mode)
}  // namespace coroner::cell

namespace coroner::lab {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Bind, from, to, is_read_only)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DeviceNode, path, major, minor, mode)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Service, name, arguments, environment, needs)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NodePlan, name, domain_name, state_directory, node_address,
                                   is_cgroup_v2, cgroup_mounts, hidden, binds, files, devices,
                                   prepare, services)

std::string to_json(const NodePlan& plan)
{
  return nlohmann::json(plan).dump(1) + "\n";
}

base::Result<NodePlan> node_plan_from_json(const std::string& text)
{
  try {
    return nlohmann::json::parse(text).get<NodePlan>();
  } catch (const nlohmann::json::exception& exception) {
    return base::error(base::ErrorKind::invalid, "the node plan is unreadable: {}",
                       exception.what());
  }
}

}  // namespace coroner::lab
