// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/pod_run.h"

#include <algorithm>
#include <array>
#include <set>

#include "harness/base/text.h"
#include "harness/engine/parallel.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"

namespace coroner::engine {
namespace {

using base::Result;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

/// How long one wait for the watch is, so that a pod without news is looked at too.
constexpr std::chrono::milliseconds tick{1500};

/// Reasons of a waiting container after which it does not start by itself in useful time.
/// kubelet v1.34: pkg/kubelet/images/types.go, pkg/kubelet/kuberuntime/kuberuntime_container.go.
constexpr auto hopeless_reasons = std::to_array<std::string_view>({
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
});

std::string key_of(const json& object)
{
  return objects::namespace_of(object) + "/" + objects::name_of(object);
}

bool has_any_started(const json& pod)
{
  const auto containers = objects::containers_of(pod);
  return std::any_of(containers.begin(), containers.end(),
                     [](const auto& each) { return each.has_started(); });
}

/// Whether no line of `text` that is a payload's says that it failed, and there is one.
bool says_ok(const std::string& text)
{
  bool has_line = false;
  for (const auto& line : base::split(text, '\n')) {
    const auto value = json::parse(line, nullptr, false);
    if (!value.is_object() || !value.contains("nonce")) continue;
    has_line = true;
    if (!objects::flag_at(value, "/ok", false)) return false;
  }
  return has_line;
}

}  // namespace

PodRun::PodRun(kube::Cluster& cluster, evidence::Writer& writer, std::string space,
               std::string labels)
    : cluster_(cluster),
      writer_(writer),
      space_(std::move(space)),
      watch_(cluster.watch({.resource = *objects::resource_for("v1", "Pod"),
                            .space = space_,
                            .labels = std::move(labels),
                            .fields = ""}))
{}

bool PodRun::is_good(const std::string& key) const
{
  const auto found = states_.find(key);
  return found != states_.end() && found->second.is_good;
}

Result<void> PodRun::follow(std::vector<FollowedPod> pods,
                            const std::function<void(const FollowedPod&)>& ended,
                            const base::Deadline& deadline, const std::stop_token& stop)
{
  std::vector<std::string> waiting;
  for (auto& pod : pods) {
    const auto key = pod.key;
    waiting.push_back(key);
    auto& state = states_[key];
    state.pod = std::move(pod);
    state.begun = Clock::now();
  }
  events_read_ = Clock::now();
  const auto is_waiting = [&] {
    return std::any_of(waiting.begin(), waiting.end(),
                       [&](const auto& key) { return !states_.at(key).is_over; });
  };
  while (is_waiting() && !deadline.has_passed() && !stop.stop_requested()) {
    TRY_ASSIGN(event, watch_->next(deadline.at_most(tick), stop));
    if (event) TRY(take(*event, ended, deadline, stop));
    TRY(look_for_trouble(deadline, stop));
  }
  const bool are_good = std::all_of(waiting.begin(), waiting.end(),
                                    [&](const auto& key) { return states_.at(key).is_good; });
  if (!are_good && !stop.stop_requested()) TRY(read_events(base::Deadline::in(tick * 4), stop));
  return {};
}

Result<void> PodRun::take(const kube::WatchEvent& event,
                          const std::function<void(const FollowedPod&)>& ended,
                          const base::Deadline& deadline, const std::stop_token& stop)
{
  constexpr std::array<std::string_view, 3> words = {"ADDED", "MODIFIED", "DELETED"};
  const auto found = states_.find(key_of(event.object));
  if (found == states_.end() || found->second.is_over) return {};
  auto& state = found->second;
  TRY(writer_.object(event.object, words.at(static_cast<std::size_t>(event.type))));
  if (event.type == kube::WatchEventType::deleted) {
    state.is_over = true;
    return {};
  }
  state.object = event.object;
  if (!objects::has_ended(event.object)) return {};
  state.is_over = true;
  TRY(read_logs(state, deadline, stop));
  ended(state.pod);
  return {};
}

Result<void> PodRun::read_logs(State& state, const base::Deadline& deadline,
                               const std::stop_token& stop)
{
  const auto space = objects::namespace_of(state.object);
  const auto name = objects::name_of(state.object);
  std::vector<std::string> names;
  for (const auto& container : objects::containers_of(state.object))
    if (container.has_started()) names.push_back(container.name);
  std::vector<std::string> texts(names.size());
  std::vector<Action> reads;
  for (std::size_t i = 0; i < names.size(); ++i)
    reads.emplace_back([&, i]() -> Result<void> {
      auto log = cluster_.logs({.space = space,
                                .pod = name,
                                .container = names[i],
                                .tail_lines = {},
                                .since = "",
                                .limit_bytes = largest_pod_log_bytes},
                               deadline, stop);
      if (!log)
        return writer_.not_collected("logs/" + space + "/" + name + "/" + names[i], state.pod.node,
                                     log.error().what);
      texts[i] = std::move(log->text);
      return writer_.log({.name_space = space, .pod = name, .container = names[i]}, texts[i]);
    });
  TRY(in_parallel(reads));
  bool is_good = objects::pod_phase(state.object) == "Succeeded";
  for (std::size_t i = 0; i < names.size(); ++i) {
    is_good = is_good && says_ok(texts[i]);
    const auto owner = state.pod.case_of.find(names[i]);
    if (owner != state.pod.case_of.end())
      TRY(writer_.pod_result(state.pod.node, owner->second, texts[i]));
  }
  state.is_good = is_good;
  return {};
}

Result<void> PodRun::look_for_trouble(const base::Deadline& deadline, const std::stop_token& stop)
{
  const auto now = Clock::now();
  const bool is_slow = std::any_of(states_.begin(), states_.end(), [&](const auto& entry) {
    return !entry.second.is_over && now - entry.second.begun > first_look_at_events &&
           !has_any_started(entry.second.object);
  });
  if (is_slow && now - events_read_ > first_look_at_events) TRY(read_events(deadline, stop));
  for (auto& [key, state] : states_) {
    if (state.is_over || !is_hopeless(state, now)) continue;
    state.is_over = true;
    // What its containers have said until now may be the evidence.
    if (state.object.is_object()) TRY(read_logs(state, deadline, stop));
    state.is_good = false;
  }
  return {};
}

Result<void> PodRun::read_events(const base::Deadline& deadline, const std::stop_token& stop)
{
  events_read_ = Clock::now();
  std::set<std::string> spaces;
  for (const auto& [key, state] : states_) spaces.insert(key.substr(0, key.find('/')));
  for (const auto& space : spaces) {
    const auto listed = cluster_.list({.resource = *objects::resource_for("v1", "Event"),
                                       .space = space,
                                       .labels = "",
                                       .fields = "type=Warning"},
                                      deadline, stop);
    if (!listed) {
      TRY(writer_.not_collected("api/v1/Event", "", listed.error().what));
      continue;
    }
    TRY(writer_.objects(listed->items));
    for (const auto& event : listed->items)
      warnings_[objects::text_at(event, "/involvedObject/namespace") + "/" +
                objects::text_at(event, "/involvedObject/name")]
          .push_back(objects::text_at(event, "/reason"));
  }
  return {};
}

bool PodRun::is_hopeless(const State& state, Clock::time_point now) const
{
  const auto age = now - state.begun;
  if (age > state.pod.timeout) return true;
  for (const auto& container : objects::containers_of(state.object))
    if (std::find(hopeless_reasons.begin(), hopeless_reasons.end(), container.waiting_reason) !=
        hopeless_reasons.end())
      return true;
  if (has_any_started(state.object)) return false;
  if (warnings_.contains(state.pod.key) && age > patience_with_warnings) return true;
  const bool is_pulling = !objects::containers_of(state.object).empty();
  return !is_pulling && age > patience_with_silence;
}

}  // namespace coroner::engine
