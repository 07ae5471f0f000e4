// SPDX-License-Identifier: Apache-2.0
// Where the lab finds its recipes and keeps its cells.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"

namespace coroner::lab {

/// The lab's folders. Everything the lab writes lies below `cache`.
struct Places {
  std::filesystem::path matrix;    ///< matrix/ of the project: cells, modules, manifests.
  std::filesystem::path cache;     ///< base::cache_directory()/lab.
  std::filesystem::path programs;  ///< Where this program and those beside it lie.
  std::filesystem::path driver;    ///< The stand-in's three files, beside the program's own folder.

  std::filesystem::path components() const { return cache / "components"; }
  std::filesystem::path images() const { return cache / "images"; }
  std::filesystem::path image_stores() const { return cache / "image-stores"; }
  std::filesystem::path cells() const { return cache / "cells"; }
  std::filesystem::path cell(const std::string& name) const { return cells() / name; }

  /// The name of the cgroup folders of cell `name`: coroner-<name>-<4 hexadecimal digits of the
  /// cache's path>, since cells of one name in two caches are two cells.
  std::string cgroup(const std::string& name) const;
};

/// $CORONER_HOME, else the first folder with matrix/lab in it above the program or above the
/// current one. ErrorKind::not_found says how to name it.
base::Result<Places> find_places();

}  // namespace coroner::lab
