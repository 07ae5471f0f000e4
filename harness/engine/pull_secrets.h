// SPDX-License-Identifier: Apache-2.0
// Pull secrets: what a private registry asks for, lent to the namespaces of a run.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/kube/cluster.h"

namespace coroner::engine {

/// "team/registry" as a person gives it: the namespace that has it, and its name.
struct PullSecret {
  std::string space;  ///< "" in the namespace that the run uses.
  std::string name;
};

/// Reads what was given. A run that makes its namespaces needs NAMESPACE/NAME, one in a namespace
/// of somebody else (`uses_own_spaces` false) a NAME that is there: ErrorKind::invalid otherwise.
base::Result<std::vector<PullSecret>> read_pull_secrets(const std::vector<std::string>& given,
                                                        bool uses_own_spaces);

/// Which copies are made for whom.
struct PullSecretCopies {
  std::vector<PullSecret> secrets;
  std::vector<std::string> spaces;  ///< Namespaces of the run, which are there.
  std::string run_id;
  std::string expires_at;
};

/// Copies each secret into each namespace, under its own name; the copies go with the namespaces.
/// What is in them is written nowhere else. ErrorKind::invalid for a secret that is none of an
/// image registry, not_found and denied as the server says.
base::Result<void> copy_pull_secrets(kube::Cluster& cluster, const PullSecretCopies& copies,
                                     const base::Deadline& deadline, const std::stop_token& stop);

}  // namespace coroner::engine
