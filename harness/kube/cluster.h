// SPDX-License-Identifier: Apache-2.0
// Cluster: the seam between this project and a Kubernetes API server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/objects/resource.h"

namespace coroner::kube {

/// One object.
struct Target {
  objects::Resource resource;
  std::string space;  ///< Namespace; ignored for cluster-scoped kinds.
  std::string name;
};

/// Objects of one kind; "" where nothing is restricted.
struct Query {
  objects::Resource resource;
  std::string space;   ///< "": all namespaces.
  std::string labels;  ///< Label selector, "a=b,c"
  std::string fields;  ///< Field selector, "spec.nodeName=one"
};

/// A whole list at one version.
struct Listing {
  std::vector<nlohmann::json> items;  ///< With apiVersion and kind, which lists leave out.
  std::string resource_version;
  bool was_restarted = false;  ///< A page had gone (410): the list was begun again.
};

struct CreateOptions {
  bool is_dry_run = false;  ///< Admission runs, nothing is stored.
};

enum class PatchType { merge, strategic, apply };

struct Patch {
  PatchType type = PatchType::merge;
  nlohmann::json body;
  std::string subresource;  ///< "", "status", "scale"
  bool is_forced = false;   ///< Server-side apply: take fields over from other managers.
  bool is_dry_run = false;
};

struct Removal {
  std::string propagation = "Background";  ///< "Foreground", "Orphan"
  std::optional<int> grace_seconds;
  std::string uid;  ///< When given, only an object with this uid is deleted (else invalid).
};

struct LogQuery {
  std::string space;
  std::string pod;
  std::string container;
  bool is_previous = false;
  bool has_timestamps = false;
  std::optional<std::int64_t> tail_lines;
  std::string since;  ///< RFC 3339; "" from the start.
  std::size_t limit_bytes = 4U << 20U;
  std::size_t line_bytes = 64U << 10U;  ///< Longer lines are cut and marked.
};

struct LogText {
  std::string text;      ///< Raw bytes of a stranger: not safe for a terminal.
  bool was_cut = false;  ///< limit_bytes was reached.
};

/// May I? The question of a SelfSubjectAccessReview.
struct Action {
  std::string verb;  ///< "get", "create", …
  std::string group;
  std::string plural;
  std::string subresource;
  std::string space;  ///< "": all namespaces, or cluster-scoped.
  std::string name;
};

struct Allowance {
  bool is_allowed = false;
  std::string reason;
};

struct RawAnswer {
  int status = 0;
  std::string body;
};

/// What pins a cluster: the same server URL may lead to another one tomorrow.
struct Identity {
  std::string uid;  ///< Of the namespace kube-system; "" when it may not be read.
  std::string server;
  std::string version;  ///< "v1.34.1"
};

/// What talking to the server took, for the report.
struct Statistics {
  std::uint64_t requests = 0;                      ///< Sent, repeats included.
  std::uint64_t repeats = 0;                       ///< After 5xx, resets and refusals.
  std::uint64_t throttles = 0;                     ///< Answers 429.
  std::uint64_t read_backs = 0;                    ///< Creates whose first try had arrived.
  std::optional<std::chrono::seconds> clock_skew;  ///< Server less ours.
};

enum class WatchEventType { added, modified, deleted };

struct WatchEvent {
  WatchEventType type = WatchEventType::added;
  /// Of a deleted one at least apiVersion, kind, name, namespace, uid, resourceVersion and labels.
  nlohmann::json object;
};

/// Changes to the objects of one query, from their first listing on. Idempotent by uid and
/// resourceVersion: each state of an object is told once, however often the server repeats it.
/// Each added object was not there before, each deleted one was. Must not outlive its Cluster.
class Watch {
 public:
  virtual ~Watch() = default;

  /// The next change; empty at the deadline or on stop. Lost connections, ended watches and
  /// compaction are survived inside, and a server that went away after the first listing is waited
  /// for: unreachable at the deadline when it is still away. ErrorKind::denied, not_found or
  /// invalid where the server refuses the query for good. A deadline shorter than one answer
  /// takes makes no progress.
  virtual base::Result<std::optional<WatchEvent>> next(const base::Deadline& deadline,
                                                       const std::stop_token& stop) = 0;
};

/// All calls are blocking and thread-safe. Common errors: denied (401, 403: the hint names the
/// missing RBAC rule), not_found (404), invalid (400, 409, 422: the server's words), unreachable
/// (no connection, TLS, 429 and 5xx beyond all repeats), timed_out (deadline or stop).
class Cluster {
 public:
  virtual ~Cluster() = default;

  virtual base::Result<nlohmann::json> get(const Target& target, const base::Deadline& deadline,
                                           const std::stop_token& stop) = 0;

  virtual base::Result<Listing> list(const Query& query, const base::Deadline& deadline,
                                     const std::stop_token& stop) = 0;

  /// Creates `object`, which has a metadata.name (reviews need none), and gives back what is
  /// stored. An object of this name that carries the same value of the run label is taken as the
  /// result of an earlier try and given back; any other is ErrorKind::invalid "already exists".
  virtual base::Result<nlohmann::json> create(const nlohmann::json& object,
                                              const CreateOptions& options,
                                              const base::Deadline& deadline,
                                              const std::stop_token& stop) = 0;

  /// Replaces the object of this name; invalid (409) when its resourceVersion is outdated.
  virtual base::Result<nlohmann::json> replace(const nlohmann::json& object,
                                               const base::Deadline& deadline,
                                               const std::stop_token& stop) = 0;

  virtual base::Result<nlohmann::json> patch(const Target& target, const Patch& patch,
                                             const base::Deadline& deadline,
                                             const std::stop_token& stop) = 0;

  /// True when it was there; deletion may still be going on. A missing object is no error.
  virtual base::Result<bool> remove(const Target& target, const Removal& removal,
                                    const base::Deadline& deadline,
                                    const std::stop_token& stop) = 0;

  virtual base::Result<LogText> logs(const LogQuery& query, const base::Deadline& deadline,
                                     const std::stop_token& stop) = 0;

  /// Never waits: the first next() connects.
  virtual std::unique_ptr<Watch> watch(const Query& query) = 0;

  virtual base::Result<Allowance> access_review(const Action& action,
                                                const base::Deadline& deadline,
                                                const std::stop_token& stop) = 0;

  /// GET of any path ("/version", "/readyz"); every status that is no redirect is an answer.
  virtual base::Result<RawAnswer> raw(const std::string& path, const base::Deadline& deadline,
                                      const std::stop_token& stop) = 0;

  virtual base::Result<Identity> identity(const base::Deadline& deadline,
                                          const std::stop_token& stop) = 0;

  /// The kind's resource: from the table, else by asking the server once.
  virtual base::Result<objects::Resource> resource_for(const std::string& api_version,
                                                       const std::string& kind,
                                                       const base::Deadline& deadline,
                                                       const std::stop_token& stop) = 0;

  virtual Statistics statistics() const = 0;
};

/// Server-side apply of a whole object, fields of other managers taken over: what
/// `kubectl apply --server-side --force-conflicts` does. `space` serves objects without a
/// namespace of their own.
base::Result<nlohmann::json> apply(Cluster& cluster, const nlohmann::json& object,
                                   const std::string& space, const base::Deadline& deadline,
                                   const std::stop_token& stop);

/// The target that `object` names; its own namespace, else `space`.
base::Result<Target> target_of(Cluster& cluster, const nlohmann::json& object,
                               const std::string& space, const base::Deadline& deadline,
                               const std::stop_token& stop);

}  // namespace coroner::kube
