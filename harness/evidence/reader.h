// SPDX-License-Identifier: Apache-2.0
// Reader: a bundle as it stands, folder or archive, whole or of a killed run, trusted in nothing.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/evidence/bundle.h"

namespace coroner::evidence {

/// An object of a bundle and the path that findings name.
struct StoredObject {
  std::string path;
  nlohmann::json object;
};

/// Reads one bundle. Links, devices and names that no bundle has are refused in an archive and
/// passed over in a folder; an archive is never unpacked to disk.
class Reader {
 public:
  /// `place` is a folder or a tar, .tar.gz or .tar.zst; in an archive the bundle may stand in one
  /// folder. ErrorKind::not_found or denied, or invalid for what is no bundle or beyond its bounds.
  static base::Result<Reader> open(const std::filesystem::path& place);

  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  const Manifest& manifest() const;

  /// Paths of all files but the manifest, sorted.
  std::vector<std::string> files() const;

  /// The content of one of files(); ErrorKind::not_found for others.
  base::Result<std::string> content(std::string_view path) const;

  /// All events in order. A half-written last one, which a kill leaves, is left out.
  /// ErrorKind::invalid names the line of any other that does not read.
  base::Result<std::vector<Event>> events() const;

  /// The last state of every object, by path.
  base::Result<std::vector<StoredObject>> objects() const;

  /// Compares every file with the manifest: ErrorKind::invalid names the first that is missing,
  /// added or changed. A bundle that is not complete has nothing to compare with: invalid.
  base::Result<void> verify() const;

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Packs a bundle's folder into `file` (.tar.zst), below the name of the folder's run.
/// ErrorKind::invalid when `folder` holds no bundle.
base::Result<void> pack(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace coroner::evidence
