// SPDX-License-Identifier: Apache-2.0
// Reading and deleting what was recorded.
#include "harness/twin/replay.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/evidence/json_text.h"
#include "harness/objects/object.h"
#include "harness/twin/discovery.h"
#include "harness/twin/feed.h"
#include "harness/twin/logs.h"

namespace coroner::twin {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;
using Place = Route::Place;

constexpr std::array health_paths = {"/healthz", "/livez", "/readyz"};

/// Empty for "".
Result<std::optional<std::uint64_t>> count_of(const std::string& name, const std::string& text)
{
  if (text.empty()) return std::nullopt;
  const auto number = version_number(text);
  if (!number)
    return base::error(ErrorKind::invalid, "{} must be a whole number, not '{}'", name,
                       base::printable(text));
  return number;
}

Answer bad_request(const base::Error& error)
{
  return failure(400, error.what);
}

bool is_true(const std::string& flag)
{
  return flag == "true" || flag == "1";
}

std::size_t namespaces_in(const Recording& recording)
{
  return recording.kind_of("v1", "namespaces").value_or(recording.kinds.size());
}

}  // namespace

Replay::Replay(Recording recording, const evidence::Reader& bundle)
    : recording_(std::move(recording)),
      bundle_(bundle),
      store_(std::exchange(recording_.objects, {}), namespaces_in(recording_))
{}

std::string Replay::Call::parameter(const std::string& name) const
{
  const auto found = request.parameters.find(name);
  return found == request.parameters.end() ? std::string() : found->second;
}

Answer Replay::answer(const Request& request)
{
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (is_get && request.path == "/version") return version_answer(recording_.cluster);
  if (is_get &&
      std::find(health_paths.begin(), health_paths.end(), request.path) != health_paths.end())
    return text_answer("ok");
  const auto route = route_of(request.path);
  if (route.place == Place::other) return not_served();
  if (route.place != Place::collection && route.place != Place::object)
    return is_get ? discover(recording_, route) : not_served();
  const auto kind = recording_.kind_of(route.api_version, route.plural);
  if (!kind) return not_served();
  return dispatch({request, route, *kind, {route.group, route.plural, route.name}});
}

Answer Replay::dispatch(const Call& call)
{
  const auto& method = call.request.method;
  const bool is_collection = call.route.place == Place::collection;
  const bool has_subresource = !call.route.subresource.empty();
  if (method == "GET" || method == "HEAD") return read(call);
  if (method == "POST" && is_collection) return create(call);
  if (method == "DELETE" && !has_subresource)
    return is_collection ? remove_collection(call) : remove(call);
  return unrecorded(501,
                    fmt::format("the twin replays what was recorded, and {} of {} was not", method,
                                call.route.plural),
                    call.about);
}

Answer Replay::read(const Call& call)
{
  if (call.route.place == Place::collection) return list(call);
  if (call.route.subresource.empty()) return get(call);
  if (call.route.subresource == "log" && call.route.plural == "pods") return log(call);
  return unrecorded(403, call.route.plural + "/" + call.route.subresource, call.about);
}

Answer Replay::not_collected(const Call& call) const
{
  const auto& kind = recording_.kinds[call.kind];
  const auto why = kind.why_not.empty() ? "" : ": " + kind.why_not;
  auto answer = unrecorded(
      403, fmt::format("the bundle does not say that it holds all {}{}", call.route.plural, why),
      call.about);
  answer.is_unrecorded = kind.why_not.empty();
  return answer;
}

Answer Replay::get(const Call& call)
{
  const auto& route = call.route;
  const auto found = store_.get(call.kind, route.space, route.name);
  if (found) return json_answer(200, *found);
  const bool is_absent = recording_.kinds[call.kind].is_collected ||
                         recording_.run_spaces.contains(route.space) ||
                         store_.was_deleted(call.kind, route.space, route.name);
  return is_absent ? missing(call.about) : not_collected(call);
}

Result<Selection> Replay::selection_of(const Call& call) const
{
  TRY_ASSIGN(selector,
             Selector::parse(call.parameter("labelSelector"), call.parameter("fieldSelector")));
  return Selection{call.kind, call.route.space, std::move(selector)};
}

/// Whether the bundle holds all that was to be seen of a selection.
bool Replay::is_complete(const Selection& selection) const
{
  return recording_.kinds[selection.kind].is_collected ||
         recording_.run_spaces.contains(selection.space) ||
         selection.selector.demands(run_label, recording_.run_ids);
}

