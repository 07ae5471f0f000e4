// SPDX-License-Identifier: Apache-2.0
// NodePlan: everything a cell's first process does, decided outside and handed over as one file.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cell/cell.h"

namespace coroner::lab {

/// A folder or file of the machine that the node sees at `to`.
struct Bind {
  std::string from;
  std::string to;
  bool is_read_only = true;
};

/// A character device node in the node's own /dev.
struct DeviceNode {
  std::string path;
  unsigned major = 0;
  unsigned minor = 0;
  unsigned mode = 0666;
};

/// A program that init starts, restarts, and whose output goes to /var/log/cell/<name>.log.
struct Service {
  std::string name;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::vector<std::string>
      needs;  ///< "socket:<path>", "port:<number>" or "file:<path>": there before it starts.
};

/// One node from nothing: mounts, files, devices, then services.
struct NodePlan {
  std::string name;         ///< Host name, cgroup name.
  std::string domain_name;  ///< Kernel state of the simulated driver, or empty.
  std::string state_directory;
  std::string node_address;
  bool is_cgroup_v2 = false;
  std::vector<std::string> cgroup_mounts;  ///< v1: where the machine mounts each hierarchy.
  std::vector<std::string> hidden;  ///< Prefixes of file names below /usr that this distro lacks.
  std::vector<Bind> binds;
  std::vector<cell::NodeFile>
      files;  ///< `binary` resolved into a path of the machine's view before.
  std::vector<DeviceNode> devices;
  std::vector<std::vector<std::string>>
      prepare;  ///< Commands run to their end before the services.
  std::vector<Service> services;
};

/// As JSON, and back; ErrorKind::invalid names what is missing.
std::string to_json(const NodePlan& plan);
base::Result<NodePlan> node_plan_from_json(const std::string& text);

}  // namespace coroner::lab
