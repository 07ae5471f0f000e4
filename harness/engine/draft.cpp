// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/draft.h"

#include <algorithm>
#include <map>

#include <re2/re2.h>

#include "harness/engine/expected.h"
#include "harness/engine/marks.h"
#include "harness/engine/nodes.h"
#include "harness/engine/pods.h"
#include "harness/engine/sweep.h"
#include "harness/objects/component.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::string_view mounts_profile = "nixos-mounts";
constexpr std::string_view with_class = "_with_class";

/// DEVICE_LIST_STRATEGY of the device plugin; "" where it has none.
std::string device_list_strategy(const std::vector<json>& daemon_sets)
{
  for (const auto& set : daemon_sets) {
    const auto& containers = objects::at(set, "/spec/template/spec/containers");
    if (!containers.is_array()) continue;
    for (const auto& container : containers) {
      const auto& variables = objects::at(container, "/env");
      if (!objects::is_device_plugin(container) || !variables.is_array()) continue;
      for (const auto& variable : variables)
        if (objects::text_at(variable, "/name") == "DEVICE_LIST_STRATEGY")
          return objects::text_at(variable, "/value");
    }
  }
  return "";
}

bool has_nvidia_class(const std::vector<json>& classes)
{
  return std::any_of(classes.begin(), classes.end(), [](const json& each) {
    return objects::text_at(each, "/handler").starts_with("nvidia");
  });
}

/// Makes the pods and tasks of a plan that has its nodes.
class Drafter {
 public:
  Drafter(Plan plan, const collect::Snapshot& seen, const Options& options, std::string expires_at)
      : plan_(std::move(plan)), seen_(seen), options_(options), expires_at_(std::move(expires_at))
  {}

  Result<Plan> all(const std::vector<const CaseDefinition*>& cases)
  {
    TRY_ASSIGN(secrets, read_pull_secrets(options_.pull_secrets, options_.space.empty()));
    plan_.pull_secrets = std::move(secrets);
    for (const auto& secret : plan_.pull_secrets)
      if (!secret.space.empty())
        plan_.disclosed.push_back(
            fmt::format("The pull secret {}/{} is copied into the namespaces of the run and goes "
                        "with them.",
                        secret.space, secret.name));
    for (const auto* definition : cases) {
      plan_.cases.push_back(definition->id);
      if (definition->subject == Subject::cluster) {
        TRY(add(*definition, nullptr));
        continue;
      }
      for (const auto& node : plan_.nodes) TRY(add(*definition, &node));
    }
    return std::move(plan_);
  }

 private:
  static bool wants_gpu(const CaseDefinition& definition)
  {
    return definition.manifest.starts_with("smoke/");
  }

  /// Why nothing is run for this case here, and whether that is a skip.
  std::pair<std::string, bool> hindrance(const CaseDefinition& definition,
                                         const PlannedNode* node) const
  {
    if (definition.effect > options_.ceiling)
      return {fmt::format("needs --effect {}", record::word(definition.effect)), true};
    if (definition.manifest.empty() || node == nullptr) return {"", false};
    const auto& object = node_object(node->name);
    if (!objects::is_node_ready(object)) return {node->why_not, false};
    if (wants_gpu(definition) && !node->runs_gpu_pod)
      return {node->why_not, !node->why_not.starts_with("the node ")};
    if (definition.manifest.ends_with(with_class) && !has_nvidia_class(seen_.runtime_classes))
      return {"the cluster has no RuntimeClass of an nvidia handler", true};
    if (static_cast<int>(plan_.pods.size()) >= options_.most_pods &&
        !planned(definition, node->name))
      return {fmt::format("--max-pods {} is reached", options_.most_pods), true};
    return {"", false};
  }

  Result<void> add(const CaseDefinition& definition, const PlannedNode* node)
  {
    Task task{.case_id = definition.id, .node = node == nullptr ? "" : node->name};
    const auto [why, is_skip] = hindrance(definition, node);
    if (why.starts_with("alike: ")) return {};
    task.not_run = why;
    task.is_skip = is_skip;
    if (why.empty() && !definition.dry_run.empty())
      plan_.open_space = space_name(plan_.run_id, "open");
    if (why.empty() && !definition.manifest.empty() && node != nullptr) {
      TRY_ASSIGN(pod, pod_for(definition, *node));
      task.pod = objects::namespace_of(*pod) + "/" + objects::name_of(*pod);
      task.nonce = nonce_of_container(*pod, definition.container);
    }
    plan_.tasks.push_back(std::move(task));
    return {};
  }

  const PlannedPod* planned(const CaseDefinition& definition, const std::string& node) const
  {
    const auto found = std::find_if(plan_.pods.begin(), plan_.pods.end(), [&](const auto& pod) {
      return pod.manifest == definition.manifest && pod.node == node;
    });
    return found == plan_.pods.end() ? nullptr : &*found;
  }

