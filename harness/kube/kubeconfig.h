// SPDX-License-Identifier: Apache-2.0
// kubeconfig files as kubectl reads them: merged, resolved, one context chosen.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/yaml.h"
#include "harness/kube/access.h"

namespace coroner::kube {

/// A named entry and the file it stands in.
struct Entry {
  std::string name;
  std::size_t document = 0;  ///< Index into Kubeconfig's documents.
  std::string pointer;       ///< JSON pointer of the entry's body, "/clusters/0/cluster".
};

/// One or more kubeconfig files merged by kubectl's rule: the first file that names an entry, or
/// sets the current context, wins (kubernetes.io: "Merging kubeconfig files").
class Kubeconfig {
 public:
  /// Adds one more file of lower precedence. ErrorKind::invalid "file:line:column: …".
  base::Result<void> add(std::string_view text, const std::filesystem::path& file);

  bool is_empty() const { return contexts_.empty() && clusters_.empty() && users_.empty(); }
  const std::string& current_context() const { return current_context_; }
  std::vector<std::string> context_names() const;

  /// The access that `context` (or the current one when "") describes. Paths are made absolute
  /// against their file; nothing they name is read. ErrorKind::invalid names what is missing,
  /// its place, and the nearest right name.
  base::Result<ClusterAccess> access(std::string_view context) const;

 private:
  base::Result<void> collect(const char* list, const char* body, std::vector<Entry>& entries);
  base::Result<const Entry*> find(const std::vector<Entry>& entries, std::string_view kind,
                                  const std::string& name, const Entry* named_by) const;
  base::Result<void> read_cluster(const Entry& entry, ClusterAccess& access) const;
  base::Result<void> read_user(const Entry& entry, ClusterAccess& access) const;

  std::vector<base::Document> documents_;
  std::vector<std::filesystem::path> files_;
  std::vector<Entry> contexts_;
  std::vector<Entry> clusters_;
  std::vector<Entry> users_;
  std::string current_context_;
};

}  // namespace coroner::kube
