// SPDX-License-Identifier: Apache-2.0
// Finding: a cause of the graveyard, what matched, how sure we are, and what it explains.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "harness/record/words.h"

namespace coroner::record {

/// The layers of the stack, lowest first: the earliest broken one is the cause.
enum class Layer {
  hardware,
  driver,
  devices,
  node,
  toolkit,
  runtime,
  access,  ///< RuntimeClass or CDI: how a pod's container comes to its devices.
  labels,
  plugin,
  capacity,
  admission,
  scheduling,
  image,
  pod,
  compute,
};

template <>
struct Words<Layer> {
  static constexpr std::string_view name = "layer";
  static constexpr std::array<std::pair<Layer, std::string_view>, 15> table = {{
      {Layer::hardware, "hardware"},
      {Layer::driver, "driver"},
      {Layer::devices, "devices"},
      {Layer::node, "node"},
      {Layer::toolkit, "toolkit"},
      {Layer::runtime, "runtime"},
      {Layer::access, "access"},
      {Layer::labels, "labels"},
      {Layer::plugin, "plugin"},
      {Layer::capacity, "capacity"},
      {Layer::admission, "admission"},
      {Layer::scheduling, "scheduling"},
      {Layer::image, "image"},
      {Layer::pod, "pod"},
      {Layer::compute, "compute"},
  }};
};

/// One place that shows something: a line of a log or file, or a field of an object.
struct Evidence {
  std::string source;               ///< Path in the bundle, or "Kind/namespace/name#/json/pointer".
  int line = 0;                     ///< Counted from 1; 0 where the source has no lines.
  std::string text;                 ///< The line itself, already redacted.
  std::string node;                 ///< Empty: of the cluster.
  std::string fact;                 ///< The fact that was read from it, such as node.distro.
  int column = 0;                   ///< First byte of what matched, from 1; 0: the whole line.
  int length = 0;                   ///< Bytes of what matched; 0: to the end of the line.
  std::vector<std::string> before;  ///< Lines before `text`, in order; at most 10 are shown.
  std::vector<std::string> after;   ///< Lines after it.
};

/// How it is mended on one distro.
struct Fix {
  std::string distro;      ///< "any" where the fix is the same everywhere.
  std::string text;        ///< What to do, as a person reads it.
  std::string patch;       ///< Content of a patch that kubectl takes, or empty.
  std::string patch_file;  ///< Name of that patch in the catalogue, fixes/GY005-nixos.yaml.
};

/// One cause that was found.
struct Finding {
  std::string cause;  ///< Stable code, "GY005".
  std::string name;   ///< "nvml-lib-not-on-search-path".
  std::string title;  ///< One sentence without a final stop.
  Layer layer = Layer::pod;
  double confidence = 0;              ///< 0 to 1.
  bool is_notice = false;             ///< Stated, but no reason for a run to fail (posture).
  std::vector<Evidence> evidence;     ///< Best first.
  std::vector<std::string> nodes;     ///< That it concerns; empty: the cluster.
  std::vector<std::string> explains;  ///< Ids of the cases whose failure this is.
  std::vector<std::string> blocked;   ///< Ids of the cases that follow from it.
  std::string because;                ///< Why it is so here, with this cluster's values.
  Fix fix;                            ///< For the distro of the nodes concerned.
  std::string verify;                 ///< Command that shows the fix has worked.
  std::vector<std::string> sources;   ///< Where the knowledge comes from.
};

/// Below this confidence a finding is shown as a possibility, and fails no run.
inline constexpr double least_certain = 0.5;

}  // namespace coroner::record
