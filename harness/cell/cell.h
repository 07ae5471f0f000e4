// SPDX-License-Identifier: Apache-2.0
// A cell: one cluster of the matrix as data, read from matrix/<cell>.yaml.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/base/yaml.h"

namespace coroner::cell {

/// Where the cell's GPUs come from.
enum class GpuKind { none, simulated, real };

/// The word of a kind as the command line and files write it, and back (ErrorKind::invalid).
std::string_view word(GpuKind kind);
base::Result<GpuKind> gpu_kind(std::string_view word);

/// One file of the node's own layout. Exactly one of link, links_into, text, binary is set.
struct NodeFile {
  std::string path;        ///< Absolute, on the node.
  std::string link;        ///< Target of a symbolic link.
  std::string links_into;  ///< `path` becomes a folder with one link for each file of this folder.
  std::string text;        ///< Content.
  std::string component;   ///< With `binary`: copied from this part's output.
  std::string binary;
  unsigned mode = 0644;
};

/// Where this distro keeps the driver.
struct DriverPlace {
  std::string libraries;  ///< Folder of libnvidia-ml.so.<version> and its links.
  std::string binaries;   ///< Folder of nvidia-smi.
};

/// containerd as this distro starts it.
struct Containerd {
  std::string config;         ///< Path of the main configuration on the node.
  std::string template_file;  ///< Relative to matrix/: what is written there, with {placeholders}.
  std::string socket;
  std::string root;
  std::string state;
};

/// One Helm release that the cell installs.
struct HelmRelease {
  std::string release;
  std::string chart;  ///< Name of a chart in components.yaml.
  std::string name_space;
  nlohmann::json values;
  /// Labels that a node with a GPU bears when the release has done its work. What makes labels
  /// speaks to the API server through its Service.
  std::vector<std::string> awaited_labels;
};

/// One cell as its file says it.
struct Cell {
  std::string name;
  std::string summary;
  std::string distro;       ///< nixos, talos, ubuntu, ... (cells.md)
  std::string provider;     ///< lab, kind, existing, ...
  std::string gpu_profile;  ///< A file below matrix/lab/driver/profiles, without .yaml.
  int gpu_count = 1;
  std::string pod_security;  ///< Enforced outside kube-system: privileged, baseline, restricted.
  std::string access;  ///< Access profile of GPU pods: plain, cdi, runtime-class, nixos-mounts.
  std::map<std::string, std::string> os_release;
  std::map<std::string, std::string>
      components;                   ///< Part (kubernetes, containerd, ...) -> component.
  std::vector<std::string> images;  ///< Recipes of matrix/lab/images.yaml.
  DriverPlace driver;
  Containerd containerd;
  std::vector<NodeFile> files;
  std::vector<std::string> manifests;  ///< Relative to matrix/.
  std::vector<HelmRelease> helm;
  std::map<std::string, std::string> expectations;  ///< Overrides (expectations.h) of its nodes'.
};

/// The cells of `matrix`, by name: its *.yaml files but for the table of expectations.
std::vector<std::string> cell_names(const std::filesystem::path& matrix);

/// Reads matrix/<name>.yaml. An unknown name is ErrorKind::not_found with the nearest one; a bad
/// file is ErrorKind::invalid with file, line, column and the nearest right key.
base::Result<Cell> load_cell(const std::filesystem::path& matrix, const std::string& name);

/// The same from text, for tests and for `load_cell`.
base::Result<Cell> parse_cell(std::string_view text, const std::string& source);

/// `text` with each {key} replaced by its value. A {key} without value is ErrorKind::invalid;
/// braces that hold anything but [a-z_] stay as they are (TOML and JSON are full of them).
base::Result<std::string> fill_in(std::string_view text,
                                  const std::map<std::string, std::string>& values);

}  // namespace coroner::cell
