// SPDX-License-Identifier: Apache-2.0
// containerd's root folder with a cell's images in it: made once, linked into every boot. An import
// at each boot took a second and a half of processor time.
#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "harness/base/result.h"
#include "harness/lab/components.h"
#include "harness/lab/places.h"

namespace coroner::lab {

/// A folder in the cache with what containerd's root holds after `archives` were imported into its
/// namespace k8s.io and unpacked for overlayfs. Where the cache lacks it, the containerd in the
/// folder `containerd` makes it: it runs for a second, without CRI, and its mounts are its own.
/// Errors come with containerd's last lines; needs root. Empty where the cache is below /run, which
/// that containerd does not see.
base::Result<std::filesystem::path> provide_image_store(
    const Places& places, const std::filesystem::path& containerd,
    const std::vector<std::filesystem::path>& archives, const Progress& progress,
    const std::stop_token& stop);

/// Makes `root`, which is not there yet, from a store: databases are copied, and all else, which
/// containerd writes once, is linked. False, with nothing left, where that cannot be: the two lie
/// on different disks.
bool link_image_store(const std::filesystem::path& store, const std::filesystem::path& root);

}  // namespace coroner::lab
