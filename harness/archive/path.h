// SPDX-License-Identifier: Apache-2.0
// Which names an archive may hold, said once for writing and reading.
#pragma once

#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace coroner::archive {

/// Longest name of an entry, as PATH_MAX of Linux bounds a path.
inline constexpr std::size_t longest_path_bytes = 4096;

/// `name` as an entry's path: relative, parts separated by one '/', without "." parts and without
/// a final '/'; "" for the root folder itself ("./"). ErrorKind::invalid says why it is refused:
/// it is empty, absolute, climbs with "..", holds a NUL byte, or is too long.
base::Result<std::string> normal_path(std::string_view name);

}  // namespace coroner::archive
