// SPDX-License-Identifier: Apache-2.0
// A pod that mounts the node's /dev is admitted or refused as the policy of this distro says.
#include "suites/judgements.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  return judge_admission(seen, "a pod that mounts the node's /dev");
}

const Case registered{{
    .id = "security/host_path",
    .requirement =
        "A pod that mounts its node's /dev MUST be admitted or refused as Pod Security says.",
    .needs = {},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{30},
    .source = "Kubernetes Pod Security Standards, hostPathVolumes",
    .subject = Subject::cluster,
    .manifest = "",
    .container = "",
    .dry_run = "security/host_path",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
