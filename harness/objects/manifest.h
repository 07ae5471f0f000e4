// SPDX-License-Identifier: Apache-2.0
// Manifests: YAML that people write, as Kubernetes objects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::objects {

/// The objects of all documents of `text`; a "List" gives its items. Each has apiVersion, kind
/// and metadata.name as non-empty strings. ErrorKind::invalid "source:line:column: …" otherwise,
/// and when there is no object at all.
base::Result<std::vector<nlohmann::json>> objects_from_yaml(std::string_view text,
                                                            const std::string& source);

}  // namespace coroner::objects
