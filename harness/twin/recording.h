// SPDX-License-Identifier: Apache-2.0
// Recording: a bundle as an API server's answers: kinds, objects, logs, permissions, dry runs.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/evidence/reader.h"
#include "harness/objects/resource.h"

namespace coroner::twin {

/// More kinds than any cluster serves.
inline constexpr std::size_t most_kinds = 2000;

/// Key of the label on everything that a run makes (kube::Options::run_label).
inline constexpr const char* run_label = "coroner/run-id";

/// A kind of object, and what the bundle says of it as a whole.
struct Kind {
  objects::Resource resource;
  bool is_collected = false;  ///< All objects of it are in the bundle, even if that is none.
  bool is_mentioned = false;  ///< The bundle holds objects of it, or says whether it was read.
  std::string why_not;        ///< Why it was not collected, where the bundle tells.
};

struct RecordedObject {
  std::size_t kind = 0;  ///< Index in Recording::kinds.
  nlohmann::json object;
};

/// What the API said to a dry run, or to a create that it refused.
struct Admission {
  bool is_admitted = false;
  int code = 0;  ///< HTTP status [400, 599] of what was not admitted.
  std::string message;
};

/// Where the logs of one pod are, by container: first the last run's, then the one before.
using PodLogs = std::map<std::string, std::pair<std::string, std::string>>;

struct Recording {
  evidence::ClusterIdentity cluster;
  std::string run;
  std::vector<Kind> kinds;  ///< Known ones first, in the order of objects::known_resources().
  std::vector<RecordedObject> objects;
  std::map<std::pair<std::string, std::string>, PodLogs> logs;  ///< By namespace and pod.
  std::map<std::string, Admission> dry_runs;                    ///< By the object's name.
  std::map<std::string, Admission> refused_pods;                ///< By "namespace/name".
  /// The run that wrote the bundle, as manifest and plan call it, and the namespaces with its
  /// label: of what the run made, and of what is in those, the bundle holds all that the run saw.
  std::set<std::string> run_ids;
  std::set<std::string> run_spaces;
  /// By verb and resource ("pods", "pods/log").
  std::map<std::pair<std::string, std::string>, bool> permissions;
  std::size_t passed_over = 0;

  /// The kind that is served as `plural` at `api_version` ("apps/v1").
  std::optional<std::size_t> kind_of(std::string_view api_version, std::string_view plural) const;
};

/// Reads a bundle's objects and events. Each object has a uid and a resourceVersion afterwards,
/// made up from its path where it had none, and the namespace kube-system exists with the cluster's
/// uid. What does not belong where it stands is counted and passed over. ErrorKind::invalid for
/// what the reader refuses and for more than most_kinds.
base::Result<Recording> recording_of(const evidence::Reader& bundle);

}  // namespace coroner::twin
