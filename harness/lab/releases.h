// SPDX-License-Identifier: Apache-2.0
// Helm releases of a cell: the real Helm, with charts out of the Go modules that carry them.
#pragma once

#include <stop_token>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/cell/cell.h"
#include "harness/lab/places.h"
#include "harness/lab/state.h"

namespace coroner::lab {

/// Installs or upgrades `release` in the cell. The chart is copied from its module into the cache
/// once. Errors are Helm's own last lines.
base::Result<void> install_release(const Places& places, const cell::Cell& cell,
                                   const cell::HelmRelease& release, const State& state,
                                   const base::Deadline& deadline, const std::stop_token& stop);

/// The chart's folder in the cache, copied there now when it is missing.
base::Result<std::filesystem::path> provide_chart(const Places& places, const std::string& chart,
                                                  const std::stop_token& stop);

}  // namespace coroner::lab
