// SPDX-License-Identifier: Apache-2.0
// The lab's container images: built from recipes, kept in the cache.
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/image/recipe.h"
#include "harness/lab/components.h"
#include "harness/lab/places.h"

namespace coroner::lab {

/// An image archive in the cache.
struct LabImage {
  std::string recipe;
  std::string name;  ///< Public name and tag.
  std::filesystem::path archive;
};

/// The images of `recipes` (names of matrix/lab/images.yaml), built when the cache has none of
/// that content. Unknown names: ErrorKind::invalid with the nearest.
base::Result<std::vector<LabImage>> provide_images(
    const Places& places, const std::vector<std::string>& recipes,
    const std::map<std::string, Component>& components, const Progress& progress,
    const std::stop_token& stop);

/// The command with which containerd's own `ctr`, in the folder `containerd`, imports an archive
/// for the kubelet into the containerd that listens at `socket`.
std::vector<std::string> import_command(const std::string& containerd, const std::string& socket,
                                        const std::string& archive);

/// Every recipe with what the cache has of it; nothing is built.
base::Result<std::vector<image::Description>> list_images(const Places& places);

}  // namespace coroner::lab
