// SPDX-License-Identifier: Apache-2.0
// APIVersions, APIGroupList, APIGroup and APIResourceList made from the kinds of a recording.
#include "harness/twin/discovery.h"

#include <algorithm>
#include <map>
#include <set>

#include "harness/base/text.h"

namespace coroner::twin {
namespace {

using nlohmann::json;
using Place = Route::Place;

bool is_served(const Kind& kind)
{
  return kind.is_mentioned || kind.resource.kind == "SelfSubjectAccessReview";
}

/// Versions of each group, the core group's under "".
std::map<std::string, std::set<std::string>> versions_of(const Recording& recording)
{
  std::map<std::string, std::set<std::string>> versions = {{"", {"v1"}}};
  for (const auto& kind : recording.kinds)
    if (is_served(kind)) versions[kind.resource.group()].insert(kind.resource.api_version);
  return versions;
}

json group_of(const std::string& name, const std::set<std::string>& versions)
{
  json group = {{"kind", "APIGroup"}, {"apiVersion", "v1"}, {"name", name}};
  for (const auto& version : versions)
    group["versions"].push_back(
        {{"groupVersion", version}, {"version", version.substr(version.find('/') + 1)}});
  group["preferredVersion"] = group["versions"].back();
  return group;
}

Answer groups(const Recording& recording, bool is_core)
{
  const auto versions = versions_of(recording);
  if (is_core)
    return json_answer(200, {{"kind", "APIVersions"},
                             {"versions", versions.at("")},
                             {"serverAddressByClientCIDRs", json::array()}});
  json list = {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", json::array()}};
  for (const auto& [name, of_group] : versions)
    if (!name.empty()) list["groups"].push_back(group_of(name, of_group));
  return json_answer(200, list);
}

json resource_of(const Kind& kind)
{
  std::string singular = kind.resource.kind;
  for (auto& letter : singular)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  const bool is_review = kind.resource.kind.ends_with("Review");
  return {
      {"name", kind.resource.plural},
      {"singularName", singular},
      {"namespaced", kind.resource.is_namespaced},
      {"kind", kind.resource.kind},
      {"verbs", is_review ? json{"create"}
                          : json{"create", "delete", "deletecollection", "get", "list", "watch"}}};
}

}  // namespace

Answer discover(const Recording& recording, const Route& route)
{
  if (route.place == Place::groups) return groups(recording, route.is_core);
  const auto versions = versions_of(recording);
  const auto found = versions.find(route.group);
  if (found == versions.end()) return not_served();
  if (route.place == Place::group) return json_answer(200, group_of(route.group, found->second));
  if (!found->second.contains(route.api_version)) return not_served();
  json list = {{"kind", "APIResourceList"},
               {"apiVersion", "v1"},
               {"groupVersion", route.api_version},
               {"resources", json::array()}};
  for (const auto& kind : recording.kinds)
    if (is_served(kind) && kind.resource.api_version == route.api_version)
      list["resources"].push_back(resource_of(kind));
  return json_answer(200, list);
}

Answer version_answer(const evidence::ClusterIdentity& cluster)
{
  const auto parts = base::split(
      cluster.version.starts_with('v') ? cluster.version.substr(1) : cluster.version, '.');
  return json_answer(200, {{"major", parts[0]},
                           {"minor", parts.size() > 1 ? parts[1] : ""},
                           {"gitVersion", cluster.version}});
}

}  // namespace coroner::twin
