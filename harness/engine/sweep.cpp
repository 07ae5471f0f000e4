// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/sweep.h"

#include <algorithm>
#include <chrono>

#include "harness/engine/marks.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"

namespace coroner::engine {
namespace {

using base::Result;
using nlohmann::json;

/// How often it is looked whether deleted things have gone.
constexpr std::chrono::milliseconds look_interval{700};

struct Kind {
  const char* api_version;
  const char* kind;
  bool is_optional = false;  ///< A run that may not see them has made none.
};

/// Kinds of which a run makes objects; in a namespace of somebody else they stand alone.
constexpr Kind kinds[] = {{"v1", "Namespace"},
                          {"v1", "Pod"},
                          {"v1", "ConfigMap"},
                          {"scheduling.k8s.io/v1", "PriorityClass", true}};

bool is_run_id(const std::string& text)
{
  return text.size() == run_id_digits && std::all_of(text.begin(), text.end(), [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
         });
}

/// "2026-11-21T14:05:00Z" and nothing else; such texts compare as times do.
bool is_time(const std::string& text)
{
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !is_digit : text[i] != shape[i]) return false;
  }
  return true;
}

/// Whether an object bears every mark of a run; one mark less, and it is somebody else's.
bool is_ours(const json& object)
{
  const auto run = objects::label_of(object, run_label);
  if (!is_run_id(run) || objects::label_of(object, managed_label) != manager) return false;
  const auto annotations = objects::annotations_of(object);
  const auto expiry = annotations.find(std::string(expiry_annotation));
  if (expiry == annotations.end() || !is_time(expiry->second)) return false;
  const auto name = objects::name_of(object);
  if (objects::kind_of(object) == "Namespace")
    return name == space_name(run) || name == space_name(run, "mounts") ||
           name == space_name(run, "open");
  if (objects::kind_of(object) == "PriorityClass") return name == space_name(run);
  const auto space = objects::namespace_of(object);
  return name.starts_with(space_name(run)) || name == "coroner-payload" ||
         (space.starts_with(space_name(run)) && name.starts_with("coroner-"));
}

}  // namespace

Result<std::vector<Leftover>> find_leftovers(kube::Cluster& cluster, const base::Deadline& deadline,
                                             const std::stop_token& stop)
{
  std::vector<Leftover> found;
  const auto now = time_text(std::chrono::system_clock::now());
  const auto labels =
      std::string(managed_label) + "=" + std::string(manager) + "," + std::string(run_label);
  std::vector<std::string> spaces;
  for (const auto& kind : kinds) {
    TRY_ASSIGN(resource, objects::resource_for(kind.api_version, kind.kind));
    const auto listed = cluster.list(
        {.resource = resource, .space = "", .labels = labels, .fields = ""}, deadline, stop);
    if (!listed && kind.is_optional && listed.error().kind == base::ErrorKind::denied) continue;
    if (!listed) return tl::unexpected(listed.error());
    for (const auto& object : listed->items) {
      if (!is_ours(object)) continue;
      const auto space = objects::namespace_of(object);
      // What stands in a namespace of ours goes with it.
      if (std::find(spaces.begin(), spaces.end(), space) != spaces.end()) continue;
      if (std::string_view(kind.kind) == "Namespace") spaces.push_back(objects::name_of(object));
      const auto expiry = objects::annotations_of(object).at(std::string(expiry_annotation));
      found.push_back({.title = objects::title_of(object),
                       .run_id = objects::label_of(object, run_label),
                       .expires_at = expiry,
                       .is_expired = expiry < now,
                       .target = {resource, space, objects::name_of(object)},
                       .uid = objects::uid_of(object)});
    }
  }
  return found;
}

Result<std::vector<Leftover>> remove_leftovers(kube::Cluster& cluster,
                                               const std::vector<Leftover>& leftovers,
                                               const base::Deadline& deadline,
                                               const std::stop_token& stop)
{
  for (const auto& each : leftovers) {
    const auto removed =
        cluster.remove(each.target, {.grace_seconds = 0, .uid = each.uid}, deadline, stop);
    // One that was replaced under the same name has another uid: it is not what was listed.
    if (!removed && removed.error().kind != base::ErrorKind::invalid)
      return tl::unexpected(removed.error());
  }
  std::vector<Leftover> left;
  const auto looked = base::poll_until(
      [&]() -> Result<bool> {
        TRY_ASSIGN(present, find_leftovers(cluster, deadline, stop));
        left.clear();
        for (auto& each : present)
          if (std::any_of(leftovers.begin(), leftovers.end(),
                          [&](const auto& one) { return one.uid == each.uid; }))
            left.push_back(std::move(each));
        return left.empty();
      },
      "the end of what was deleted", look_interval, deadline, stop);
  if (!looked && looked.error().kind != base::ErrorKind::timed_out)
    return tl::unexpected(looked.error());
  return left;
}

}  // namespace coroner::engine
