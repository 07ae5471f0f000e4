// SPDX-License-Identifier: Apache-2.0
// Tar archives that depend on their content alone: the same entries give the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "harness/base/result.h"

namespace coroner::archive {

/// Content that is read from a file while it is written; a link at `path` is followed.
struct DiskFile {
  std::filesystem::path path;
};

/// Content in memory.
struct Bytes {
  std::string content;
};

/// A symbolic link; its target is written as it is.
struct Link {
  std::string target;
};

struct Directory {};

/// One entry: where it is to be found, with which permission bits, and what it is.
struct Entry {
  std::string path;  ///< Relative ("usr/bin/tool"); no "..".
  unsigned mode = 0644;
  std::variant<DiskFile, Bytes, Link, Directory> content;
};

enum class Filter { none, gzip, zstd };

/// The file that was written.
struct Written {
  std::string sha256;  ///< Of the whole file, 64 hexadecimal digits.
  std::uint64_t size_bytes = 0;
};

/// Writes `entries` to `file` as tar (pax, only where ustar cannot say it), sorted by path, owned
/// by 0:0, with time stamp 0. Files are streamed, never held in memory; `file` appears whole or not
/// at all. A folder that no entry names is not added. ErrorKind::invalid for a path that is refused
/// (see normal_path), named twice, or below something that is no folder, and for a DiskFile that is
/// no regular file or changes its size meanwhile; not_found and denied from the file system.
base::Result<Written> write_archive(std::vector<Entry> entries, const std::filesystem::path& file,
                                    Filter filter = Filter::none);

}  // namespace coroner::archive
