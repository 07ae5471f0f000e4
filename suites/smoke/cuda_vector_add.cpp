// SPDX-License-Identifier: Apache-2.0
// The smallest end-to-end proof: driver, runtime, plugin and scheduler each did their part.
#include "harness/engine/seen.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  return seen.proof("vectoradd");
}

const Case registered{{
    .id = "smoke/cuda_vector_add",
    .requirement =
        "A pod that asks for one GPU MUST run a CUDA kernel to completion and return its result.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{120},
    .source = "kubernetes.io: tasks/manage-gpus/scheduling-gpus",
    .subject = Subject::gpu_node,
    .manifest = "smoke/gpu",
    .container = "vector-add",
    .dry_run = "",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
