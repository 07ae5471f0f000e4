// SPDX-License-Identifier: Apache-2.0
// The few things a bundle asks of the file system; for this room only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace coroner::evidence {

/// A file that is only appended to, locked against every other writer while it is open.
class AppendFile {
 public:
  /// Makes the file (`is_new`; it must not exist) or opens it. ErrorKind::denied when it is
  /// locked, invalid when it exists and must not.
  static base::Result<AppendFile> open(const std::filesystem::path& path, bool is_new);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  /// Adds `bytes` and waits until they are on disk.
  base::Result<void> append(std::string_view bytes);

  /// Cuts the file after its first `size_bytes`.
  base::Result<void> cut(std::uint64_t size_bytes);

 private:
  AppendFile(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path))
  {}
  int descriptor_;
  std::filesystem::path path_;
};

/// A regular file that is no link, whole. ErrorKind::invalid for anything else at that path and
/// for more than `limit_bytes`.
base::Result<std::string> read_regular(const std::filesystem::path& path, std::size_t limit_bytes);

/// Writes aside and renames, without waiting for the disk; makes the folders on the way.
base::Result<void> put_file(const std::filesystem::path& path, std::string_view content);

/// Waits until everything below `folder` is on disk.
base::Result<void> flush_below(const std::filesystem::path& folder);

/// Relative paths of the regular files below `folder`, sorted, at most `most`; links are neither
/// followed nor named. ErrorKind::invalid when there are more.
base::Result<std::vector<std::string>> files_below(const std::filesystem::path& folder,
                                                   std::size_t most);

}  // namespace coroner::evidence
