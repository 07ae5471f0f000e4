// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/pods.h"

#include <algorithm>
#include <array>

#include "harness/base/base64.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/embedded/embedded.h"
#include "harness/engine/marks.h"
#include "harness/objects/manifest.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::array<const char*, 2> container_lists = {"initContainers", "containers"};

std::vector<std::string> manifest_names()
{
  std::vector<std::string> names;
  constexpr std::string_view folder = "manifests/";
  constexpr std::string_view ending = ".yaml";
  for (auto path : embedded::files_below("manifests")) {
    path.remove_prefix(folder.size());
    path.remove_suffix(ending.size());
    names.emplace_back(path);
  }
  return names;
}

Result<json> embedded_object(const std::string& name)
{
  const auto path = "manifests/" + name + ".yaml";
  const auto text = embedded::file(path);
  if (!text) {
    const auto near = base::nearest(name, manifest_names());
    return base::error_with_hint(ErrorKind::not_found,
                                 fmt::format("there is no manifest '{}'", base::printable(name)),
                                 near.empty() ? "" : "the nearest is '" + near + "'");
  }
  TRY_ASSIGN(document, base::parse_yaml(*text, path));
  return document.value;
}

/// Joins two lists by the key that names their entries; entries of `more` replace those of `list`.
json joined(json list, const json& more, const std::string& key)
{
  if (!list.is_array()) list = json::array();
  for (const auto& entry : more) {
    const auto same = std::find_if(list.begin(), list.end(), [&](const json& each) {
      return objects::text_at(each, "/" + key) == objects::text_at(entry, "/" + key);
    });
    if (same == list.end())
      list.push_back(entry);
    else
      *same = entry;
  }
  return list;
}

json with_container_patch(json container, json patch)
{
  for (const auto& [list, key] : {std::pair{"env", "name"}, std::pair{"volumeMounts", "mountPath"}})
    if (patch.contains(list)) {
      container[list] = joined(container.value(list, json::array()), patch[list], key);
      patch.erase(list);
    }
  patch.erase("name");
  return objects::merged(std::move(container), patch);
}

void bind_to_node(json& spec, const std::string& node)
{
  const json match = {{"key", "metadata.name"}, {"operator", "In"}, {"values", {node}}};
  spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
      ["nodeSelectorTerms"] = json::array({{{"matchFields", json::array({match})}}});
  spec["tolerations"] = json::array({{{"key", "nvidia.com/gpu"}, {"operator", "Exists"}}});
}

void choose_payload(json& spec, const std::string& arch)
{
  for (auto& volume : spec["volumes"])
    if (objects::text_at(volume, "/configMap/name") == payload_name)
      volume["configMap"]["items"][0]["key"] = "coroner-payload-" + arch;
}

}  // namespace

Result<json> load_manifest(const std::string& name)
{
  TRY_ASSIGN(object, embedded_object(name));
  if (objects::kind_of(object) != "Pod" || objects::name_of(object).empty())
    return base::error(ErrorKind::invalid, "manifests/{}.yaml is no Pod with a name", name);
  return object;
}

json with_access(json pod, const json& patch)
{
  auto rest = patch.value("spec", json::object());
  auto& spec = pod["spec"];
  for (const auto& each : rest.value("containers", json::array()))
    for (const auto* list : container_lists)
      if (spec.contains(list))
        for (auto& container : spec[list])
          if (each.value("name", "") == "*" ||
              each.value("name", "") == container.value("name", ""))
            container = with_container_patch(container, each);
  if (rest.contains("volumes"))
    spec["volumes"] = joined(spec.value("volumes", json::array()), rest["volumes"], "name");
  rest.erase("containers");
  rest.erase("volumes");
  spec = objects::merged(std::move(spec), rest);
  return pod;
}

Result<json> make_pod(const PodDesign& design)
{
  TRY_ASSIGN(pod, load_manifest(design.manifest));
  if (!design.access.empty()) {
    TRY_ASSIGN(patch, embedded_object("access/" + design.access));
    pod = with_access(std::move(pod), patch);
  }
  pod["metadata"]["name"] = design.name;
  pod["metadata"]["namespace"] = design.space;
  mark(pod, design.run_id, design.expires_at);
  auto& spec = pod["spec"];
  if (!design.node.empty()) bind_to_node(spec, design.node);
  if (spec.contains("volumes")) choose_payload(spec, design.arch);
  for (const auto& secret : design.pull_secrets)
    spec["imagePullSecrets"].push_back({{"name", secret.name}});
  for (const auto* list : container_lists) {
    if (!spec.contains(list)) continue;
    for (auto& container : spec[list]) {
      container["image"] = design.image;
      if (!container.contains("args")) continue;
      container["args"].push_back("--nonce");
      container["args"].push_back(nonce_of(design.nonce_seed, design.space + "/" + design.name,
                                           container.value("name", "")));
    }
  }
  return pod;
}

std::string nonce_of_container(const json& pod, const std::string& container)
{
  for (const auto* list : container_lists)
    for (const auto& each : pod["spec"].value(list, json::array()))
      if (each.value("name", "") == container && each.contains("args"))
        return each["args"].back().get<std::string>();
  return {};
}

Result<json> payload_object(const std::vector<std::string>& architectures, const std::string& space,
                            const std::string& run_id, const std::string& expires_at)
{
  json object = {{"apiVersion", "v1"},
                 {"kind", "ConfigMap"},
                 {"metadata", {{"name", payload_name}, {"namespace", space}}},
                 {"binaryData", json::object()}};
  mark(object, run_id, expires_at);
  for (const auto& arch : architectures) {
    const auto name = "coroner-payload-" + arch;
    const auto program = embedded::file("payload/" + name);
    if (!program)
      return base::error_with_hint(
          ErrorKind::not_found, fmt::format("this build has no payload for {}", arch),
          "build where zig can be had (run.sh --mode build), or choose other nodes by --nodes");
    object["binaryData"][name] = base::base64_encoded(*program);
  }
  return object;
}

}  // namespace coroner::engine
