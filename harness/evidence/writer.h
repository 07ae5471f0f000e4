// SPDX-License-Identifier: Apache-2.0
// Writer: what is observed goes redacted to disk, in order, and survives a kill at any moment.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/evidence/bundle.h"
#include "harness/evidence/path.h"
#include "harness/evidence/redact.h"

namespace coroner::evidence {

/// Longest line of events.ndjson: an object of etcd's limit (1.5 MiB) fits with room to spare.
inline constexpr std::size_t largest_event_bytes = 8U << 20U;

/// Writes one bundle. Only ever adds: an event that a call has returned for is on disk, and no
/// later call changes it. Calls may come from several threads. At most one writer has a bundle
/// open, whatever process it is in; the kernel lets go of the lock when that process dies.
class Writer {
 public:
  /// Begins a bundle in `folder`, which is made. `manifest` gives run, tool and cluster.
  /// ErrorKind::invalid when `folder` holds anything, denied when another writer has it.
  static base::Result<Writer> create(const std::filesystem::path& folder, Manifest manifest);

  /// Goes on with a bundle whose writer died; a half-written last event is cut off.
  /// ErrorKind::denied when a writer has it, invalid when it is complete or no bundle.
  static base::Result<Writer> resume(const std::filesystem::path& folder);

  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  /// An object as a watch gives it: `change` is ADDED, MODIFIED or DELETED. The file keeps its
  /// last state, also of what was deleted. A Secret is counted and left out.
  base::Result<void> object(const nlohmann::json& object, std::string_view change = "ADDED");

  /// The objects of one answer, flushed together.
  base::Result<void> objects(std::span<const nlohmann::json> objects);

  /// A container's log as a whole; replaces what was read of it before.
  base::Result<void> log(const LogName& name, std::string_view text);

  /// A file of a node by its absolute path, or a name of host_places.h.
  base::Result<void> host_file(std::string_view node, std::string_view place,
                               std::string_view content);

  /// What the payload of a case printed on a node, one JSON object a line.
  base::Result<void> pod_result(std::string_view node, std::string_view case_id,
                                std::string_view lines);

  /// All of `place` is in the bundle, even if that is nothing: "api/v1/Node",
  /// "host/etc/containerd/config.toml". `node` is "" for what belongs to the cluster. Without it
  /// nothing in that place counts as absent.
  base::Result<void> collected(std::string_view place, std::string_view node = {});

  /// `place` could not be read, and why.
  base::Result<void> not_collected(std::string_view place, std::string_view node,
                                   std::string_view reason);

  base::Result<void> verdict(const nlohmann::json& verdict);

  /// What the run will do, as engine/plan.h writes it.
  base::Result<void> plan(const nlohmann::json& plan);

  /// What the API answered to a question that makes no object.
  base::Result<void> answer(const nlohmann::json& answer);

  base::Result<void> note(std::string_view text);

  /// Hashes every file into the manifest and marks the bundle complete; the last call.
  base::Result<Manifest> finish();

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace coroner::evidence
