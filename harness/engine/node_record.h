// SPDX-License-Identifier: Apache-2.0
// The nodes of a record: what each is, expects and showed.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/evidence/observed.h"
#include "harness/record/record.h"

namespace coroner::engine {

/// One record node for each Node object, in the order of their names; `plan` (plan.h, or null)
/// gives the access profiles. GPUs and their kind come from what payloads printed on the node, else
/// from NVIDIA's labels and what it offers.
base::Result<std::vector<record::Node>> nodes_of(const evidence::Observed& observed,
                                                 const nlohmann::json& plan);

/// Whether anything that was recorded shows a GPU on this node: the plan, a PCI scan, the mark of
/// a simulated driver. `was_scanned` says whether a scan was recorded at all.
struct GpuSigns {
  bool has_gpu = false;
  bool was_scanned = false;
};
GpuSigns gpu_signs(const evidence::Observed& observed, const nlohmann::json& plan,
                   const std::string& node);

}  // namespace coroner::engine
