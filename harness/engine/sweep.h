// SPDX-License-Identifier: Apache-2.0
// Sweep: what dead runs left behind in a cluster, found by their marks and never by a name's look.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/kube/cluster.h"

namespace coroner::engine {

/// Marks on everything that a run creates.
inline constexpr std::string_view run_label = "coroner/run-id";
inline constexpr std::string_view managed_label = "app.kubernetes.io/managed-by";
inline constexpr std::string_view manager = "coroner";
inline constexpr std::string_view expiry_annotation = "coroner/expires-at";

/// One namespace or priority class, or one object in a namespace that is not ours.
struct Leftover {
  std::string title;  ///< "Namespace coroner-1f2e…"
  std::string run_id;
  std::string expires_at;  ///< RFC 3339.
  bool is_expired = false;
  kube::Target target;
  std::string uid;
};

/// Everything that bears all marks of a run: both labels, a readable expiry, and a name made of the
/// run id. Anything that lacks one of them is somebody else's and not listed.
base::Result<std::vector<Leftover>> find_leftovers(kube::Cluster& cluster,
                                                   const base::Deadline& deadline,
                                                   const std::stop_token& stop);

/// Deletes those, each only while it still has the uid that was listed, and waits until they are
/// gone. Gives what is still there at the deadline.
base::Result<std::vector<Leftover>> remove_leftovers(kube::Cluster& cluster,
                                                     const std::vector<Leftover>& leftovers,
                                                     const base::Deadline& deadline,
                                                     const std::stop_token& stop);

}  // namespace coroner::engine
