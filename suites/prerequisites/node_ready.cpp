// SPDX-License-Identifier: Apache-2.0
// A node that is not Ready runs no new pods, and one under pressure evicts those that it has.
#include <array>

#include "harness/base/text.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

constexpr auto pressures = std::to_array<std::string_view>(
    {"MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"});

engine::Judgement judge(const engine::Seen& seen)
{
  const auto node = node_object(seen);
  if (!node) return node.error();
  const auto ready = objects::condition_of(**node, "Ready");
  if (!ready) return engine::fail("the node has no condition Ready: its kubelet never reported");
  if (!ready->is_true())
    return engine::fail("Ready is {} since {}: {}: {}", ready->status, ready->since, ready->reason,
                        base::printable(ready->message));
  for (const auto type : pressures)
    if (const auto pressure = objects::condition_of(**node, type); pressure && pressure->is_true())
      return engine::fail("{} is True since {}: {}: {}", type, pressure->since, pressure->reason,
                          base::printable(pressure->message));
  const auto info = objects::node_info(**node);
  return engine::pass({{"ready_since", ready->since},
                       {"kubelet", info.kubelet_version},
                       {"runtime", info.container_runtime},
                       {"cordoned", objects::is_cordoned(**node) ? "yes" : "no"}});
}

const engine::Case registered{{
    .id = "prerequisites/node_ready",
    .requirement = "A node MUST be Ready and under no pressure of memory, disk or processes.",
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes.io: reference/node/node-status, conditions",
    .subject = engine::Subject::node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
