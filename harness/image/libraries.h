// SPDX-License-Identifier: Apache-2.0
// Which shared libraries a program of this machine needs, and where they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"

namespace coroner::image {

/// How a file is linked. Both are empty or false for what is no ELF file.
struct Linkage {
  bool is_dynamic = false;
  std::string interpreter;  ///< The loader it asks for; "" for libraries and static programs.
};

/// Gives up to `bytes` bytes of a file from `offset` on; fewer only at its end.
using ReadAt = std::function<base::Result<std::string>(std::uint64_t offset, std::size_t bytes)>;

/// The longest name of a loader that is believed.
inline constexpr std::size_t longest_interpreter_bytes = 4096;

/// How the file behind `read_at` is linked. ErrorKind::invalid for a 64-bit ELF file whose program
/// headers do not lie within it, and for other kinds of ELF files; errors of `read_at`.
base::Result<Linkage> linkage_of(const ReadAt& read_at);

/// A shared library by the name it is asked for, and its file here.
struct Library {
  std::string name;  ///< libc.so.6
  std::filesystem::path path;
};

/// The libraries of `list`, the output of glibc's `ld.so --list`. ErrorKind::not_found names one
/// that is missing. The kernel's own (linux-vdso) is left out.
base::Result<std::vector<Library>> parse_library_list(std::string_view list);

/// All libraries that `file` needs, theirs included, and the loader, as this machine's loader finds
/// them; empty for what is static or no ELF file. Nothing of `file` is executed.
/// ErrorKind::not_found when one is missing, denied, invalid, timed_out.
base::Result<std::vector<Library>> libraries_of(const std::filesystem::path& file,
                                                const base::Deadline& deadline);

}  // namespace coroner::image
