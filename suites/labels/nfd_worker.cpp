// SPDX-License-Identifier: Apache-2.0
// The worker finds the PCI device that everything else selects nodes by.
#include "suites/labels/feature_discovery.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  return judge_feature_discovery(seen, "nfd-worker");
}

const engine::Case registered{{
    .id = "labels/nfd_worker",
    .requirement = "A worker of node feature discovery SHOULD run on each node with a GPU where it "
                   "is deployed.",
    .needs = {record::Need::feature_discovery},
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes-sigs/node-feature-discovery 0.17: docs, usage/nfd-worker; seed 001",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
