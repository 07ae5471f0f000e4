// SPDX-License-Identifier: Apache-2.0
// A handler is only a name until a pod with it has started.
#include <set>

#include "harness/base/text.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;
using objects::text_at;

/// The label on pods of runs (harness/engine/sweep.h).
constexpr std::string_view run_label = "coroner/run-id";

/// The container that started in this pod; nothing when none did.
std::optional<objects::ContainerState> started(const json& pod)
{
  for (const auto& state : objects::containers_of(pod))
    if (state.has_started()) return state;
  return std::nullopt;
}

/// The latest warning about this pod, "" without one.
std::string warning_of(const engine::Seen& seen, const json& pod)
{
  std::string latest;
  std::string when;
  for (const auto* event : seen.objects("Event")) {
    if (text_at(*event, "/type") != "Warning" ||
        text_at(*event, "/involvedObject/name") != objects::name_of(pod) ||
        text_at(*event, "/involvedObject/namespace") != objects::namespace_of(pod))
      continue;
    const auto time = text_at(*event, "/lastTimestamp");
    if (time < when) continue;
    when = time;
    latest = text_at(*event, "/reason") + ": " + text_at(*event, "/message");
  }
  return latest;
}

engine::Judgement judge(const engine::Seen& seen)
{
  std::map<std::string, std::string> handlers;
  for (const auto* each : nvidia_classes(seen))
    handlers[objects::name_of(*each)] = text_at(*each, "/handler");
  std::vector<const json*> ours;
  std::vector<const json*> others;
  for (const auto* pod : seen.objects("Pod")) {
    if (objects::node_of(*pod) != seen.node_name()) continue;
    if (!handlers.contains(text_at(*pod, "/spec/runtimeClassName"))) continue;
    (objects::label_of(*pod, run_label).empty() ? others : ours).push_back(pod);
  }
  // What an older pod once got says less than what this run's pod got now.
  const auto& pods = ours.empty() ? others : ours;
  if (pods.empty())
    return engine::skip("no pod of this node uses a RuntimeClass with an nvidia handler");
  for (const auto* pod : pods) {
    const auto state = started(*pod);
    if (!state) continue;
    const auto name = text_at(*pod, "/spec/runtimeClassName");
    return engine::pass({{"pod", objects::namespace_of(*pod) + "/" + objects::name_of(*pod)},
                         {"runtime_class", name},
                         {"handler", handlers[name]},
                         {"container_id", state->container_id}});
  }
  const auto& pod = *pods.front();
  const auto warning = warning_of(seen, pod);
  return engine::fail("{} with RuntimeClass {} never started a container: {}",
                      objects::title_of(pod), text_at(pod, "/spec/runtimeClassName"),
                      base::printable(warning.empty() ? hindrance(pod) : warning));
}

const engine::Case registered{{
    .id = "runtime/handler_works",
    .requirement = "A pod with a RuntimeClass of an nvidia handler MUST start.",
    .timeout = std::chrono::seconds(10),
    .source =
        "kubernetes.io: concepts/containers/runtime-class, usage; seed 000, attempt 4; seed 001",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
