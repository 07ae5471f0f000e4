// SPDX-License-Identifier: Apache-2.0
// Planning: what the cluster has and allows, before anything is touched.
#include "harness/engine/plan.h"

#include <algorithm>

#include "harness/engine/draft.h"
#include "harness/engine/marks.h"
#include "harness/engine/parallel.h"
#include "harness/engine/probe.h"

namespace coroner::engine {
namespace {

using base::Result;
using nlohmann::json;

struct Wish {
  const char* verb;
  const char* group;
  const char* resource;
  const char* subresource;
  bool is_optional = false;
};

/// What a run that makes pods needs; which of them, follows from its namespaces.
constexpr Wish wishes[] = {
    {"create", "", "namespaces", ""},
    {"create", "", "pods", ""},
    {"get", "", "pods", "log"},
    {"create", "scheduling.k8s.io", "priorityclasses", "", true},
};

Result<std::vector<Permission>> ask_permissions(kube::Cluster& cluster, const Options& options,
                                                const base::Deadline& deadline,
                                                const std::stop_token& stop)
{
  std::vector<Permission> permissions;
  if (options.ceiling == record::Effect::reads) return permissions;
  std::vector<Wish> wanted;
  for (const auto& wish : wishes)
    if (options.space.empty() || std::string_view(wish.resource) != "namespaces")
      wanted.push_back(wish);
  for (const auto& wish : wanted)
    permissions.push_back(
        {.verb = wish.verb,
         .resource = fmt::format("{}{}{}{}{}", wish.resource, *wish.group != 0 ? "." : "",
                                 wish.group, *wish.subresource != 0 ? "/" : "", wish.subresource),
         .is_optional = wish.is_optional});
  std::vector<Action> questions;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    questions.emplace_back([&, i]() -> Result<void> {
      TRY_ASSIGN(answer, cluster.access_review({.verb = wanted[i].verb,
                                                .group = wanted[i].group,
                                                .plural = wanted[i].resource,
                                                .subresource = wanted[i].subresource,
                                                .space = *wanted[i].group != 0 ? "" : options.space,
                                                .name = ""},
                                               deadline, stop));
      permissions[i].is_allowed = answer.is_allowed;
      return {};
    });
  TRY(in_parallel(questions));
  return permissions;
}

/// Without these rights no pod is made: its cases become skips that name the missing rule.
void hold_back(Plan& plan)
{
  std::string missing;
  for (const auto& permission : plan.permissions)
    if (!permission.is_allowed && !permission.is_optional)
      missing += (missing.empty() ? "" : ", ") + permission.verb + " " + permission.resource;
  if (missing.empty()) return;
  for (auto& task : plan.tasks) {
    const auto& definitions = registry();
    const auto definition = std::find_if(definitions.begin(), definitions.end(),
                                         [&](const auto& each) { return each.id == task.case_id; });
    if (definition->manifest.empty() && definition->dry_run.empty()) continue;
    if (!task.not_run.empty()) continue;
    task.not_run = "this account may not: " + missing + " (an RBAC rule that allows it is missing)";
    task.is_skip = true;
    task.pod.clear();
    task.nonce.clear();
  }
  plan.pods.clear();
  plan.space.clear();
  plan.mounts_space.clear();
  plan.open_space.clear();
}

/// Pods yield to everybody and take nobody's place, where the run may make a class that says so.
void lower_priority(Plan& plan)
{
  const bool is_allowed =
      std::any_of(plan.permissions.begin(), plan.permissions.end(),
                  [](const auto& each) { return each.is_optional && each.is_allowed; });
  if (!is_allowed || plan.pods.empty()) return;
  plan.priority = space_name(plan.run_id);
  for (auto& pod : plan.pods) pod.object["spec"]["priorityClassName"] = plan.priority;
}

template <class Items, class Shape>
json list_of(const Items& items, const Shape& shape)
{
  json all = json::array();
  for (const auto& item : items) all.push_back(shape(item));
  return all;
}

}  // namespace

Result<Plan> make_plan(kube::Cluster& cluster, const Options& wanted, evidence::Writer& writer,
                       const base::Deadline& deadline, const std::stop_token& stop)
{
  auto options = wanted;
  TRY_ASSIGN(cases, select_cases(options));
  if (options.run_id.empty()) {
    TRY_ASSIGN(id, random_digits(run_id_digits));
    options.run_id = std::move(id);
  }
  if (options.nonce_seed.empty()) {
    TRY_ASSIGN(seed, random_digits(nonce_digits));
    options.nonce_seed = std::move(seed);
  }
  collect::Snapshot seen;
  std::vector<Permission> permissions;
  TRY(in_parallel({[&]() -> Result<void> {
                     TRY_ASSIGN(read, collect::collect_objects(
                                          cluster, writer, collect::Depth::probe, deadline, stop));
                     seen = std::move(read);
                     return {};
                   },
                   [&]() -> Result<void> {
                     TRY_ASSIGN(asked, ask_permissions(cluster, options, deadline, stop));
                     permissions = std::move(asked);
                     return {};
                   }}));
  const bool nodes_are_known =
      std::none_of(seen.missing.begin(), seen.missing.end(),
                   [](const auto& why) { return why.starts_with("api/v1/Node"); });
  if (seen.nodes.empty() && nodes_are_known)
    return base::error_with_hint(base::ErrorKind::unreachable, "the cluster has no node",
                                 "a probe needs one; kubectl get nodes shows them");
  TRY_ASSIGN(plan, draft_plan(seen, options, cases,
                              time_text(std::chrono::system_clock::now() + options.lifetime)));
  plan.permissions = std::move(permissions);
  plan.missing = seen.missing;
  for (const auto& pod : seen.pods)
    if (collect::is_gpu_component(pod)) plan.components.push_back(pod);
  hold_back(plan);
  lower_priority(plan);
  TRY(writer.plan(to_json(plan)));
  return plan;
}

json to_json(const Plan& plan)
{
  return {
      {"run", plan.run_id},
      {"seed", plan.nonce_seed},
      {"image", plan.image},
      {"space", plan.space},
      {"mounts_space", plan.mounts_space},
      {"open_space", plan.open_space},
      {"priority", plan.priority},
      {"missing", plan.missing},
      {"disclosed", plan.disclosed},
      {"cases", plan.cases},
      {"nodes", list_of(plan.nodes,
                        [](const PlannedNode& node) {
                          return json{{"name", node.name},
                                      {"access", node.access},
                                      {"shows_gpu", node.shows_gpu},
                                      {"runs_gpu_pod", node.runs_gpu_pod},
                                      {"why_not", node.why_not}};
                        })},
      {"permissions", list_of(plan.permissions,
                              [](const Permission& permission) {
                                return json{{"verb", permission.verb},
                                            {"resource", permission.resource},
                                            {"allowed", permission.is_allowed},
                                            {"optional", permission.is_optional}};
                              })},
      {"pods", list_of(plan.pods,
                       [](const PlannedPod& pod) {
                         return json{{"manifest", pod.manifest},
                                     {"node", pod.node},
                                     {"access", pod.access},
                                     {"object", pod.object}};
                       })},
      {"tasks", list_of(plan.tasks, [](const Task& task) { return to_json(task); })},
  };
}

json to_json(const Task& task)
{
  return {{"case", task.case_id},   {"node", task.node},   {"attempt", task.attempt},
          {"pod", task.pod},        {"nonce", task.nonce}, {"not_run", task.not_run},
          {"is_skip", task.is_skip}};
}

std::string plan_text(const Plan& plan)
{
  std::string text = fmt::format("run {}\n", plan.run_id);
  for (const auto& space : {plan.space, plan.mounts_space, plan.open_space})
    if (!space.empty()) text += fmt::format("namespace {}\n", space);
  if (!plan.priority.empty())
    text += fmt::format("priority class {}: the lowest, never preempts\n", plan.priority);
  for (const auto& node : plan.nodes)
    text +=
        fmt::format("node {}: access {}{}\n", node.name, node.access,
                    node.why_not.empty() ? ", runs the GPU pod" : ", no GPU pod: " + node.why_not);
  for (const auto& permission : plan.permissions)
    text += fmt::format("may {} {}: {}\n", permission.verb, permission.resource,
                        permission.is_allowed    ? "yes"
                        : permission.is_optional ? "no, pods have the default priority"
                                                 : "NO");
  for (const auto& why : plan.missing) text += "not readable: " + why + "\n";
  for (const auto& task : plan.tasks)
    text += fmt::format("case {}{}{}\n", task.case_id, task.node.empty() ? "" : " on " + task.node,
                        task.not_run.empty() ? "" : ": not run, " + task.not_run);
  for (const auto& line : plan.disclosed) text += "note: " + line + "\n";
  for (const auto& pod : plan.pods) text += "---\n" + pod.object.dump(2) + "\n";
  return text;
}

}  // namespace coroner::engine
