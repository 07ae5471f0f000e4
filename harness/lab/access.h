// SPDX-License-Identifier: Apache-2.0
// The way from the lab to the API of one of its cells.
#pragma once

#include <filesystem>
#include <memory>

#include "harness/base/result.h"
#include "harness/kube/cluster.h"

namespace coroner::lab {

/// A client of the cell whose kubeconfig this is: unthrottled and without repeats, since the lab
/// waits for its own cells and has each of them to itself.
base::Result<std::unique_ptr<kube::Cluster>> connect_to_cell(
    const std::filesystem::path& kubeconfig);

}  // namespace coroner::lab
