// SPDX-License-Identifier: Apache-2.0
// The parts of node feature discovery and GPU feature discovery, each by the program it runs.
#pragma once

#include <string_view>

#include "harness/engine/seen.h"

namespace coroner::suites {

/// Judges one part, "nfd-master" or "gpu-feature-discovery", on the case's subject: pass when a pod
/// of it is ready, fail when it is not or is missing beside other parts of the same project, skip
/// when nothing of that project is deployed and nobody expects it.
engine::Judgement judge_feature_discovery(const engine::Seen& seen, std::string_view program);

}  // namespace coroner::suites
