// SPDX-License-Identifier: Apache-2.0
// Draft: the plan as far as it follows from what was read; pure.
#pragma once

#include <vector>

#include "harness/base/result.h"
#include "harness/collect/collect.h"
#include "harness/engine/plan.h"

namespace coroner::engine {

/// The cases of the registry that focus and skip select. ErrorKind::not_found when none is,
/// invalid for an expression that RE2 refuses.
base::Result<std::vector<const CaseDefinition*>> select_cases(const Options& options);

/// Nodes, namespaces, pods and tasks for `cases`. `options` has a run id and a nonce seed.
/// Errors: those of choose_nodes and make_pod.
base::Result<Plan> draft_plan(const collect::Snapshot& seen, const Options& options,
                              const std::vector<const CaseDefinition*>& cases,
                              const std::string& expires_at);

/// The access profile of GPU pods on `node`.
base::Result<std::string> access_of(const nlohmann::json& node, const collect::Snapshot& seen,
                                    const Options& options);

}  // namespace coroner::engine
