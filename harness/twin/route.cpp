// SPDX-License-Identifier: Apache-2.0
// Paths as apiserver 0.34 (pkg/endpoints/request/requestinfo.go) cuts them.
#include "harness/twin/route.h"

#include <algorithm>
#include <charconv>

#include "harness/base/text.h"

namespace coroner::twin {
namespace {

using Place = Route::Place;
using Parts = std::vector<std::string>;

/// What follows the version: [plural], [plural, name], [plural, name, subresource].
Route with_resource(Route route, Parts parts)
{
  constexpr std::size_t most_parts = 3;
  const bool is_namespaced = parts.size() >= 3 && parts[0] == "namespaces" &&
                             parts[2] != "status" && parts[2] != "finalize";
  if (is_namespaced) {
    route.space = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  if (parts.size() > most_parts) return {};
  route.plural = parts[0];
  if (parts.size() > 1) route.name = parts[1];
  if (parts.size() > 2) route.subresource = parts[2];
  route.place = parts.size() == 1 ? Place::collection : Place::object;
  return route;
}

}  // namespace

std::string percent_decoded(std::string_view text)
{
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

Route route_of(std::string_view path)
{
  if (!path.starts_with('/')) return {};
  path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  Parts parts;
  for (const auto& part : base::split(path, '/')) parts.push_back(percent_decoded(part));
  const bool has_empty =
      std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); });
  if (has_empty || (parts[0] != "api" && parts[0] != "apis")) return {};
  Route route;
  route.is_core = parts[0] == "api";
  const std::size_t head = route.is_core ? 2 : 3;
  if (parts.size() == 1) {
    route.place = Place::groups;
    return route;
  }
  if (!route.is_core) route.group = parts[1];
  if (parts.size() < head) {
    route.place = Place::group;
    return route;
  }
  route.api_version = route.is_core ? parts[1] : parts[1] + "/" + parts[2];
  route.place = Place::version;
  if (parts.size() == head) return route;
  return with_resource(route, {parts.begin() + static_cast<std::ptrdiff_t>(head), parts.end()});
}

}  // namespace coroner::twin
