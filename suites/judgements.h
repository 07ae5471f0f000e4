// SPDX-License-Identifier: Apache-2.0
// What several cases of the security suite conclude alike.
#pragma once

#include <string_view>

#include "harness/engine/seen.h"

namespace coroner::suites {

/// Whether the dry run of this case was answered as the nodes' expectation `pod_security` says;
/// `what` names what was offered, "a privileged pod". Stricter than expected is a pass.
engine::Judgement judge_admission(const engine::Seen& seen, std::string_view what);

/// Passes when the container of this case started and can open no GPU: no device node of one, or
/// none that opens. A container that was refused to start passes too: it has no GPU either.
engine::Judgement judge_without_gpu(const engine::Seen& seen);

}  // namespace coroner::suites
