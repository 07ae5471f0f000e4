// SPDX-License-Identifier: Apache-2.0
// The variable of the nvidia runtime gives no GPU to a pod that asks for none.
#include "suites/judgements.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  return judge_without_gpu(seen);
}

const Case registered{{
    .id = "security/visible_devices_all",
    .requirement =
        "A pod that sets NVIDIA_VISIBLE_DEVICES=all and asks for no GPU SHOULD get none.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{60},
    .source = "nvidia-container-toolkit: accept-nvidia-visible-devices-envvar-when-unprivileged",
    .subject = Subject::gpu_node,
    .manifest = "security/visible_devices_all",
    .container = "inspect",
    .dry_run = "",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
