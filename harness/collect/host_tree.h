// SPDX-License-Identifier: Apache-2.0
// HostTree: a node's files below a prefix, links resolved as the node resolves them; this room's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace coroner::collect {

/// One entry of a folder, by its path on the node.
struct HostEntry {
  std::string path;
  std::string target;        ///< Of a link, as it stands there.
  bool is_dangling = false;  ///< A link that leads nowhere on the node.
};

class HostTree {
 public:
  explicit HostTree(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }

  /// Where `place` ("/etc/x") really is on this machine: each link resolved below the root, so that
  /// no link of the node leads out of it. ErrorKind::not_found, denied, or invalid for a loop.
  base::Result<std::filesystem::path> real(const std::string& place) const;

  /// A regular file's content; larger ones are ErrorKind::invalid, like what is no file.
  base::Result<std::string> read(const std::string& place) const;

  /// Entries of a folder sorted by name, at most `most`. not_found, denied; invalid for no folder.
  base::Result<std::vector<HostEntry>> entries(const std::string& folder, std::size_t most) const;

 private:
  std::filesystem::path root_;
};

}  // namespace coroner::collect
