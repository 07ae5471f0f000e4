// SPDX-License-Identifier: Apache-2.0
// Looks paths up in the table that the build puts before the files' contents (CMakeLists.txt).
#include "harness/embedded/embedded.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace coroner::embedded {
namespace {

/// A row of the table, in the words of the assembler.
struct Row {
  const char* path;
  std::uint64_t path_bytes;
  const char* content;
  std::uint64_t content_bytes;

  std::string_view name() const { return {path, path_bytes}; }
};
static_assert(sizeof(Row) == 4 * sizeof(std::uint64_t));

extern "C" {
[[gnu::visibility("hidden")]] extern const std::uint64_t coroner_embedded_count;
[[gnu::visibility("hidden")]] extern const Row coroner_embedded_table[];
}

/// Sorted by path.
std::span<const Row> rows()
{
  return {&coroner_embedded_table[0], coroner_embedded_count};
}

}  // namespace

std::optional<std::string_view> file(std::string_view path)
{
  const auto all = rows();
  const auto found =
      std::lower_bound(all.begin(), all.end(), path,
                       [](const Row& row, std::string_view wanted) { return row.name() < wanted; });
  if (found == all.end() || found->name() != path) return std::nullopt;
  return std::string_view(found->content, found->content_bytes);
}

std::vector<std::string_view> files_below(std::string_view folder)
{
  std::vector<std::string_view> below;
  for (const auto& row : rows()) {
    const auto path = row.name();
    if (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/')
      below.push_back(path);
  }
  return below;
}

}  // namespace coroner::embedded
