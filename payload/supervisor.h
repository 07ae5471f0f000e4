// SPDX-License-Identifier: Apache-2.0
// Runs a sub-command in a process of its own, so that a driver that hangs or crashes is a result.
#pragma once

#include <functional>

#include "payload/options.h"
#include "payload/worker.h"

namespace coroner::payload {

/// What a sub-command does; its exit code.
using Work = std::function<int(Worker&)>;

/// Passes the work's result lines to `output` and returns its exit code. A work that hangs,
/// crashes, is asked to end or says nothing gives exit_failed and one line more, with `error` =
/// `timed_out` (and `limit_s`), `crashed` (and `signal`), `terminated` (and `signal`) or `silent`,
/// and `step`. Whatever the work itself prints goes to standard error. No process of its group
/// survives, but for one that the kernel cannot end.
int supervise(const Options& options, int output, const Work& work);

}  // namespace coroner::payload
