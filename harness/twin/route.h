// SPDX-License-Identifier: Apache-2.0
// Route: what a path of the Kubernetes API names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coroner::twin {

/// A path's parts, decoded.
struct Route {
  enum class Place {
    other,       ///< No path below /api or /apis: "/version", or nothing that is known.
    groups,      ///< "/api" or "/apis"
    group,       ///< "/apis/apps"
    version,     ///< "/api/v1", "/apis/apps/v1"
    collection,  ///< A list; all namespaces when `space` is "".
    object,
  };
  Place place = Place::other;
  bool is_core = false;     ///< Below /api.
  std::string group;        ///< "apps"; "" of the core group.
  std::string api_version;  ///< "v1", "apps/v1"
  std::string space;
  std::string plural;
  std::string name;
  std::string subresource;  ///< "log", "status"
};

/// Never fails: what has another shape is Place::other.
Route route_of(std::string_view path);

/// `text` with %XX as bytes; a `%` that begins none stays.
std::string percent_decoded(std::string_view text);

}  // namespace coroner::twin
