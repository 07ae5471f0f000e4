// SPDX-License-Identifier: Apache-2.0
// Builds the programs of a cell from pinned Go modules, once for each content.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/lab/places.h"

namespace coroner::lab {

/// One entry of matrix/lab/components.yaml: one `go build`.
struct Component {
  std::string name;
  std::string module;                                     ///< Folder below matrix/lab/modules.
  std::map<std::string, std::string> binaries;            ///< File name -> package.
  std::map<std::string, std::vector<std::string>> links;  ///< Binary -> names made beside it.
  bool needs_cgo = false;
  std::vector<std::string> tags;
  std::vector<std::string> link_flags;
};

/// Called from the building thread with one line for a person.
using Progress = std::function<void(const std::string& line)>;

/// All components of matrix/lab/components.yaml by name. Located errors, nearest names.
base::Result<std::map<std::string, Component>> load_components(const std::filesystem::path& matrix);

/// The folder with the component's binaries, where the cache has them for the present content of
/// its module and its flags.
base::Result<std::optional<std::filesystem::path>> cached_component(const Places& places,
                                                                    const Component& component);

/// Downloads the Go modules that building `component` takes. What fails is left to the build, which
/// says it.
void fetch_modules(const Places& places, const Component& component, const std::stop_token& stop);

/// The same; built now when the cache has none. A failed build is ErrorKind::internal with
/// Go's last lines, a failed download says what to do; nothing half-built stays.
base::Result<std::filesystem::path> provide_component(const Places& places,
                                                      const Component& component,
                                                      const Progress& progress,
                                                      const std::stop_token& stop);

/// Name of the component's folder in the cache: name and content hash.
base::Result<std::string> component_key(const Places& places, const Component& component);

}  // namespace coroner::lab
