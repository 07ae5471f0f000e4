// SPDX-License-Identifier: Apache-2.0
// Clean-up of one run, by the names of its plan and the marks of its id.
#include "harness/engine/parallel.h"
#include "harness/engine/probe.h"
#include "harness/engine/sweep.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using base::Result;

constexpr std::chrono::milliseconds look_interval{700};

/// Namespaces of this run that are there, by its label alone.
Result<std::vector<std::string>> present_spaces(kube::Cluster& cluster, const Plan& plan,
                                                const base::Deadline& deadline)
{
  TRY_ASSIGN(listed, cluster.list({.resource = *objects::resource_for("v1", "Namespace"),
                                   .space = "",
                                   .labels = std::string(run_label) + "=" + plan.run_id,
                                   .fields = ""},
                                  deadline, {}));
  std::vector<std::string> titles;
  for (const auto& object : listed.items) titles.push_back(objects::title_of(object));
  return titles;
}

/// Deletes an object of this run that stands in no namespace.
Action removal_of(kube::Cluster& cluster, const char* api_version, const char* kind,
                  const std::string& name, const base::Deadline& deadline)
{
  return [&cluster, &deadline, api_version, kind, name]() -> Result<void> {
    TRY_ASSIGN(resource, objects::resource_for(api_version, kind));
    TRY(cluster.remove({resource, "", name}, {}, deadline, {}));
    return {};
  };
}

/// Deletes single objects: those of a run in a namespace that it did not make.
Result<void> remove_objects(kube::Cluster& cluster, const Plan& plan, const std::string& space,
                            const base::Deadline& deadline, std::vector<std::string>& left)
{
  left.clear();
  for (const auto* kind : {"Pod", "ConfigMap"}) {
    TRY_ASSIGN(resource, objects::resource_for("v1", kind));
    TRY_ASSIGN(listed, cluster.list({.resource = resource,
                                     .space = space,
                                     .labels = std::string(run_label) + "=" + plan.run_id,
                                     .fields = ""},
                                    deadline, {}));
    for (const auto& object : listed.items) {
      left.push_back(objects::title_of(object));
      TRY(cluster.remove({resource, space, objects::name_of(object)},
                         {.grace_seconds = 0, .uid = objects::uid_of(object)}, deadline, {}));
    }
  }
  return {};
}

}  // namespace

CleanUp clean_up(kube::Cluster& cluster, const Plan& plan, const base::Deadline& deadline)
{
  CleanUp done;
  const std::string own = "coroner-" + plan.run_id;
  std::vector<Action> removals;
  std::string foreign;
  for (const auto& space : {plan.space, plan.mounts_space, plan.open_space}) {
    if (space.empty()) continue;
    if (!space.starts_with(own)) {
      foreign = space;
      continue;
    }
    removals.push_back(removal_of(cluster, "v1", "Namespace", space, deadline));
  }
  const bool has_spaces = !removals.empty();
  // It is gone when the server has said so, having no finalizer; pods keep the number that they
  // were admitted with.
  if (!plan.priority.empty())
    removals.push_back(
        removal_of(cluster, "scheduling.k8s.io/v1", "PriorityClass", plan.priority, deadline));
  if (removals.empty() && foreign.empty()) return done;
  if (const auto removed = in_parallel(removals); !removed)
    done.leftovers.push_back("unknown: " + removed.error().what);
  std::vector<std::string> left;
  const auto gone = base::poll_until(
      [&]() -> Result<bool> {
        left.clear();
        if (!foreign.empty()) {
          TRY(remove_objects(cluster, plan, foreign, deadline, left));
          if (!has_spaces) return left.empty();
        }
        TRY_ASSIGN(spaces, present_spaces(cluster, plan, deadline));
        left.insert(left.end(), spaces.begin(), spaces.end());
        return left.empty();
      },
      "the end of this run's namespaces", look_interval, deadline, {});
  if (!gone) {
    if (left.empty()) left.push_back("unknown: " + gone.error().what);
    done.leftovers.insert(done.leftovers.end(), left.begin(), left.end());
  }
  return done;
}

}  // namespace coroner::engine
