// SPDX-License-Identifier: Apache-2.0
// Without an API server that lists nodes, nothing else can be said of a cluster.
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  const auto nodes = collected(seen, "Node", "api/v1/Node");
  if (!nodes) return nodes.error();
  if (nodes->empty()) return engine::fail("the API server answers, and the cluster has no node");
  const auto& first = *nodes->front();
  // The list itself was answered; /version tells whose API it is (a proxy may serve both).
  const auto& cluster = seen.cluster();
  if (cluster.version.empty())
    return engine::fail("{} lists nodes, and its /version names no Kubernetes", cluster.server);
  return engine::pass({{"server", cluster.server},
                       {"version", cluster.version},
                       {"nodes", std::to_string(nodes->size())},
                       {"first_node", objects::name_of(first)},
                       {"resource_version", objects::resource_version_of(first)}});
}

const engine::Case registered{{
    .id = "prerequisites/api_reachable",
    .requirement = "The API server MUST answer, tell its version and list at least one node.",
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes.io: concepts/overview/components, kube-apiserver",
    .subject = engine::Subject::cluster,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
