// SPDX-License-Identifier: Apache-2.0
// Choosing nodes: which are looked at, which run the GPU pod, and why the others do not.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/engine/plan.h"

namespace coroner::engine {

/// GPUs of a node by what it offers and what pods that have not ended ask for.
struct GpuUse {
  double allocatable = 0;
  double requested = 0;

  double idle() const { return allocatable - requested; }
};

GpuUse gpu_use(const nlohmann::json& node, const std::vector<nlohmann::json>& pods);

/// Whether anything of the API says that this node has NVIDIA GPUs: the resource (even 0 of it),
/// labels of NVIDIA's or node feature discovery.
bool shows_gpu(const nlohmann::json& node);

/// The nodes that `options.nodes` means. Default: those that show a GPU, else all (a scan), at most
/// `options.most_pods`. GPU pods: by default one idle node of each GPU model, distro and
/// architecture; all chosen nodes where nodes were named. `access` is left empty.
/// ErrorKind::invalid for a name of no node, with the nearest; not_found where a number or a
/// selector selects none.
base::Result<std::vector<PlannedNode>> choose_nodes(const std::vector<nlohmann::json>& nodes,
                                                    const std::vector<nlohmann::json>& pods,
                                                    const Options& options);

}  // namespace coroner::engine
