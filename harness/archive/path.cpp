// SPDX-License-Identifier: Apache-2.0
// Names of entries, taken apart by text alone: no file system is asked.
#include "harness/archive/path.h"

#include "harness/base/text.h"

namespace coroner::archive {

using base::error;
using base::ErrorKind;

base::Result<std::string> normal_path(std::string_view name)
{
  if (name.empty()) return error(ErrorKind::invalid, "an entry has no name");
  if (name.size() > longest_path_bytes)
    return error(ErrorKind::invalid, "an entry's name is longer than {} bytes", longest_path_bytes);
  const auto refuse = [&](std::string_view why) {
    return error(ErrorKind::invalid, "the entry '{}' {}", base::printable(name), why);
  };
  if (name.front() == '/') return refuse("has an absolute path");
  if (name.find('\0') != std::string_view::npos) return refuse("has a NUL byte in its path");
  std::string path;
  for (const auto& part : base::split(name, '/')) {
    if (part == "..") return refuse("climbs out of its folder with '..'");
    if (part.empty() || part == ".") continue;
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

}  // namespace coroner::archive
