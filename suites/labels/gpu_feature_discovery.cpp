// SPDX-License-Identifier: Apache-2.0
// It writes model, memory and driver of the GPUs as labels.
#include "suites/labels/feature_discovery.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  return judge_feature_discovery(seen, "gpu-feature-discovery");
}

const engine::Case registered{{
    .id = "labels/gpu_feature_discovery",
    .requirement = "GPU feature discovery SHOULD run on each node with a GPU where it is deployed.",
    .needs = {record::Need::feature_discovery},
    .timeout = std::chrono::seconds(10),
    .source = "NVIDIA/k8s-device-plugin 0.17: docs/gpu-feature-discovery; seed 001",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
