// SPDX-License-Identifier: Apache-2.0
// A privileged pod is admitted or refused as the policy of this distro says.
#include "suites/judgements.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  return judge_admission(seen, "a privileged pod");
}

const Case registered{{
    .id = "security/privileged",
    .requirement =
        "A privileged pod MUST be admitted or refused as this distro's Pod Security says.",
    .needs = {},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{30},
    .source = "Kubernetes Pod Security Standards; Talos enforces baseline outside kube-system",
    .subject = Subject::cluster,
    .manifest = "",
    .container = "",
    .dry_run = "security/privileged",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
