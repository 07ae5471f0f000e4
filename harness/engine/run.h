// SPDX-License-Identifier: Apache-2.0
// Run: everything from a connected cluster to a judged record, with clean-up in every case.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "harness/base/result.h"
#include "harness/engine/probe.h"
#include "harness/graveyard/catalogue.h"
#include "harness/record/record.h"

namespace coroner::engine {

/// How long clean-up may take after the run itself, also of one that was interrupted.
inline constexpr std::chrono::seconds clean_up_patience{45};

/// What a run is made of.
struct Request {
  Options options;
  std::filesystem::path bundle;  ///< A new folder: the evidence.
  std::string tool;              ///< "coroner 0.1.0"
  std::string cluster_name;      ///< Context or cluster, as the kubeconfig calls it.
  std::string reproduce;         ///< Command line of this run.
  std::filesystem::path
      evidence;  ///< More evidence to take in: a bundle of `record --host`; or "".
  /// Number of the signal that requested the stop, 0 for none.
  std::function<int()> signal = [] { return 0; };
};

/// Runs the probe and gives its record, whatever happened after the plan was made: an interrupted
/// run, a deadline or a cluster that went away is in its `ending`. Nothing of the run is left in
/// the cluster but what `leftovers` names. Errors: those of make_plan (nothing was touched then), a
/// bundle that cannot be written, evidence that does not read.
base::Result<record::Record> run_probe(kube::Cluster& cluster, const kube::Identity& identity,
                                       const graveyard::Catalogue& catalogue,
                                       const Request& request, const Listener& listener,
                                       const std::stop_token& stop);

/// Only the plan, for --dry-run; nothing is created, the bundle is thrown away.
base::Result<Plan> plan_probe(kube::Cluster& cluster, const Options& options,
                              const std::stop_token& stop);

}  // namespace coroner::engine
