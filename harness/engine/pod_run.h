// SPDX-License-Identifier: Apache-2.0
// PodRun: pods that were created, followed through one watch until each has ended or never will.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/evidence/writer.h"
#include "harness/kube/cluster.h"

namespace coroner::engine {

/// Bounds of what is read of one container, and how long a pod that does not start is waited for.
inline constexpr std::size_t largest_pod_log_bytes = 1U << 20U;
inline constexpr std::chrono::seconds first_look_at_events{4};
inline constexpr std::chrono::seconds patience_with_warnings{12};
inline constexpr std::chrono::seconds patience_with_silence{45};

/// A pod to follow.
struct FollowedPod {
  std::string key;  ///< "namespace/name"
  std::string node;
  std::map<std::string, std::string> case_of;  ///< Container -> the case that owns its result.
  std::chrono::seconds timeout{120};           ///< From its creation.
};

/// Follows pods and writes every state, each log and the results of payloads into the bundle.
class PodRun {
 public:
  /// `space` is where the watch looks ("" in all namespaces), `labels` its selector.
  PodRun(kube::Cluster& cluster, evidence::Writer& writer, std::string space, std::string labels);

  /// Returns when every pod has ended, was given up, or `deadline` or `stop` came. Pods that end
  /// are told through `ended`. Errors: the watch is refused, or the bundle cannot be written.
  base::Result<void> follow(std::vector<FollowedPod> pods,
                            const std::function<void(const FollowedPod&)>& ended,
                            const base::Deadline& deadline, const std::stop_token& stop);

  /// Whether a pod succeeded and every line that its payloads printed says ok.
  bool is_good(const std::string& key) const;

 private:
  struct State {
    FollowedPod pod;
    nlohmann::json object;
    std::chrono::steady_clock::time_point begun;
    bool is_over = false;
    bool is_good = false;
  };

  base::Result<void> take(const kube::WatchEvent& event,
                          const std::function<void(const FollowedPod&)>& ended,
                          const base::Deadline& deadline, const std::stop_token& stop);
  base::Result<void> read_logs(State& state, const base::Deadline& deadline,
                               const std::stop_token& stop);
  base::Result<void> look_for_trouble(const base::Deadline& deadline, const std::stop_token& stop);
  base::Result<void> read_events(const base::Deadline& deadline, const std::stop_token& stop);
  bool is_hopeless(const State& state, std::chrono::steady_clock::time_point now) const;

  kube::Cluster& cluster_;
  evidence::Writer& writer_;
  std::string space_;
  std::unique_ptr<kube::Watch> watch_;
  std::map<std::string, State> states_;
  std::map<std::string, std::vector<std::string>> warnings_;  ///< Pod -> reasons of its events.
  std::chrono::steady_clock::time_point events_read_;
};

}  // namespace coroner::engine
