// SPDX-License-Identifier: Apache-2.0
// What the offline verbs read: a bundle, a folder of loose files, one file, or pasted text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/evidence/observed.h"
#include "harness/evidence/reader.h"

namespace coroner::cli {

/// Bounds of a folder of loose files; its files together are bounded like one bundle's file.
inline constexpr std::size_t most_loose_files = 500;
inline constexpr std::size_t largest_text_bytes = evidence::largest_bundle_file_bytes;

/// What was read, and how a person calls it.
struct Input {
  std::string name;                        ///< The path that was given, or "stdin".
  std::optional<evidence::Reader> bundle;  ///< Where it is one.
  evidence::Observed seen;
  std::size_t files = 0;        ///< That were read.
  std::size_t passed_over = 0;  ///< Of a folder: links, devices, files that are no text.
};

/// Reads `place`: "-" is stdin; a folder or archive with a bundle's events or manifest is a bundle;
/// any other folder is read file by file, subfolders too; any other file is text. Everything but a
/// bundle, which is redacted already, is redacted. ErrorKind::not_found or denied when there is no
/// such thing to read; invalid when it is empty, binary, beyond its bounds, or a broken bundle.
base::Result<Input> read_input(const std::string& place);

}  // namespace coroner::cli
