// SPDX-License-Identifier: Apache-2.0
// Objects: a table of kinds, one list each, all at the same time.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <thread>

#include "harness/collect/collect.h"
#include "harness/objects/object.h"

namespace coroner::collect {
namespace {

using base::ErrorKind;
using base::Result;
using kube::Listing;
using nlohmann::json;

struct Kind {
  std::string_view api_version;
  std::string_view kind;
  Depth depth = Depth::record;
  bool is_optional = false;  ///< Served only where somebody installed it.
  std::vector<json> Snapshot::*list = nullptr;
};

const auto kinds = std::to_array<Kind>({
    {"v1", "Node", Depth::probe, false, &Snapshot::nodes},
    {"v1", "Pod", Depth::probe, false, &Snapshot::pods},
    {"apps/v1", "DaemonSet", Depth::probe, false, &Snapshot::daemon_sets},
    {"node.k8s.io/v1", "RuntimeClass", Depth::probe, false, &Snapshot::runtime_classes},
    {"v1", "Event"},
    {"apps/v1", "Deployment"},
    {"nvidia.com/v1", "ClusterPolicy", Depth::record, true},
    {"nvidia.com/v1alpha1", "NVIDIADriver", Depth::record, true},
    {"nfd.k8s-sigs.io/v1alpha1", "NodeFeature", Depth::record, true},
    {"nfd.k8s-sigs.io/v1alpha1", "NodeFeatureRule", Depth::record, true},
});

std::string place_of(const Kind& kind)
{
  return fmt::format("api/{}/{}", kind.api_version, kind.kind);
}

/// One list on its way.
struct Reading {
  const Kind* kind = nullptr;
  Result<Listing> listing = base::error(ErrorKind::internal, "not read");
};

std::vector<Reading> read_lists(kube::Cluster& cluster, Depth depth, const base::Deadline& deadline,
                                const std::stop_token& stop)
{
  std::vector<Reading> readings;
  for (const auto& kind : kinds)
    if (kind.depth == Depth::probe || depth == Depth::record) readings.push_back({.kind = &kind});
  std::vector<std::jthread> threads;
  threads.reserve(readings.size());
  for (auto& reading : readings)
    threads.emplace_back([&cluster, &deadline, &stop, &reading] {
      auto resource = objects::resource_for(reading.kind->api_version, reading.kind->kind);
      if (!resource)
        reading.listing = tl::unexpected(resource.error());
      else
        reading.listing = cluster.list({.resource = std::move(*resource)}, deadline, stop);
    });
  threads.clear();
  return readings;
}

bool means_no_cluster(ErrorKind kind)
{
  return kind == ErrorKind::unreachable || kind == ErrorKind::timed_out ||
         kind == ErrorKind::internal;
}

/// Why something is missing, with the rule that would give it.
std::string reason_of(const base::Error& error)
{
  return error.hint.empty() ? error.what : error.what + "; " + error.hint;
}

/// Marks `place` as not read and tells so.
Result<void> mark_missing(evidence::Writer& writer, Snapshot& snapshot, const std::string& place,
                          const std::string& reason)
{
  snapshot.missing.push_back(place + ": " + reason);
  return writer.not_collected(place, "", reason);
}

std::string time_of(const json& event)
{
  for (const auto* pointer : {"/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"}) {
    auto time = objects::text_at(event, pointer);
    if (!time.empty()) return time;
  }
  return {};
}

/// Keeps the newest `most_events`; whether some were left out.
bool cut_events(std::vector<json>& events)
{
  if (events.size() <= most_events) return false;
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& a, const auto& b) { return time_of(a) > time_of(b); });
  events.resize(most_events);
  return true;
}

Result<void> take(Reading& reading, evidence::Writer& writer, Snapshot& snapshot)
{
  const auto& kind = *reading.kind;
  const auto place = place_of(kind);
  if (!reading.listing) {
    const auto& failure = reading.listing.error();
    // A kind that is not served has no objects: that is an answer.
    if (kind.is_optional && failure.kind == ErrorKind::not_found) return writer.collected(place);
    return mark_missing(writer, snapshot, place, reason_of(failure));
  }
  auto& items = reading.listing->items;
  const auto all = items.size();
  const bool was_cut = kind.kind == "Event" && cut_events(items);
  TRY(writer.objects(items));
  if (was_cut)
    TRY(mark_missing(writer, snapshot, place,
                     fmt::format("only the newest {} of {} are kept", most_events, all)));
  else
    TRY(writer.collected(place));
  if (kind.list != nullptr) snapshot.*kind.list = std::move(items);
  return {};
}

/// Names of ConfigMaps that the volumes and variables of a pod's spec refer to.
void add_config_maps(const json& part, std::set<std::string>& names)
{
  if (!part.is_structured()) return;
  for (const auto& [key, member] : part.items()) {
    const bool refers = key == "configMap" || key == "configMapRef" || key == "configMapKeyRef";
    if (refers) names.insert(objects::text_at(member, "/name"));
    add_config_maps(member, names);
  }
}

/// One by one and by name: nobody else's configuration is read for them.
Result<void> take_config_maps(kube::Cluster& cluster, evidence::Writer& writer, Snapshot& snapshot,
                              const base::Deadline& deadline, const std::stop_token& stop)
{
  std::set<std::pair<std::string, std::string>> wanted;
  for (const auto& pod : snapshot.pods) {
    if (!objects::is_gpu_component(pod)) continue;
    std::set<std::string> names;
    add_config_maps(objects::at(pod, "/spec"), names);
    for (const auto& name : names)
      // Every namespace has this one, put there by Kubernetes itself (1.20).
      if (!name.empty() && name != "kube-root-ca.crt")
        wanted.emplace(objects::namespace_of(pod), name);
  }
  TRY_ASSIGN(resource, objects::resource_for("v1", "ConfigMap"));
  std::size_t count = 0;
  for (const auto& [space, name] : wanted) {
    if (++count > most_config_maps)
      return mark_missing(writer, snapshot, "api/v1/ConfigMap",
                          fmt::format("only {} of {} are read", most_config_maps, wanted.size()));
    const auto found = cluster.get({resource, space, name}, deadline, stop);
    if (found) {
      TRY(writer.object(*found));
    } else if (stop.stop_requested()) {
      return tl::unexpected(found.error());
    } else if (found.error().kind != ErrorKind::not_found) {
      TRY(mark_missing(writer, snapshot, "api/v1/ConfigMap", reason_of(found.error())));
      if (found.error().kind != ErrorKind::denied) return {};
    }
  }
  return {};
}

}  // namespace

Result<Snapshot> collect_objects(kube::Cluster& cluster, evidence::Writer& writer, Depth depth,
                                 const base::Deadline& deadline, const std::stop_token& stop)
{
  auto readings = read_lists(cluster, depth, deadline, stop);
  for (const auto& reading : readings) {
    const bool is_needed = reading.kind->depth == Depth::probe || stop.stop_requested();
    if (is_needed && !reading.listing && means_no_cluster(reading.listing.error().kind))
      return base::pass_on(reading.listing.error(), "while reading what the cluster says");
  }
  Snapshot snapshot;
  for (auto& reading : readings) TRY(take(reading, writer, snapshot));
  if (depth == Depth::record) TRY(take_config_maps(cluster, writer, snapshot, deadline, stop));
  return snapshot;
}

}  // namespace coroner::collect
