// SPDX-License-Identifier: Apache-2.0
// Derived facts of the device plugin and of containerd's configuration.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "harness/evidence/json_text.h"
#include "harness/graveyard/derived.h"
#include "harness/objects/component.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"

namespace coroner::graveyard {
namespace {

using evidence::Fact;
using evidence::FactStore;
using evidence::Observed;
using nlohmann::json;

/// The index of the plugin's container in the list at `pointer`; -1 without one.
int plugin_index(const json& object, const std::string& pointer)
{
  const auto& containers = objects::at(object, pointer);
  if (!containers.is_array()) return -1;
  for (std::size_t i = 0; i < containers.size(); ++i)
    if (objects::is_device_plugin(containers[i])) return static_cast<int>(i);
  return -1;
}

/// The value of an option of the plugin: its variable, or its flag as one argument.
std::pair<std::string, std::string> option(const json& object, const std::string& container,
                                           const std::string& variable, const std::string& flag)
{
  const auto& environment = objects::at(object, container + "/env");
  if (environment.is_array())
    for (std::size_t i = 0; i < environment.size(); ++i)
      if (objects::text_at(environment[i], "/name") == variable)
        return {objects::text_at(environment[i], "/value"),
                container + "/env/" + std::to_string(i) + "/value"};
  for (const auto* part : {"/command", "/args"}) {
    const auto& arguments = objects::at(object, container + part);
    if (!arguments.is_array()) continue;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (arguments[i].is_string() && arguments[i].get<std::string>().starts_with(flag + "="))
        return {arguments[i].get<std::string>().substr(flag.size() + 1),
                container + part + "/" + std::to_string(i)};
  }
  return {};
}

std::set<std::string> values(const FactStore& facts, std::string_view name, const std::string& node)
{
  std::set<std::string> found;
  for (const auto& fact : facts.all(name))
    if (fact.scope.node == node && fact.value.is_string())
      found.insert(fact.value.get<std::string>());
  return found;
}

}  // namespace

void derive_strategy(const Observed& seen, FactStore& facts)
{
  const std::string list = "/spec/template/spec/containers";
  for (const auto& stored : seen.objects) {
    if (objects::kind_of(stored.object) != "DaemonSet") continue;
    const int index = plugin_index(stored.object, list);
    if (index < 0) continue;
    const auto container = list + "/" + std::to_string(index);
    auto [value, pointer] = option(stored.object, container, "DEVICE_DISCOVERY_STRATEGY",
                                   "--device-discovery-strategy");
    if (pointer.empty()) pointer = container;
    facts.add({.name = "plugin.daemonset.strategy",
               .value = value.empty() ? "auto" : value,
               .source = stored.path,
               .line = evidence::line_of(stored.object, pointer)});
  }
}

void derive_runtime_handler(const Observed& seen, FactStore& facts)
{
  std::map<std::string, std::string> handlers;
  for (const auto& stored : seen.objects)
    if (objects::kind_of(stored.object) == "RuntimeClass")
      handlers[objects::name_of(stored.object)] = objects::text_at(stored.object, "/handler");
  for (const auto& stored : seen.objects) {
    const auto& pod = stored.object;
    if (objects::kind_of(pod) != "Pod" || plugin_index(pod, "/spec/containers") < 0) continue;
    const auto name = objects::text_at(pod, "/spec/runtimeClassName");
    const auto handler = handlers.find(name);
    if (!name.empty() && handler == handlers.end()) continue;
    facts.add({.name = "plugin.pod.runtime_handler",
               .value = name.empty() ? "" : handler->second,
               .source = stored.path,
               .line = evidence::line_of(pod, name.empty() ? "/spec" : "/spec/runtimeClassName"),
               .scope = {.node = objects::node_of(pod),
                         .pod = objects::namespace_of(pod) + "/" + objects::name_of(pod)}});
  }
}

void derive_loaded_differs(const Observed&, FactStore& facts)
{
  std::map<std::string, Fact> loaded;
  for (const auto& fact : facts.all("containerd.loaded.default_runtime"))
    loaded.emplace(fact.scope.node, fact);
  for (const auto& [node, fact] : loaded) {
    if (!facts.was_collected("host/etc/containerd/config.toml", node)) continue;
    const auto on_disk = values(facts, "containerd.default_runtime", node);
    const auto runtimes = values(facts, "containerd.runtime", node);
    const auto running = values(facts, "containerd.loaded.runtime", node);
    const bool has_other_default =
        !on_disk.empty() && !on_disk.contains(fact.value.get<std::string>());
    const bool lacks_runtime =
        !std::includes(running.begin(), running.end(), runtimes.begin(), runtimes.end());
    Fact made = fact;
    made.name = "containerd.loaded_differs_from_disk";
    made.value = has_other_default || lacks_runtime;
    made.scope.file.clear();
    facts.add(std::move(made));
  }
}

void derive_default_defined(const Observed&, FactStore& facts)
{
  for (const auto& fact : facts.all("containerd.default_runtime")) {
    if (!fact.value.is_string()) continue;
    auto runtimes = values(facts, "containerd.runtime", fact.scope.node);
    // containerd defines runc itself when its file does not (pkg/cri/config, DefaultConfig).
    runtimes.insert("runc");
    Fact made = fact;
    made.name = "containerd.default_runtime_defined";
    made.value = runtimes.contains(fact.value.get<std::string>());
    made.scope.file.clear();
    facts.add(std::move(made));
  }
}

}  // namespace coroner::graveyard
