// SPDX-License-Identifier: Apache-2.0
// What a cell needs before it can boot: programs, images, driver, plan, credentials.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/lab/boot.h"
#include "harness/lab/cgroup.h"
#include "harness/lab/components.h"
#include "harness/lab/node_plan.h"

namespace coroner::lab {

/// The parts and images of a cell, all in the cache.
struct Provision {
  std::map<std::string, std::filesystem::path> parts;  ///< Part -> folder of its binaries.
  std::vector<std::filesystem::path> images;           ///< OCI archives.
  std::filesystem::path image_store;  ///< All of them, as containerd keeps them; empty without.
};

/// Builds what is missing. Errors name the component or recipe.
base::Result<Provision> provide(const Places& places, const cell::Cell& cell,
                                const Progress& progress, const std::stop_token& stop);

/// What was decided for one boot.
struct Prepared {
  NodePlan plan;
  std::map<std::string, std::string> words;  ///< Placeholders of manifests and breaks.
  int gpu_count = 0;
  bool has_images = false;  ///< Else they are still to be imported.
};

/// Fills the cell's (existing, empty) folder: driver, credentials, node/plan.json, node/control,
/// containerd's images.
base::Result<Prepared> prepare_directory(const Places& places, const cell::Cell& cell,
                                         const UpRequest& request, const Provision& provision,
                                         const CgroupLayout& cgroups, int port);

}  // namespace coroner::lab
