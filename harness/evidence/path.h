// SPDX-License-Identifier: Apache-2.0
// Names inside a bundle: made from names of other people, and read back from untrusted archives.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::evidence {

/// Longest part of a path, as NAME_MAX of Linux bounds a file name.
inline constexpr std::size_t longest_part_bytes = 255;

/// `name` as one part of a path: letters, digits and `_.:@+=-` stay, every other byte becomes %XX,
/// and so does a leading `.` or `_` (the latter is kept for parts of our own, as `_cluster`).
/// Different names give different parts. ErrorKind::invalid for "" and for overlong names.
base::Result<std::string> safe_part(std::string_view name);

/// The name that safe_part was given.
std::string name_of_part(std::string_view part);

/// One container's log.
struct LogName {
  std::string name_space;
  std::string pod;
  std::string container;
  bool is_previous = false;  ///< Of the container's run before this one.
};

/// "objects/apps_v1/DaemonSet/kube-system/name.json"; cluster-scoped objects stand in `_cluster`.
/// ErrorKind::invalid when apiVersion, kind or name is missing.
base::Result<std::string> object_path(const nlohmann::json& object);

/// "logs/kube-system/pod/container.log" or "….previous.log".
base::Result<std::string> log_path(const LogName& log);

/// "host/node/etc/containerd/config.toml" for "/etc/containerd/config.toml" of a node.
base::Result<std::string> host_path(std::string_view node, std::string_view place);

/// "pods/node/smoke%2Fcuda_vector_add.ndjson" for a case of a node.
base::Result<std::string> pod_result_path(std::string_view node, std::string_view case_id);

/// `path` itself when a bundle may hold a file of that name: below a known folder, every part made
/// of what safe_part leaves. ErrorKind::invalid otherwise ("..", absolute, empty parts, NUL, …).
base::Result<std::string> checked_path(std::string_view path);

/// What a bundle's path says. Fields that its folder does not have are "".
struct PathNames {
  std::string folder;      ///< "objects", "logs", "host", "pods"; "" for a file at the root.
  std::string name_space;  ///< Of an object or log; "" when cluster-scoped.
  std::string kind;        ///< Of an object.
  std::string name;        ///< Object or pod; case of a pod result; place on the host ("/etc/…").
  std::string container;
  std::string node;
  bool is_previous = false;
};

/// The names in a path that checked_path accepts; a path of another shape gives an empty folder.
PathNames names_of(std::string_view path);

}  // namespace coroner::evidence
