// SPDX-License-Identifier: Apache-2.0
// Node expectations: what is right on a node, by its distro, architecture, runtime and Kubernetes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/yaml.h"

namespace coroner::cell {

/// The file of the table by its path in the project.
inline constexpr std::string_view expectations_file = "matrix/expectations.yaml";

/// The distro of a node that no row of the table knows.
inline constexpr std::string_view unknown_distro = "unknown";

/// What a node says of itself; "" where it says nothing. All of it is untrusted text.
struct NodeFacts {
  std::string os_image;           ///< status.nodeInfo.osImage: "NixOS 25.05 (Warbler)"
  std::string kubelet_version;    ///< "v1.34.1+k3s1"
  std::string container_runtime;  ///< "containerd://2.1.4"
  std::string architecture;       ///< "amd64"
  std::string provider_id;        ///< spec.providerID: "kind://docker/kind/kind-worker"
};

/// What is right on one node.
struct NodeExpectations {
  std::string distro;      ///< nixos, talos, ubuntu, …; unknown_distro.
  std::string kubernetes;  ///< k3s, rke2, kind; "" for one without marks.
  /// Expectations by name (expectation_names), lists with ", " between their words.
  std::map<std::string, std::string> values;
  std::vector<std::string> sources;  ///< Of the rows that fit.

  /// One expectation; "" where nothing is expected.
  std::string of(std::string_view name) const;
  /// Its words, preferred first; none where nothing is expected.
  std::vector<std::string> list(std::string_view name) const;
  bool includes(std::string_view name, std::string_view word) const;
};

/// One row: the nodes it fits, and what it expects of them.
struct ExpectationRow {
  std::string name;
  /// By the name of a member of NodeFacts: words, in lower case, one of which must stand in it.
  std::map<std::string, std::vector<std::string>> signs;
  std::map<std::string, std::string> expects;
  std::map<std::string, std::map<std::string, std::string>> on;  ///< By distro, over `expects`.
  std::string source;
};

/// matrix/expectations.yaml: of each list the first row that fits a node counts.
struct ExpectationTable {
  std::vector<ExpectationRow> distros;  ///< The last one fits every node.
  std::vector<ExpectationRow> architectures;
  std::vector<ExpectationRow> runtimes;
  std::vector<ExpectationRow> kubernetes;
};

/// Every expectation that there may be, sorted.
std::vector<std::string> expectation_names();

/// Reads the table. ErrorKind::invalid "source:line:column: …" with the nearest right word for
/// unknown keys, expectations, words, signs and distros, rows without source or of one name, and
/// rows that no node can reach.
base::Result<ExpectationTable> parse_expectations(std::string_view text, std::string source);

/// The expectations at `pointer` of a document (a cell's overrides), held against the same words.
base::Result<std::map<std::string, std::string>> read_expectations(const base::Document& document,
                                                                   const std::string& pointer);

/// What is right on a node; `overrides`, a cell's own expectations, come last. A node that nothing
/// is known of gets unknown_distro and only what its other signs tell.
NodeExpectations expectations_of(const ExpectationTable& table, const NodeFacts& facts,
                                 const std::map<std::string, std::string>& overrides = {});

/// How a pod on this node comes to its GPU with the least privilege that works: "plain", "cdi",
/// "runtime-class" or "nixos-mounts". `plugin_strategy` is the device plugin's
/// DEVICE_LIST_STRATEGY, "" where it has none. `has_nvidia_runtime_class`: some RuntimeClass names
/// a handler nvidia*; it does not count where the class is made on every cluster
/// (runtime_class_shows: nothing) and this distro has no such runtime.
std::string choose_access(const NodeExpectations& expectations, bool has_nvidia_runtime_class,
                          std::string_view plugin_strategy);

}  // namespace coroner::cell
