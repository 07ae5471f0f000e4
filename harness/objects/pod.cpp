// SPDX-License-Identifier: Apache-2.0
// Pod status as core/v1 defines it.
#include "harness/objects/pod.h"

#include <algorithm>

#include "harness/objects/object.h"

namespace coroner::objects {
namespace {

using nlohmann::json;

std::optional<ContainerState::Terminated> terminated_at(const json& status, const char* pointer)
{
  const auto& part = at(status, pointer);
  if (!part.is_object()) return std::nullopt;
  return ContainerState::Terminated{.exit_code = static_cast<int>(number_at(part, "/exitCode", -1)),
                                    .signal = static_cast<int>(number_at(part, "/signal", 0)),
                                    .reason = text_at(part, "/reason"),
                                    .message = text_at(part, "/message"),
                                    .started_at = text_at(part, "/startedAt"),
                                    .finished_at = text_at(part, "/finishedAt")};
}

ContainerState state_of(const json& status, bool is_init)
{
  ContainerState state;
  state.name = text_at(status, "/name");
  state.is_init = is_init;
  state.is_ready = flag_at(status, "/ready", false);
  state.restarts = static_cast<int>(number_at(status, "/restartCount", 0));
  state.image = text_at(status, "/image");
  state.image_id = text_at(status, "/imageID");
  state.container_id = text_at(status, "/containerID");
  state.waiting_reason = text_at(status, "/state/waiting/reason");
  state.waiting_message = text_at(status, "/state/waiting/message");
  state.running_since = text_at(status, "/state/running/startedAt");
  state.terminated = terminated_at(status, "/state/terminated");
  state.last_terminated = terminated_at(status, "/lastState/terminated");
  return state;
}

}  // namespace

bool ContainerState::has_started() const
{
  if (image_id.empty() || container_id.empty()) return false;
  return !running_since.empty() || (terminated && !terminated->started_at.empty()) ||
         (last_terminated && !last_terminated->started_at.empty());
}

std::vector<Condition> conditions_of(const json& object)
{
  std::vector<Condition> conditions;
  const auto& rows = at(object, "/status/conditions");
  if (!rows.is_array()) return conditions;
  for (const auto& row : rows)
    conditions.push_back({text_at(row, "/type"), text_at(row, "/status"), text_at(row, "/reason"),
                          text_at(row, "/message"), text_at(row, "/lastTransitionTime")});
  return conditions;
}

std::optional<Condition> condition_of(const json& object, std::string_view type)
{
  for (auto& condition : conditions_of(object))
    if (condition.type == type) return std::move(condition);
  return std::nullopt;
}

std::string pod_phase(const json& pod)
{
  return text_at(pod, "/status/phase");
}

bool has_ended(const json& pod)
{
  const auto phase = pod_phase(pod);
  return phase == "Succeeded" || phase == "Failed";
}

bool is_pod_ready(const json& pod)
{
  const auto ready = condition_of(pod, "Ready");
  return ready && ready->is_true();
}

bool is_being_deleted(const json& object)
{
  return !text_at(object, "/metadata/deletionTimestamp").empty();
}

std::string node_of(const json& pod)
{
  return text_at(pod, "/spec/nodeName");
}

std::vector<ContainerState> containers_of(const json& pod)
{
  std::vector<ContainerState> states;
  for (const bool is_init : {true, false}) {
    const auto& rows =
        at(pod, is_init ? "/status/initContainerStatuses" : "/status/containerStatuses");
    if (!rows.is_array()) continue;
    for (const auto& row : rows) states.push_back(state_of(row, is_init));
  }
  return states;
}

std::optional<ContainerState> container_of(const json& pod, std::string_view name)
{
  for (auto& state : containers_of(pod))
    if (state.name == name) return std::move(state);
  return std::nullopt;
}

std::string unschedulable_message(const json& pod)
{
  const auto scheduled = condition_of(pod, "PodScheduled");
  return scheduled && scheduled->status == "False" ? scheduled->message : "";
}

}  // namespace coroner::objects
