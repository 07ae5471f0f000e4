// SPDX-License-Identifier: Apache-2.0
// up and down of a cell.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/cell/cell.h"
#include "harness/lab/components.h"
#include "harness/lab/places.h"
#include "harness/lab/state.h"

namespace coroner::lab {

struct UpRequest {
  std::string cell;
  std::string name;  ///< Empty: the cell's.
  cell::GpuKind gpu = cell::GpuKind::simulated;
  std::optional<int> gpu_count;        ///< Empty: the cell's; ignored for real GPUs.
  std::string gpu_profile;             ///< Empty: the cell's.
  int port = 0;                        ///< 0: any free one.
  std::chrono::seconds patience{120};  ///< From the launch of the node to all in place.
};

/// A cell that is up.
struct UpCell {
  State state;
  std::filesystem::path kubeconfig;
  bool was_up = false;             ///< It ran before, as asked for, and is healthy.
  std::vector<std::string> notes;  ///< What this machine lacks, and which checks that costs.
  std::vector<std::pair<std::string, double>>
      phases;  ///< What was reached after how many seconds from the launch.
};

/// Boots a cell: parts and images are provided (built when missing), a node is started, the cell's
/// manifests applied; returns when the node is Ready, CoreDNS answers and the device plugin has
/// registered the GPUs. A cell of that name that runs healthy is returned as it is; a dead one is
/// removed first. On an error nothing of the cell is left, and the error names the file or the
/// component with its last log lines. ErrorKind::denied without root.
base::Result<UpCell> up(const Places& places, const UpRequest& request, const Progress& progress,
                        const std::stop_token& stop);

/// Ends a cell and removes everything of it: processes, mounts, cgroups, namespaces, files. A name
/// of which nothing is left is ErrorKind::not_found with the nearest one.
base::Result<void> down(const Places& places, const std::string& name);

/// The cells of which anything is there.
struct CellListing {
  State state;
  std::string status;  ///< up, broken (GY005), booting, dead: <why>
};
std::vector<CellListing> list_cells(const Places& places);

/// The state of a cell that runs; ErrorKind::not_found names the nearest, or the next step.
base::Result<State> running_cell(const Places& places, const std::string& name);

/// The kubeconfig of a cell for use on this machine.
std::filesystem::path kubeconfig_of(const Places& places, const std::string& name);

}  // namespace coroner::lab
