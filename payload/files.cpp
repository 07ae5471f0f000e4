// SPDX-License-Identifier: Apache-2.0
// POSIX calls only: std::filesystem would double the program's size.
#include "payload/files.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payload/text.h"

namespace coroner::payload {

std::optional<std::string> read_text(const std::string& path, std::size_t max_bytes)
{
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() < max_bytes) {
    const ssize_t got =
        read(descriptor, buffer.data(), std::min(buffer.size(), max_bytes - text.size()));
    if (got < 0 && text.empty()) {
      close(descriptor);
      return std::nullopt;
    }
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(descriptor);
  return text;
}

std::string read_line(const std::string& path)
{
  return std::string(trimmed(read_text(path).value_or("")));
}

std::vector<std::string> names_in(const std::string& path, std::size_t max_entries)
{
  std::vector<std::string> names;
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) return names;
  while (names.size() < max_entries) {
    const dirent* entry = readdir(directory);
    if (entry == nullptr) break;
    const std::string_view name = &entry->d_name[0];
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

std::string link_target(const std::string& path)
{
  std::array<char, PATH_MAX> target{};
  const ssize_t length = readlink(path.c_str(), target.data(), target.size());
  return length < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(length));
}

std::string real_path(const std::string& path)
{
  std::array<char, PATH_MAX> found{};
  return realpath(path.c_str(), found.data()) == nullptr ? std::string() : found.data();
}

bool exists(const std::string& path)
{
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

std::string_view base_name(std::string_view path)
{
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string directory_name(std::string_view path)
{
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

}  // namespace coroner::payload
