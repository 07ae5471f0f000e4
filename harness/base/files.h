// SPDX-License-Identifier: Apache-2.0
// Files: bounded reading, atomic writing, temporary folders, and where the project keeps its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace coroner::base {

/// Default bound of read_file.
inline constexpr std::size_t largest_file_bytes = 64U << 20U;

/// The whole file. ErrorKind::not_found, denied, or invalid when it is larger than `limit_bytes`.
Result<std::string> read_file(const std::filesystem::path& path,
                              std::size_t limit_bytes = largest_file_bytes);

/// The last `limit_bytes` of a file that may be large or grow; not_found or denied.
Result<std::string> read_tail(const std::filesystem::path& path, std::size_t limit_bytes);

/// Writes aside, flushes to disk, renames: a reader sees the old file or the whole new one.
Result<void> write_file(const std::filesystem::path& path, std::string_view content,
                        unsigned mode = 0644);

/// Writes into an existing file in place (kernel files below /proc and /sys take no rename).
Result<void> write_in_place(const std::filesystem::path& path, std::string_view content);

/// Creates `path` and its parents; an existing folder is fine.
Result<void> make_directories(const std::filesystem::path& path);

/// Removes a tree without following links or crossing into another file system: what is mounted
/// inside is left alone, and named as ErrorKind::internal. A missing tree is fine.
Result<void> remove_tree(const std::filesystem::path& path);

/// Copies a file with its mode; a link at `from` is followed.
Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// $CORONER_CACHE, else $XDG_CACHE_HOME/coroner, else ~/.cache/coroner. Not created here.
std::filesystem::path cache_directory();

/// An error for errno `code` of an operation on `path`: "cannot {verb} {path}: {reason}".
Error file_error(std::string_view verb, const std::filesystem::path& path, int code);

/// A folder below `parent` that goes with this object, content included.
class ScopedDirectory {
 public:
  static Result<ScopedDirectory> make(const std::filesystem::path& parent, std::string_view prefix);
  ScopedDirectory(ScopedDirectory&& other) noexcept : path_(std::move(other.path_))
  {
    other.path_.clear();
  }
  ScopedDirectory& operator=(ScopedDirectory&& other) noexcept;
  ScopedDirectory(const ScopedDirectory&) = delete;
  ScopedDirectory& operator=(const ScopedDirectory&) = delete;
  ~ScopedDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScopedDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace coroner::base
