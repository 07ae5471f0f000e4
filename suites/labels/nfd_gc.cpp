// SPDX-License-Identifier: Apache-2.0
// Without it the features of nodes that are gone stay.
#include "suites/labels/feature_discovery.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  return judge_feature_discovery(seen, "nfd-gc");
}

const engine::Case registered{{
    .id = "labels/nfd_gc",
    .requirement =
        "The garbage collector of node feature discovery SHOULD run where it is deployed.",
    .needs = {record::Need::feature_discovery},
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes-sigs/node-feature-discovery 0.17: docs, usage/nfd-gc; seed 001",
    .subject = engine::Subject::cluster,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
