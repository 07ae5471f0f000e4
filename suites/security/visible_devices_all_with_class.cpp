// SPDX-License-Identifier: Apache-2.0
// The same through the runtime class.
#include "suites/judgements.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  return judge_without_gpu(seen);
}

const Case registered{{
    .id = "security/visible_devices_all_with_class",
    .requirement = "A pod with the nvidia class and NVIDIA_VISIBLE_DEVICES=all that asks for no "
                   "GPU SHOULD get none.",
    .needs = {record::Need::gpu_hardware, record::Need::runtime_class},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{60},
    .source = "nvidia-container-toolkit: accept-nvidia-visible-devices-envvar-when-unprivileged",
    .subject = Subject::gpu_node,
    .manifest = "security/visible_devices_all_with_class",
    .container = "inspect",
    .dry_run = "",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
