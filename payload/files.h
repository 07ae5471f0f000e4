// SPDX-License-Identifier: Apache-2.0
// Bounded looks at files and folders.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payload/limits.h"

namespace coroner::payload {

/// Where absolute paths begin: nothing on a real machine, a folder in tests.
class Root {
 public:
  Root() = default;
  explicit Root(std::string prefix) : prefix_(std::move(prefix)) {}

  [[nodiscard]] std::string path(std::string_view absolute) const
  {
    return prefix_ + std::string(absolute);
  }

 private:
  std::string prefix_;
};

/// At most `max_bytes` from the file's beginning; nothing where it cannot be opened or read.
std::optional<std::string> read_text(const std::string& path,
                                     std::size_t max_bytes = max_file_bytes);

/// The same without line ends around it; empty where it cannot be read.
std::string read_line(const std::string& path);

/// Names in a folder in order, without "." and ".."; empty where it cannot be read.
std::vector<std::string> names_in(const std::string& path,
                                  std::size_t max_entries = max_directory_entries);

/// Where a link points to, as written; empty where it is none.
std::string link_target(const std::string& path);

/// Without any link in it; empty where something on the way is missing.
std::string real_path(const std::string& path);

bool exists(const std::string& path);

/// The part behind the last '/'.
std::string_view base_name(std::string_view path);

/// The part before the last '/'; "/" for what stands in the root.
std::string directory_name(std::string_view path);

}  // namespace coroner::payload
