// SPDX-License-Identifier: Apache-2.0
// The real Cluster: an API server over HTTP.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "harness/base/result.h"
#include "harness/kube/access.h"
#include "harness/kube/cluster.h"
#include "harness/kube/credentials.h"
#include "harness/kube/retry.h"

namespace coroner::kube {

/// How to talk to the server. The rates are client-go's defaults (rest.Config QPS and Burst).
struct Options {
  ExecPolicy exec;
  RetryOptions retry;
  CredentialAges ages;
  double requests_per_second = 5;
  double burst_requests = 10;
  std::size_t page_items = 500;
  std::chrono::milliseconds idle{std::chrono::seconds{30}};
  std::chrono::milliseconds connect{std::chrono::seconds{10}};
  /// A waiting watch looks at the whole list so often, whatever the events say.
  std::chrono::milliseconds refresh{std::chrono::seconds{10}};
  /// Where watching is not allowed, the list is read so often instead.
  std::chrono::milliseconds poll{std::chrono::seconds{2}};
  std::string field_manager = "coroner";
  std::string run_label = "coroner/run-id";  ///< Key of the label that marks objects of one run.
  std::string user_agent = "coroner";
};

/// A connected client that reads all files that `access` names, but sends nothing yet. Warnings
/// of reading them are appended to `access.warnings`.
base::Result<std::unique_ptr<Cluster>> connect(ClusterAccess& access, const Options& options);

}  // namespace coroner::kube
