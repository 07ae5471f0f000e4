// SPDX-License-Identifier: Apache-2.0
// Paths of a node walked part by part.
#include "harness/collect/host_tree.h"

#include <algorithm>
#include <cerrno>
#include <deque>

#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/collect/host.h"

namespace coroner::collect {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// As the kernel's own bound (MAXSYMLINKS).
constexpr int most_links = 40;

void put_parts(std::deque<std::string>& parts, const std::string& path)
{
  const auto added = base::split(path, '/');
  parts.insert(parts.begin(), added.begin(), added.end());
}

}  // namespace

Result<fs::path> HostTree::real(const std::string& place) const
{
  std::deque<std::string> parts;
  put_parts(parts, place);
  fs::path below;  // relative to the root, no links in it
  int links = 0;
  while (!parts.empty()) {
    const auto part = parts.front();
    parts.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      below = below.parent_path();
      continue;
    }
    const auto here = root_ / below / part;
    struct stat status = {};
    if (::lstat(here.c_str(), &status) != 0)
      return tl::unexpected(base::file_error("look at", place, errno));
    if (!S_ISLNK(status.st_mode)) {
      below /= part;
      continue;
    }
    if (++links > most_links)
      return base::error(ErrorKind::invalid, "{} is a loop of links", place);
    std::error_code code;
    const auto target = fs::read_symlink(here, code).string();
    if (code) return tl::unexpected(base::file_error("follow", place, code.value()));
    if (target.starts_with('/')) below.clear();
    put_parts(parts, target);
  }
  return root_ / below;
}

Result<std::string> HostTree::read(const std::string& place) const
{
  TRY_ASSIGN(path, real(place));
  std::error_code code;
  // A named pipe would never end.
  if (!fs::is_regular_file(path, code))
    return base::error(ErrorKind::invalid, "{} is no regular file", place);
  auto content = base::read_file(path, largest_host_file_bytes);
  if (!content && content.error().kind == ErrorKind::denied)
    return base::error(ErrorKind::denied, "cannot read {}: permission denied{}", place,
                       ::geteuid() == 0 ? "" : "; needs root");
  return content;
}

Result<std::vector<HostEntry>> HostTree::entries(const std::string& folder, std::size_t most) const
{
  TRY_ASSIGN(path, real(folder));
  std::error_code code;
  fs::directory_iterator found(path, code);
  if (code) return tl::unexpected(base::file_error("list", folder, code.value()));
  std::vector<HostEntry> entries;
  for (; found != fs::directory_iterator() && entries.size() < most; found.increment(code)) {
    HostEntry entry{.path = folder + "/" + found->path().filename().string()};
    if (found->is_symlink(code)) {
      entry.target = fs::read_symlink(found->path(), code).string();
      entry.is_dangling = !real(entry.path).has_value();
    }
    entries.push_back(std::move(entry));
    if (code) break;
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return entries;
}

}  // namespace coroner::collect
