// SPDX-License-Identifier: Apache-2.0
// The bundle: the one format that is written live, read offline and replayed by the twin.
//
// A folder, or the same packed as .tar.zst:
//   manifest.json   {"schema":"coroner.bundle/1","run","created","tool","cluster":{"uid","server",
//                   "version"},"is_complete","redactions":{kind:count},
//                   "files":[{"path","bytes","sha256"}]}; files only once it is complete
//   events.ndjson   one event a line, in the order of observation, each flushed to disk:
//                   {"sequence","at","kind",["change"],["path"],["data"]}
//   objects/<api>/<kind>/<namespace>/<name>.json    last state of each object; api "apps_v1",
//                   namespace "_cluster" for those without
//   logs/<namespace>/<pod>/<container>[.previous].log
//   host/<node>/…   files of the node by their own path (host/n/etc/containerd/config.toml) and
//                   what commands said, by the names of host_places.h
//   pods/<node>/<case>.ndjson    what a payload printed
// Everything in it is redacted (redact.h); names are encoded as path.h says. A bundle of a killed
// run has no complete manifest, and perhaps half a last event: it still reads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::evidence {

inline constexpr std::string_view bundle_schema = "coroner.bundle/1";
inline constexpr std::string_view manifest_file = "manifest.json";
inline constexpr std::string_view events_file = "events.ndjson";

/// Largest single file of a bundle and largest bundle, both unpacked; larger logs are cut at the
/// front by whoever collects them.
inline constexpr std::size_t largest_bundle_file_bytes = 64U << 20U;
inline constexpr std::size_t largest_bundle_bytes = 512U << 20U;
inline constexpr std::size_t most_bundle_files = 50'000;

/// Which cluster was looked at.
struct ClusterIdentity {
  std::string uid;      ///< Of the namespace kube-system.
  std::string server;   ///< URL of the API.
  std::string version;  ///< "v1.34.1"
};

struct FileEntry {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct Manifest {
  std::string run;      ///< Identity of the run that wrote it.
  std::string created;  ///< RFC 3339.
  std::string tool;     ///< Version of coroner.
  ClusterIdentity cluster;
  bool is_complete = false;
  std::map<std::string, std::size_t> redactions;
  std::vector<FileEntry> files;
};

nlohmann::json to_json(const Manifest& manifest);
/// ErrorKind::invalid for another schema and for missing or wrong fields.
base::Result<Manifest> manifest_from(const nlohmann::json& value);

/// What an event tells.
enum class EventKind {
  object,         ///< data: the object; change: ADDED, MODIFIED, DELETED as a watch says.
  log,            ///< path: the log as a whole.
  host_file,      ///< path: a file or the output of a command of a node.
  pod_result,     ///< path: what a payload printed.
  collected,      ///< data: {"place","node"}: all of that place is in the bundle.
  not_collected,  ///< data: {"place","node","reason"}.
  verdict,        ///< data: as the record has it.
  plan,           ///< data: what a run will do (engine/plan.h); once, before anything is touched.
  answer,         ///< data: what the API said to a question that makes no object (a dry run).
  note,           ///< data: {"text"}.
};

std::string_view word(EventKind kind);

struct Event {
  std::uint64_t sequence = 0;  ///< From 1, without gaps.
  std::string at;              ///< RFC 3339 with milliseconds.
  EventKind kind = EventKind::note;
  std::string change;
  std::string path;
  nlohmann::json data;
};

nlohmann::json to_json(const Event& event);
/// ErrorKind::invalid for unknown kinds, paths that no bundle has and missing fields.
base::Result<Event> event_from(const nlohmann::json& value);

}  // namespace coroner::evidence