Answer Replay::list(const Call& call)
{
  auto selection = selection_of(call);
  if (!selection) return bad_request(selection.error());
  if (!is_complete(*selection)) return not_collected(call);
  if (is_true(call.parameter("watch"))) return watch(call, std::move(*selection));
  const auto limit = count_of("limit", call.parameter("limit"));
  if (!limit) return bad_request(limit.error());
  auto page = store_.list(*selection, limit->value_or(0), call.parameter("continue"));
  const auto& resource = recording_.kinds[call.kind].resource;
  json list = {{"kind", resource.kind + "List"},
               {"apiVersion", resource.api_version},
               {"metadata", {{"resourceVersion", std::to_string(page.version)}}}};
  if (!page.next.empty()) list["metadata"]["continue"] = page.next;
  list["items"] = std::move(page.items);
  return json_answer(200, list);
}

Answer Replay::watch(const Call& call, Selection selection)
{
  const auto since = count_of("resourceVersion", call.parameter("resourceVersion"));
  if (!since) return bad_request(since.error());
  const auto seconds = count_of("timeoutSeconds", call.parameter("timeoutSeconds"));
  if (!seconds) return bad_request(seconds.error());
  WatchOrder order{.selection = std::move(selection),
                   .resource = recording_.kinds[call.kind].resource,
                   .wants_bookmarks = is_true(call.parameter("allowWatchBookmarks"))};
  // As the API server does, 0 means "whatever there is", not "everything since the beginning".
  if (since->value_or(0) != 0) order.since = *since;
  if (seconds->value_or(0) != 0)
    order.length = std::chrono::seconds{
        std::min<std::uint64_t>(**seconds, static_cast<std::uint64_t>(longest_watch.count()))};
  if (++watches_ > most_watches) {
    --watches_;
    auto answer = failure(429, fmt::format("more than {} watches are open", most_watches));
    answer.retry_after_seconds = 1;
    return answer;
  }
  Answer answer;
  answer.content_type = "application/json;stream=watch";
  answer.feed = std::shared_ptr<Feed>(new Feed(store_, std::move(order)), [this](Feed* feed) {
    delete feed;
    --watches_;
  });
  return answer;
}

Answer Replay::log(const Call& call)
{
  const auto& route = call.route;
  const auto pods = call.kind;
  if (store_.was_deleted(pods, route.space, route.name)) return missing(call.about);
  const auto tail = count_of("tailLines", call.parameter("tailLines"));
  if (!tail) return bad_request(tail.error());
  const auto limit = count_of("limitBytes", call.parameter("limitBytes"));
  if (!limit) return bad_request(limit.error());
  const std::scoped_lock lock(logs_mutex_);
  return log_answer(recording_, bundle_,
                    {.space = route.space,
                     .pod = route.name,
                     .container = call.parameter("container"),
                     .is_previous = is_true(call.parameter("previous")),
                     .tail_lines = *tail,
                     .limit_bytes = *limit});
}

Answer Replay::remove(const Call& call)
{
  const auto& route = call.route;
  const auto found = store_.get(call.kind, route.space, route.name);
  if (!found) return missing(call.about);
  std::string uid;
  if (!call.request.body.empty()) {
    const auto options = evidence::parse_json(call.request.body);
    if (!options) return bad_request(options.error());
    uid = objects::text_at(*options, "/preconditions/uid");
    const auto& dry_run = objects::at(*options, "/dryRun");
    if (dry_run.is_array() && !dry_run.empty()) return success(call.about, "");
  }
  if (!call.parameter("dryRun").empty()) return success(call.about, "");
  switch (store_.remove(call.kind, route.space, route.name, uid)) {
    case Removed::yes:
      return success(call.about, objects::uid_of(*found));
    case Removed::other_uid:
      return failure(409,
                     base::printable(fmt::format("the UID in the precondition ({}) is not that of "
                                                 "the object ({})",
                                                 uid, objects::uid_of(*found))),
                     call.about, "Conflict");
    case Removed::missing:
      break;
  }
  return missing(call.about);
}

Answer Replay::remove_collection(const Call& call)
{
  const auto selection = selection_of(call);
  if (!selection) return bad_request(selection.error());
  if (!is_complete(*selection)) return not_collected(call);
  if (call.parameter("dryRun").empty()) store_.remove_all(*selection);
  return success(call.about, "");
}

}  // namespace coroner::twin
