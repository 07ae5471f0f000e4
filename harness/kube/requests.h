// SPDX-License-Identifier: Apache-2.0
// Requests of the Kubernetes API, made from what is asked for; pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/kube/cluster.h"
#include "harness/kube/session.h"

namespace coroner::kube {

/// Parameters of a URL; those with an empty value are left out.
std::string with_query(std::string path,
                       const std::vector<std::pair<std::string, std::string>>& parameters);

Errand get_errand(const Target& target);
/// One page; `limit` 0 asks for everything at once.
Errand list_errand(const Query& query, std::size_t limit, const std::string& continue_token);
Errand watch_errand(const Query& query, const std::string& resource_version, int timeout_seconds);
/// `look_back` is left empty.
Errand create_errand(const Target& target, const nlohmann::json& object, bool is_dry_run,
                     const std::string& field_manager);
Errand replace_errand(const Target& target, const nlohmann::json& object,
                      const std::string& field_manager);
Errand patch_errand(const Target& target, const Patch& patch, const std::string& field_manager);
Errand remove_errand(const Target& target, const Removal& removal);
Errand log_errand(const LogQuery& query);

}  // namespace coroner::kube
