// SPDX-License-Identifier: Apache-2.0
// Paths, parameters and bodies as the Kubernetes API reference has them.
#include "harness/kube/requests.h"

#include <array>

#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using nlohmann::json;

struct PatchMedia {
  PatchType type;
  const char* media;
};

constexpr std::array patch_media = {
    PatchMedia{PatchType::merge, "application/merge-patch+json"},
    PatchMedia{PatchType::strategic, "application/strategic-merge-patch+json"},
    PatchMedia{PatchType::apply, "application/apply-patch+yaml"},
};

/// Bytes that are no UTF-8 become U+FFFD: the server would refuse them.
std::string text_of(const json& value)
{
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string path_of(const Target& target)
{
  return objects::path_of(target.resource, target.space, target.name);
}

}  // namespace

std::string with_query(std::string path,
                       const std::vector<std::pair<std::string, std::string>>& parameters)
{
  char separator = path.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    path += separator + name + "=" + objects::percent_encoded(value);
    separator = '&';
  }
  return path;
}

Errand get_errand(const Target& target)
{
  return {.request = {.path = path_of(target)},
          .safety = Safety::read,
          .purpose = Purpose::of("get", target.resource, target.space, target.name),
          .look_back = {}};
}

Errand list_errand(const Query& query, std::size_t limit, const std::string& continue_token)
{
  const auto path = objects::path_of(query.resource, query.space);
  return {.request = {.path = with_query(path, {{"limit", limit == 0 ? "" : std::to_string(limit)},
                                                {"continue", continue_token},
                                                {"labelSelector", query.labels},
                                                {"fieldSelector", query.fields}})},
          .safety = Safety::read,
          .purpose = Purpose::of("list", query.resource, query.space),
          .look_back = {}};
}

Errand watch_errand(const Query& query, const std::string& resource_version, int timeout_seconds)
{
  const auto path = objects::path_of(query.resource, query.space);
  return {.request = {.path = with_query(path, {{"watch", "true"},
                                                {"allowWatchBookmarks", "true"},
                                                {"resourceVersion", resource_version},
                                                {"timeoutSeconds", std::to_string(timeout_seconds)},
                                                {"labelSelector", query.labels},
                                                {"fieldSelector", query.fields}})},
          .safety = Safety::read,
          .purpose = Purpose::of("watch", query.resource, query.space),
          .look_back = {}};
}

Errand create_errand(const Target& target, const json& object, bool is_dry_run,
                     const std::string& field_manager)
{
  const auto path = objects::path_of(target.resource, target.space);
  // What has no name is a review: it stores nothing.
  const bool is_harmless = is_dry_run || target.name.empty();
  return {.request = {.method = "POST",
                      .path = with_query(path, {{"dryRun", is_dry_run ? "All" : ""},
                                                {"fieldManager", field_manager}}),
                      .body = text_of(object),
                      .content_type = "application/json"},
          .safety = is_harmless ? Safety::read : Safety::create,
          .purpose = Purpose::of("create", target.resource, target.space, target.name),
          .look_back = {}};
}

Errand replace_errand(const Target& target, const json& object, const std::string& field_manager)
{
  return {.request = {.method = "PUT",
                      .path = with_query(path_of(target), {{"fieldManager", field_manager}}),
                      .body = text_of(object),
                      .content_type = "application/json"},
          .safety = Safety::idempotent,
          .purpose = Purpose::of("update", target.resource, target.space, target.name),
          .look_back = {}};
}

Errand patch_errand(const Target& target, const Patch& patch, const std::string& field_manager)
{
  const bool is_apply = patch.type == PatchType::apply;
  auto path = path_of(target);
  if (!patch.subresource.empty()) path += "/" + objects::percent_encoded(patch.subresource);
  std::string media;
  for (const auto& row : patch_media)
    if (row.type == patch.type) media = row.media;
  return {
      .request = {.method = "PATCH",
                  .path = with_query(path, {{"fieldManager", field_manager},
                                            {"force", is_apply && patch.is_forced ? "true" : ""},
                                            {"dryRun", patch.is_dry_run ? "All" : ""}}),
                  .body = text_of(patch.body),
                  .content_type = media},
      .safety = Safety::idempotent,
      .purpose =
          Purpose::of("patch", target.resource, target.space, target.name, patch.subresource),
      .look_back = {}};
}

Errand remove_errand(const Target& target, const Removal& removal)
{
  json options = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!removal.propagation.empty()) options["propagationPolicy"] = removal.propagation;
  if (removal.grace_seconds) options["gracePeriodSeconds"] = *removal.grace_seconds;
  if (!removal.uid.empty()) options["preconditions"] = {{"uid", removal.uid}};
  return {.request = {.method = "DELETE",
                      .path = path_of(target),
                      .body = text_of(options),
                      .content_type = "application/json"},
          .safety = Safety::idempotent,
          .purpose = Purpose::of("delete", target.resource, target.space, target.name),
          .look_back = {}};
}

Errand log_errand(const LogQuery& query)
{
  const objects::Resource pods{"v1", "Pod", "pods", true};
  const auto path = objects::path_of(pods, query.space, query.pod) + "/log";
  const auto flag = [](bool is_set) { return std::string(is_set ? "true" : ""); };
  return {.request = {.path = with_query(
                          path, {{"container", query.container},
                                 {"previous", flag(query.is_previous)},
                                 {"timestamps", flag(query.has_timestamps)},
                                 {"tailLines", query.tail_lines ? std::to_string(*query.tail_lines)
                                                                : std::string{}},
                                 {"sinceTime", query.since},
                                 {"limitBytes", std::to_string(query.limit_bytes)}}),
                      .accept = "*/*",
                      .largest_body_bytes = query.limit_bytes,
                      .keeps_cut_body = true},
          .safety = Safety::read,
          .purpose = Purpose::of("get", pods, query.space, query.pod, "log"),
          .look_back = {}};
}

}  // namespace coroner::kube
