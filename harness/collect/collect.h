// SPDX-License-Identifier: Apache-2.0
// Collect: what a cluster says of its GPU stack, read without changing anything, into a bundle.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/evidence/writer.h"
#include "harness/kube/cluster.h"
#include "harness/objects/component.h"

namespace coroner::collect {

/// Most logs that one run reads, and most Events that it keeps (the newest).
inline constexpr std::size_t most_logs = 60;
inline constexpr std::size_t most_events = 5'000;
/// Most ConfigMaps of GPU components that are read.
inline constexpr std::size_t most_config_maps = 40;

/// What was read, for who plans with it. Each list is the cluster's at about the same time.
struct Snapshot {
  std::vector<nlohmann::json> nodes;
  std::vector<nlohmann::json> pods;  ///< Of all namespaces, where that is allowed.
  std::vector<nlohmann::json> daemon_sets;
  std::vector<nlohmann::json> runtime_classes;
  /// What could not be read and why, in words that name the missing RBAC rule:
  /// "api/v1/Pod: …". Everything else is in the lists even where it is nothing.
  std::vector<std::string> missing;
};

/// How much is read: a probe needs the first, `coroner record` takes everything.
enum class Depth {
  probe,   ///< Nodes, Pods, DaemonSets, RuntimeClasses: one list each.
  record,  ///< Also Events, Deployments, ConfigMaps of GPU components, ClusterPolicy, NodeFeature
           ///< and NodeFeatureRule, NVIDIADriver, where the cluster serves them.
};

/// Reads the lists (at the same time, within the client's own rate) and writes objects and
/// `collected` / `not_collected` marks. What the account may not read is marked and named, never
/// an error. An error only where the cluster cannot be reached or the bundle not be written:
/// unreachable or timed_out (also on `stop`), as one of the four lists of Depth::probe fails.
base::Result<Snapshot> collect_objects(kube::Cluster& cluster, evidence::Writer& writer,
                                       Depth depth, const base::Deadline& deadline,
                                       const std::stop_token& stop);

/// Whether `pod` belongs to the GPU stack: NVIDIA's device plugin, feature discovery, toolkit,
/// driver, validator, operator, DCGM, node feature discovery; by image and command, never by the
/// name that somebody gave it. Whether a container runs the device plugin itself.
using objects::is_device_plugin;
using objects::is_gpu_component;

/// The logs of all containers of those pods, at most `limit_bytes` of each from its end, and the
/// previous run's where a container was restarted; at most most_logs, those of containers in
/// trouble first. One that cannot be read, or is beyond that, is marked as not collected by its
/// path in the bundle. ErrorKind::timed_out on `stop` alone; a deadline leaves marks.
base::Result<void> collect_logs(kube::Cluster& cluster, evidence::Writer& writer,
                                const std::vector<nlohmann::json>& pods, std::size_t limit_bytes,
                                const base::Deadline& deadline, const std::stop_token& stop);

}  // namespace coroner::collect
