// SPDX-License-Identifier: Apache-2.0
// The master writes what the workers found as labels.
#include "suites/labels/feature_discovery.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  return judge_feature_discovery(seen, "nfd-master");
}

const engine::Case registered{{
    .id = "labels/nfd_master",
    .requirement = "The master of node feature discovery SHOULD run where it is deployed.",
    .needs = {record::Need::feature_discovery},
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes-sigs/node-feature-discovery 0.17: docs, usage/nfd-master; seed 001",
    .subject = engine::Subject::cluster,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
