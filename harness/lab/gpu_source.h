// SPDX-License-Identifier: Apache-2.0
// The driver and the GPUs that a cell's node has: none, simulated, or the machine's real ones.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cell/cell.h"
#include "harness/lab/node_plan.h"
#include "harness/lab/places.h"

namespace coroner::lab {

/// What the node gets of the GPUs.
struct GpuSource {
  int count = 0;
  std::string driver_version;  ///< Empty for none.
  std::string domain_name;     ///< The simulated kernel module (matrix/lab/driver/README.md).
  std::vector<DeviceNode> devices;
  std::vector<Bind> binds;  ///< Driver folders outside /usr, /proc/driver of the simulation.
  std::vector<cell::NodeFile> files;  ///< Driver files inside /usr, copied one by one.
};

struct GpuRequest {
  cell::GpuKind kind = cell::GpuKind::simulated;
  int count = 1;
  std::string profile;      ///< Below matrix/lab/driver/profiles, without .yaml; simulated only.
  cell::DriverPlace place;  ///< With {driver_version}.
  std::filesystem::path directory;  ///< Below the cell's folder; the driver's files are put here.
};

/// Simulated: the stand-in, stamped with the profile. Real: the machine's own driver, found by its
/// libnvidia-ml.so.1; ErrorKind::not_found names where it was looked for.
base::Result<GpuSource> provide_gpus(const Places& places, const GpuRequest& request);

/// Whether this machine has a PCI bus: only there can a node show simulated GPUs on one.
bool has_pci_bus();

}  // namespace coroner::lab
