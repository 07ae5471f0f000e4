// SPDX-License-Identifier: Apache-2.0
// Where a kind of object lives in the Kubernetes API: a table, and what discovery adds to it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::objects {

/// One kind of object and where it is served.
struct Resource {
  std::string api_version;  ///< "v1", "apps/v1"
  std::string kind;         ///< "DaemonSet"
  std::string plural;       ///< "daemonsets"
  bool is_namespaced = true;

  /// "apps" of "apps/v1"; "" for the core group.
  std::string group() const;
};

/// The kinds that this project meets in every cluster, or in every cluster with NVIDIA's
/// operator or node feature discovery.
std::span<const Resource> known_resources();

/// The resource of a kind: from known_resources(), else from `discovered`.
/// ErrorKind::not_found names the nearest kind.
base::Result<Resource> resource_for(std::string_view api_version, std::string_view kind,
                                    const std::vector<Resource>& discovered = {});

/// The same for an object, by its apiVersion and kind.
base::Result<Resource> resource_of(const nlohmann::json& object,
                                   const std::vector<Resource>& discovered = {});

/// What an APIResourceList (GET /api/v1, GET /apis/GROUP/VERSION) says; subresources left out.
std::vector<Resource> resources_from_discovery(const nlohmann::json& api_resource_list);

/// "/api/v1" or "/apis/apps/v1".
std::string root_path(const Resource& resource);

/// The path of one object, or of the list when `name` is "". An empty `space` (namespace) of a
/// namespaced resource means all namespaces. Each part is percent-encoded.
std::string path_of(const Resource& resource, std::string_view space, std::string_view name = {});

/// `text` with everything but unreserved characters (RFC 3986) as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace coroner::objects
