// SPDX-License-Identifier: Apache-2.0
// Options of the lab's own client.
#include "harness/lab/access.h"

#include "harness/kube/client.h"
#include "harness/kube/find.h"

namespace coroner::lab {

base::Result<std::unique_ptr<kube::Cluster>> connect_to_cell(
    const std::filesystem::path& kubeconfig)
{
  TRY_ASSIGN(access,
             kube::find_cluster({.kubeconfig = kubeconfig}, kube::Surroundings::of_process()));
  kube::Options options;
  options.exec.mode = kube::ExecPolicy::Mode::deny;
  options.requests_per_second = 1000;
  options.burst_requests = 1000;
  options.retry.attempts = 1;
  options.retry.connect_attempts = 1;
  options.field_manager = "coroner-lab";
  options.user_agent = "coroner-lab";
  return kube::connect(access, options);
}

}  // namespace coroner::lab
