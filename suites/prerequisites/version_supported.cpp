// SPDX-License-Identifier: Apache-2.0
// Device plugins are a stable feature since Kubernetes 1.26; a kubelet follows its API server.
#include <algorithm>

#include "harness/base/text.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

/// Feature gate DevicePlugins went stable: kubernetes.io, feature-gates-removed.
constexpr std::pair<int, int> least_version = {1, 26};
/// kubernetes.io: releases/version-skew-policy, kubelet (since 1.28; two before).
constexpr int most_minors_behind = 3;

struct Found {
  std::pair<int, int> version;
  std::string text;
  std::string node;
};

engine::Judgement judge(const engine::Seen& seen)
{
  const auto nodes = collected(seen, "Node", "api/v1/Node");
  if (!nodes) return nodes.error();
  std::vector<Found> found;
  for (const auto* node : *nodes) {
    const auto text = objects::node_info(*node).kubelet_version;
    const auto version = version_of(text);
    if (!version)
      return engine::broken("{} names no readable kubelet version: '{}'", objects::title_of(*node),
                            base::printable(text));
    found.push_back({*version, text, objects::name_of(*node)});
  }
  if (found.empty()) return engine::broken("there is no node whose version could be read");
  const auto [oldest, newest] =
      std::minmax_element(found.begin(), found.end(),
                          [](const auto& a, const auto& b) { return a.version < b.version; });
  if (oldest->version < least_version)
    return engine::fail("{} runs kubelet {}, and device plugins are a stable feature from 1.26 on",
                        oldest->node, oldest->text);
  const auto server = version_of(seen.cluster().version);
  if (!server)
    return engine::broken("the API server names no readable version: '{}'",
                          base::printable(seen.cluster().version));
  if (newest->version > *server)
    return engine::fail("{} runs kubelet {}, newer than its API server {}", newest->node,
                        newest->text, seen.cluster().version);
  if (server->second - oldest->version.second > most_minors_behind)
    return engine::fail("{} runs kubelet {}, more than {} minor versions behind its API server {}",
                        oldest->node, oldest->text, most_minors_behind, seen.cluster().version);
  return engine::pass({{"server", seen.cluster().version},
                       {"oldest_kubelet", oldest->text},
                       {"newest_kubelet", newest->text}});
}

const engine::Case registered{{
    .id = "prerequisites/version_supported",
    .requirement = "Every kubelet MUST be of Kubernetes 1.26 or later, not newer than the API "
                   "server, and at most three minor versions behind it.",
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes.io: releases/version-skew-policy; extend-kubernetes/compute-storage-net/"
              "device-plugins",
    .subject = engine::Subject::cluster,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
