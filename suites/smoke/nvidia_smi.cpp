// SPDX-License-Identifier: Apache-2.0
// The driver's own tool sees the GPU that the pod was given.
#include "harness/engine/seen.h"
#include "harness/objects/object.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  auto judged = seen.proof("smi");
  if (judged.verdict != record::Verdict::pass) return judged;
  const auto line = seen.lines().front();
  judged.proof["path"] = objects::text_at(line, "/path");
  return judged;
}

const Case registered{{
    .id = "smoke/nvidia_smi",
    .requirement = "nvidia-smi MUST run in a pod that asks for one GPU and end with 0.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{120},
    .source = "seeds 000 to 004: each verifies with nvidia-smi",
    .subject = Subject::gpu_node,
    .manifest = "smoke/gpu",
    .container = "nvidia-smi",
    .dry_run = "",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
