// SPDX-License-Identifier: Apache-2.0
// The cgroups of a cell: one folder of its own a hierarchy (v1) or one in all (v2).
#pragma once

#include <string>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"

namespace coroner::lab {

/// How this machine keeps its cgroups.
struct CgroupLayout {
  bool is_v2 = false;
  std::vector<std::string> mounts;  ///< v1: one mount point a hierarchy; v2: the one mount point.
};

/// Reads /proc/self/mountinfo. ErrorKind::invalid when no cgroups are mounted.
base::Result<CgroupLayout> read_cgroup_layout();

/// Makes <mount>/<folder> in each hierarchy (`folder` is Places::cgroup) and gives their paths.
/// Nothing else of the machine's cgroups is changed: on v2 a controller that the parent does not
/// delegate is refused with the command that delegates it.
base::Result<std::vector<std::string>> make_cgroups(const CgroupLayout& layout,
                                                    const std::string& folder);

/// Ends every process inside the folders, then removes them with all below them; missing ones are
/// fine. This finds even a cell whose state was never written.
base::Result<void> remove_cgroups(const std::vector<std::string>& folders,
                                  const base::Deadline& deadline);

/// The folders that make_cgroups would have made and that exist now.
std::vector<std::string> existing_cgroups(const CgroupLayout& layout, const std::string& folder);

}  // namespace coroner::lab
