// SPDX-License-Identifier: Apache-2.0
// What a judge sees of its case, read from the evidence of the run.
#include "harness/engine/seen.h"

#include <algorithm>

#include "harness/base/text.h"
#include "harness/evidence/path.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using nlohmann::json;
using objects::text_at;

const json nothing;

/// "namespace/name" of a pod or of the object that an event is about.
std::string pod_key(const json& object, std::string_view space, std::string_view name)
{
  return text_at(object, space) + "/" + text_at(object, name);
}

/// The last warning that is more than "Error: ImagePullBackOff"; with the next step where an image
/// could not be had, which says nothing about GPUs.
std::string most_telling(const std::vector<std::string>& warnings)
{
  const auto found = std::find_if(warnings.rbegin(), warnings.rend(), [](const auto& warning) {
    return !warning.starts_with("Failed: Error: ") && !warning.starts_with("BackOff: ");
  });
  const auto& told = found == warnings.rend() ? warnings.back() : *found;
  if (told.find("pull") == std::string::npos) return told;
  return told +
         " (name an image that this node can have by --image, or import that of `coroner image`)";
}

}  // namespace

Seen::Seen(Parts parts) : parts_(parts), node_name_(text_at(*parts.task, "/node")) {}

const record::Node& Seen::node() const
{
  static const record::Node none;
  const auto found = std::find_if(parts_.nodes->begin(), parts_.nodes->end(),
                                  [this](const auto& node) { return node.name == node_name_; });
  return found == parts_.nodes->end() ? none : *found;
}

std::string Seen::expected(const std::string& name) const
{
  const auto& expectations = node().expectations;
  const auto found = expectations.find(name);
  return found == expectations.end() ? "" : found->second;
}

evidence::Answer Seen::fact(std::string_view name) const
{
  return parts_.facts->ask(name, {.node = node_name_, .pod = {}, .file = {}});
}

std::vector<const json*> Seen::objects(std::string_view kind) const
{
  std::vector<const json*> found;
  for (const auto& stored : parts_.observed->objects)
    if (objects::kind_of(stored.object) == kind) found.push_back(&stored.object);
  return found;
}

bool Seen::was_collected(std::string_view place) const
{
  return parts_.facts->was_collected(std::string(place), "");
}

const json& Seen::node_object() const
{
  for (const auto* node : objects("Node"))
    if (objects::name_of(*node) == node_name_) return *node;
  return nothing;
}

const json& Seen::payload_line(std::string_view kind, bool with_gpu) const
{
  const json* other = nullptr;
  for (const auto& line : parts_.observed->payload_lines) {
    if (line.scope.node != node_name_ || text_at(line.value, "/kind") != kind) continue;
    const bool is_gpu_pod = evidence::names_of(line.source).name.starts_with("smoke/");
    if (is_gpu_pod == with_gpu) return line.value;
    if (!with_gpu) other = &line.value;
  }
  return other == nullptr ? nothing : *other;
}

std::string Seen::not_run() const
{
  return text_at(*parts_.task, "/not_run");
}

const json& Seen::pod() const
{
  const auto wanted = text_at(*parts_.task, "/pod");
  if (wanted.empty()) return nothing;
  for (const auto* pod : objects("Pod"))
    if (pod_key(*pod, "/metadata/namespace", "/metadata/name") == wanted) return *pod;
  return nothing;
}

std::optional<objects::ContainerState> Seen::container() const
{
  return objects::container_of(pod(), parts_.definition->container);
}

std::vector<std::string> Seen::events() const
{
  const auto wanted = text_at(*parts_.task, "/pod");
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto* event : objects("Event")) {
    if (text_at(*event, "/type") != "Warning") continue;
    if (pod_key(*event, "/involvedObject/namespace", "/involvedObject/name") != wanted) continue;
    found.emplace_back(text_at(*event, "/lastTimestamp"),
                       text_at(*event, "/reason") + ": " + text_at(*event, "/message"));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> texts;
  for (auto& [when, text] : found) texts.push_back(std::move(text));
  return texts;
}

std::vector<json> Seen::lines() const
{
  const auto nonce = text_at(*parts_.task, "/nonce");
  std::vector<json> found;
  for (const auto& line : parts_.observed->payload_lines)
    if (!nonce.empty() && line.scope.node == node_name_ && text_at(line.value, "/nonce") == nonce)
      found.push_back(line.value);
  return found;
}

std::string Seen::trouble() const
{
  if (!not_run().empty()) return not_run();
  if (pod().is_null()) {
    for (const auto& answer : *parts_.answers)
      if (text_at(answer, "/question") == "create" &&
          text_at(answer, "/pod") == text_at(*parts_.task, "/pod"))
        return "the API server refused the pod: " + text_at(answer, "/message");
    return "the pod was never created";
  }
  const auto state = container();
  const auto warnings = events();
  if (state && state->terminated && state->has_started()) {
    const auto& end = *state->terminated;
    if (end.exit_code == 0) return "";
    return fmt::format("the container ended with {}{}", end.exit_code,
                       end.message.empty() ? "" : ": " + base::last_lines(end.message, 1));
  }
  if (state && state->terminated)
    return fmt::format("the container did not start: {}", state->terminated->message.empty()
                                                              ? state->terminated->reason
                                                              : state->terminated->message);
  if (const auto why = objects::unschedulable_message(pod()); !why.empty())
    return "the pod was not scheduled: " + why;
  if (!warnings.empty()) return "the container never ended: " + most_telling(warnings);
  if (state && !state->waiting_reason.empty() && state->waiting_reason != "PodInitializing")
    return "the container waits: " + state->waiting_reason +
           (state->waiting_message.empty() ? "" : ": " + state->waiting_message);
  if (const auto reason = text_at(pod(), "/status/message"); !reason.empty())
    return "the pod: " + reason;
  const auto phase = objects::pod_phase(pod());
  return fmt::format("the container never ended: the pod was still {}",
                     phase.empty() ? "without a phase" : phase);
}

const json& Seen::answer() const
{
  for (const auto& answer : *parts_.answers)
    if (text_at(answer, "/question") == "dry_run" &&
        text_at(answer, "/case") == parts_.definition->id)
      return answer;
  return nothing;
}

}  // namespace coroner::engine