  /// The pod that runs this case on this node; made once, shared by all cases of its manifest.
  Result<const json*> pod_for(const CaseDefinition& definition, const PlannedNode& node)
  {
    if (const auto* already = planned(definition, node.name)) return &already->object;
    const auto& object = node_object(node.name);
    PlannedPod made{.manifest = definition.manifest,
                    .node = node.name,
                    .access = wants_gpu(definition) ? node.access : ""};
    const bool is_privileged = made.access == mounts_profile;
    if (is_privileged) disclose_privileges(node.name);
    const auto space = !options_.space.empty() ? options_.space
                       : is_privileged         ? plan_.mounts_space
                                               : space_name(plan_.run_id);
    if (!is_privileged) plan_.space = space;
    TRY_ASSIGN(pod, make_pod({.manifest = made.manifest,
                              .access = made.access,
                              .name = pod_name(definition.manifest, node.name),
                              .space = space,
                              .node = node.name,
                              .arch = objects::node_info(object).architecture,
                              .image = image_for(object),
                              .pull_secrets = plan_.pull_secrets,
                              .run_id = plan_.run_id,
                              .expires_at = expires_at_,
                              .nonce_seed = plan_.nonce_seed}));
    made.object = std::move(pod);
    plan_.pods.push_back(std::move(made));
    return &plan_.pods.back().object;
  }

  /// "coroner-smoke-gpu-1": short whatever the node is called; a number that the plan explains.
  std::string pod_name(const std::string& manifest, const std::string& node) const
  {
    const auto place = std::find_if(plan_.nodes.begin(), plan_.nodes.end(),
                                    [&](const auto& each) { return each.name == node; });
    auto name = manifest;
    std::replace(name.begin(), name.end(), '/', '-');
    std::replace(name.begin(), name.end(), '_', '-');
    // In a namespace of somebody else two runs must not meet.
    const auto run = options_.space.empty() ? "" : plan_.run_id + "-";
    return fmt::format("coroner-{}{}-{}", run, name, place - plan_.nodes.begin() + 1);
  }

  /// Named by a person, else by the node's annotation, else our own where the node has it.
  std::string image_for(const json& node)
  {
    auto image = options_.image;
    const auto annotations = objects::annotations_of(node);
    const auto named = annotations.find(std::string(image_annotation));
    if (image.empty() && named != annotations.end()) image = named->second;
    const auto& images = objects::at(node, "/status/images");
    if (image.empty() && images.is_array())
      for (const auto& each : images)
        for (const auto& name : each.value("names", json::array()))
          if (name == own_image) image = own_image;
    if (image.empty()) image = public_image;
    plan_.image = image;
    return image;
  }

  void disclose_privileges(const std::string& node)
  {
    plan_.mounts_space = space_name(plan_.run_id, "mounts");
    plan_.disclosed.push_back(fmt::format(
        "The GPU pod on {} runs privileged with the driver's folders mounted: this node has no "
        "nvidia runtime and no CDI, so there is no better way.",
        node));
  }

  const json& node_object(const std::string& name) const
  {
    static const json none;
    for (const auto& node : seen_.nodes)
      if (objects::name_of(node) == name) return node;
    return none;
  }

  Plan plan_;
  const collect::Snapshot& seen_;
  const Options& options_;
  std::string expires_at_;
};

}  // namespace

Result<std::vector<const CaseDefinition*>> select_cases(const Options& options)
{
  const RE2 focus(options.focus, RE2::Quiet);
  const RE2 skip(options.skip, RE2::Quiet);
  for (const auto* expression : {&focus, &skip})
    if (!expression->ok())
      return base::error(ErrorKind::invalid, "'{}' is no regular expression: {}",
                         expression->pattern(), expression->error());
  std::vector<const CaseDefinition*> chosen;
  for (const auto& each : registry()) {
    if (!options.focus.empty() && !RE2::PartialMatch(each.id, focus)) continue;
    if (!options.skip.empty() && RE2::PartialMatch(each.id, skip)) continue;
    chosen.push_back(&each);
  }
  if (chosen.empty())
    return base::error_with_hint(ErrorKind::not_found, "no case is selected",
                                 "coroner list cases shows their ids");
  return chosen;
}

Result<std::string> access_of(const json& node, const collect::Snapshot& seen,
                              const Options& options)
{
  if (!options.access.empty()) return options.access;
  TRY_ASSIGN(expectations, expectations_of_node(node));
  return cell::choose_access(expectations, has_nvidia_class(seen.runtime_classes),
                             device_list_strategy(seen.daemon_sets));
}

Result<Plan> draft_plan(const collect::Snapshot& seen, const Options& options,
                        const std::vector<const CaseDefinition*>& cases,
                        const std::string& expires_at)
{
  Plan plan{.run_id = options.run_id, .nonce_seed = options.nonce_seed};
  // A replay shows the pods of the very run that is replayed.
  auto others = seen.pods;
  std::erase_if(
      others, [&](const json& pod) { return objects::label_of(pod, run_label) == options.run_id; });
  TRY_ASSIGN(nodes, choose_nodes(seen.nodes, others, options));
  for (auto& node : nodes) {
    const auto object = std::find_if(seen.nodes.begin(), seen.nodes.end(), [&](const json& each) {
      return objects::name_of(each) == node.name;
    });
    TRY_ASSIGN(access, access_of(*object, seen, options));
    node.access = std::move(access);
  }
  plan.nodes = std::move(nodes);
  return Drafter(std::move(plan), seen, options, expires_at).all(cases);
}

}  // namespace coroner::engine
