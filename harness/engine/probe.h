// SPDX-License-Identifier: Apache-2.0
// Probe: one run against a cluster, from the plan to clean-up, written into a bundle as it happens.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/engine/plan.h"
#include "harness/evidence/writer.h"
#include "harness/kube/cluster.h"
#include "harness/record/record.h"

namespace coroner::engine {

/// What is told while a run goes on; called from the run's own threads.
struct Listener {
  std::function<void(const std::string& phase)> phase = [](const auto&) {};
  std::function<void(const std::string& case_id, const std::string& node)> begun =
      [](const auto&, const auto&) {};
  /// What the run came to, while it is still being cleaned up: leftovers are not yet known.
  std::function<void(const record::Record& record)> judged = [](const auto&) {};
};

/// What came of the clean-up.
struct CleanUp {
  std::vector<std::string> leftovers;  ///< "Pod namespace/name" that are still there.
};

/// Decides what to do; reads from the cluster and writes what it read into `writer`.
/// ErrorKind::not_found when nothing is selected (exit 4) or there is no node (exit 3: its hint
/// says so); unreachable, denied as the cluster answers.
base::Result<Plan> make_plan(kube::Cluster& cluster, const Options& options,
                             evidence::Writer& writer, const base::Deadline& deadline,
                             const std::stop_token& stop);

/// Creates what the plan says, waits for it, and writes everything seen into `writer`. An ending by
/// `stop` or `deadline` is no error: the plan's tasks that have no evidence are judged as such.
base::Result<void> carry_out(kube::Cluster& cluster, const Plan& plan, const Options& options,
                             evidence::Writer& writer, const Listener& listener,
                             const base::Deadline& deadline, const std::stop_token& stop);

/// Deletes everything that carries this run's label, waits until it is gone, and says what is not.
CleanUp clean_up(kube::Cluster& cluster, const Plan& plan, const base::Deadline& deadline);

}  // namespace coroner::engine
