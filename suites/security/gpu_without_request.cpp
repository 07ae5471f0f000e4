// SPDX-License-Identifier: Apache-2.0
// Whoever asks for no GPU gets none.
#include "suites/judgements.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  return judge_without_gpu(seen);
}

const Case registered{{
    .id = "security/gpu_without_request",
    .requirement = "A pod that asks for no GPU MUST NOT be able to open one.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{60},
    .source = "kubernetes.io: concepts/extend-kubernetes/compute-storage-net/device-plugins",
    .subject = Subject::gpu_node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .dry_run = "",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
