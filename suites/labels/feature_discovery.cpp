// SPDX-License-Identifier: Apache-2.0
#include "suites/labels/feature_discovery.h"

#include <algorithm>

#include "harness/objects/component.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;

bool runs(const json& container, std::string_view program)
{
  const auto programs = objects::programs_of(container);
  return std::find(programs.begin(), programs.end(), program) != programs.end();
}

/// Whether some node's expectations want feature discovery.
bool is_expected(const engine::Seen& seen)
{
  return std::any_of(seen.nodes().begin(), seen.nodes().end(), [](const record::Node& node) {
    const auto found = node.expectations.find("feature_discovery");
    return found != node.expectations.end() && found->second == "expected";
  });
}

/// Containers of one component anywhere in the cluster, not only on this node.
std::vector<const json*> of_component(const engine::Seen& seen, const std::string& component)
{
  std::vector<const json*> found;
  for (const auto* pod : seen.objects("Pod")) {
    const auto& containers = objects::at(*pod, "/spec/containers");
    if (!containers.is_array() || objects::has_ended(*pod)) continue;
    for (const auto& container : containers)
      if (objects::gpu_component_of(container) == component) found.push_back(&container);
  }
  return found;
}

/// node-feature-discovery has its garbage collector since 0.14: docs, deployment/gc.
bool has_collector(const std::vector<const json*>& parts)
{
  constexpr std::pair<int, int> since = {0, 14};
  const auto version = image_version(*parts.front());
  return !version || *version >= since;
}

}  // namespace

engine::Judgement judge_feature_discovery(const engine::Seen& seen, std::string_view program)
{
  const auto pods = collected(seen, "Pod", "api/v1/Pod");
  if (!pods) return pods.error();
  const auto wanted = pods_with(seen, [&](const json& container) {
    return runs(container, program) ||
           (program == "gpu-feature-discovery" &&
            objects::gpu_component_of(container) == "gpu_feature_discovery");
  });
  if (!wanted.empty()) return judge_ready(wanted);
  const auto component = program.starts_with("nfd-") ? "nfd" : "gpu_feature_discovery";
  const auto parts = of_component(seen, component);
  if (parts.empty() && !is_expected(seen))
    return engine::skip("{} is not deployed, and nothing here expects it", program);
  if (!parts.empty() && program == "nfd-gc" && !has_collector(parts))
    return engine::skip("{} has no garbage collector yet",
                        objects::text_at(*parts.front(), "/image"));
  const std::string where = seen.node_name().empty() ? "in the cluster" : "on this node";
  if (parts.empty()) return engine::fail("no pod {} runs {}", where, program);
  return engine::fail("no pod {} runs {}, and other parts of it are deployed: {}", where, program,
                      objects::text_at(*parts.front(), "/image"));
}

}  // namespace coroner::suites
