// SPDX-License-Identifier: Apache-2.0
// Doing several things at the same time, and waiting for all of them.
#pragma once

#include <functional>
#include <vector>

#include "harness/base/result.h"

namespace coroner::engine {

using Action = std::function<base::Result<void>()>;

/// Runs all of `actions`, each in a thread of its own (at most 32), and returns when all have
/// ended. The first error by their order is given; the others ran to their end all the same.
base::Result<void> in_parallel(const std::vector<Action>& actions);

}  // namespace coroner::engine
