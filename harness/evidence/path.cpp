// SPDX-License-Identifier: Apache-2.0
// Names to paths and back, by percent encoding with a list of what may stay.
#include "harness/evidence/path.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/objects/object.h"

namespace coroner::evidence {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::string_view cluster_part = "_cluster";
constexpr std::string_view previous_ending = ".previous.log";
constexpr std::string_view log_ending = ".log";
constexpr std::string_view object_ending = ".json";
constexpr std::string_view result_ending = ".ndjson";
constexpr std::array<std::string_view, 4> folders = {"objects", "logs", "host", "pods"};
constexpr std::array<std::string_view, 2> root_files = {"manifest.json", "events.ndjson"};

bool is_plain(char c)
{
  constexpr std::string_view others = "_.:@+=-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

bool is_hexadecimal(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

bool is_safe_part(std::string_view part)
{
  if (part.empty() || part.size() > longest_part_bytes || part[0] == '.') return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '%') {
      if (i + 2 >= part.size() || !is_hexadecimal(part[i + 1]) || !is_hexadecimal(part[i + 2]))
        return false;
      i += 2;
    } else if (!is_plain(part[i])) {
      return false;
    }
  }
  return true;
}

Result<std::string> space_part(std::string_view name_space)
{
  return name_space.empty() ? Result<std::string>(std::string(cluster_part))
                            : safe_part(name_space);
}

std::string without_ending(std::string_view part, std::string_view ending)
{
  return part.ends_with(ending) ? name_of_part(part.substr(0, part.size() - ending.size())) : "";
}

Result<std::string> file_part(std::string_view name, std::string_view ending)
{
  TRY_ASSIGN(part, safe_part(name));
  if (part.size() + ending.size() > longest_part_bytes)
    return base::error(ErrorKind::invalid, "the name \"{}\" is too long for a file",
                       base::printable(name.substr(0, 64)));
  return part + std::string(ending);
}

PathNames object_names(const std::vector<std::string>& parts)
{
  if (parts.size() != 5) return {};
  PathNames names{.folder = parts[0], .kind = name_of_part(parts[2])};
  if (parts[3] != cluster_part) names.name_space = name_of_part(parts[3]);
  names.name = without_ending(parts[4], object_ending);
  return names.name.empty() ? PathNames{} : names;
}

PathNames log_names(const std::vector<std::string>& parts)
{
  if (parts.size() != 4 || !parts[3].ends_with(log_ending)) return {};
  PathNames names{
      .folder = parts[0], .name_space = name_of_part(parts[1]), .name = name_of_part(parts[2])};
  names.is_previous = parts[3].ends_with(previous_ending);
  names.container = without_ending(parts[3], names.is_previous ? previous_ending : log_ending);
  return names;
}

}  // namespace

Result<std::string> safe_part(std::string_view name)
{
  if (name.empty()) return base::error(ErrorKind::invalid, "a name in a bundle is empty");
  std::string part;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool is_reserved = i == 0 && (name[i] == '.' || name[i] == '_');
    if (is_plain(name[i]) && !is_reserved)
      part += name[i];
    else
      part += fmt::format("%{:02X}", static_cast<unsigned char>(name[i]));
  }
  if (part.size() > longest_part_bytes)
    return base::error(ErrorKind::invalid, "the name \"{}\" is too long for a file",
                       base::printable(name.substr(0, 64)));
  return part;
}

std::string name_of_part(std::string_view part)
{
  std::string name;
  for (std::size_t i = 0; i < part.size(); ++i) {
    unsigned value = 0;
    const char* digits = part.data() + i + 1;
    if (part[i] == '%' && i + 2 < part.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      name += static_cast<char>(value);
      i += 2;
    } else {
      name += part[i];
    }
  }
  return name;
}

Result<std::string> object_path(const nlohmann::json& object)
{
  auto api = objects::api_version_of(object);
  const auto kind = objects::kind_of(object);
  const auto name = objects::name_of(object);
  if (api.empty() || kind.empty() || name.empty())
    return base::error(ErrorKind::invalid, "an object without apiVersion, kind or metadata.name");
  std::replace(api.begin(), api.end(), '/', '_');
  TRY_ASSIGN(api_part, safe_part(api));
  TRY_ASSIGN(kind_part, safe_part(kind));
  TRY_ASSIGN(space, space_part(objects::namespace_of(object)));
  TRY_ASSIGN(file, file_part(name, object_ending));
  return fmt::format("objects/{}/{}/{}/{}", api_part, kind_part, space, file);
}

Result<std::string> log_path(const LogName& log)
{
  TRY_ASSIGN(space, safe_part(log.name_space));
  TRY_ASSIGN(pod, safe_part(log.pod));
  TRY_ASSIGN(file, file_part(log.container, log.is_previous ? previous_ending : log_ending));
  return fmt::format("logs/{}/{}/{}", space, pod, file);
}

Result<std::string> host_path(std::string_view node, std::string_view place)
{
  TRY_ASSIGN(path, safe_part(node));
  path = "host/" + path;
  for (const auto& part : base::split(place, '/')) {
    if (part.empty()) continue;
    TRY_ASSIGN(safe, safe_part(part));
    path += "/" + safe;
  }
  if (base::split(path, '/').size() < 3)
    return base::error(ErrorKind::invalid, "a host file without a place");
  return path;
}

Result<std::string> pod_result_path(std::string_view node, std::string_view case_id)
{
  TRY_ASSIGN(node_part, safe_part(node));
  TRY_ASSIGN(file, file_part(case_id, result_ending));
  return fmt::format("pods/{}/{}", node_part, file);
}

Result<std::string> checked_path(std::string_view path)
{
  if (std::find(root_files.begin(), root_files.end(), path) != root_files.end())
    return std::string(path);
  const auto parts = base::split(path, '/');
  const bool is_known = std::find(folders.begin(), folders.end(), parts[0]) != folders.end();
  if (!is_known || parts.size() < 3 || !std::all_of(parts.begin(), parts.end(), is_safe_part))
    return base::error(ErrorKind::invalid, "\"{}\" is no name of a file in a bundle",
                       base::printable(path));
  return std::string(path);
}

PathNames names_of(std::string_view path)
{
  const auto parts = base::split(path, '/');
  if (parts[0] == "objects") return object_names(parts);
  if (parts[0] == "logs") return log_names(parts);
  if (parts.size() < 3) return {};
  PathNames names{.folder = parts[0], .node = name_of_part(parts[1])};
  if (parts[0] == "pods") names.name = without_ending(parts[2], result_ending);
  if (parts[0] == "host")
    for (std::size_t i = 2; i < parts.size(); ++i) names.name += "/" + name_of_part(parts[i]);
  return names.name.empty() ? PathNames{} : names;
}

}  // namespace coroner::evidence
