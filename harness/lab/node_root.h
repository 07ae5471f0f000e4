// SPDX-License-Identifier: Apache-2.0
// The node's own file system, built inside its mount namespace.
#pragma once

#include "harness/base/result.h"
#include "harness/lab/node_plan.h"

namespace coroner::lab {

/// Builds the root file system that `plan` describes and makes it "/": afterwards nothing of the
/// machine's own tree is visible but /usr (as an overlay) and the plan's binds. Must run in a
/// mount, pid and cgroup namespace of its own. Leaves nothing behind when the namespace ends.
base::Result<void> enter_node_root(const NodePlan& plan);

/// Writes the plan's files, device nodes and links; runs inside the new root.
base::Result<void> write_node_files(const NodePlan& plan);

}  // namespace coroner::lab
