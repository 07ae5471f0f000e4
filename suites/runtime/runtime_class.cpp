// SPDX-License-Identifier: Apache-2.0
// The class that sends a pod to NVIDIA's runtime: needed here, or rightly absent.
#include "harness/objects/component.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using objects::text_at;

/// How pods of this node get their GPU without any class; "" when nothing tells.
std::string way_without_class(const engine::Seen& seen)
{
  for (const auto& plugin : daemon_sets_with(seen, objects::is_device_plugin)) {
    const auto strategy =
        option_of(*plugin.container, "DEVICE_LIST_STRATEGY", "--device-list-strategy");
    if (strategy && strategy->find("cdi-cri") != std::string::npos)
      return "the device plugin hands GPUs over by CDI: " + *strategy;
  }
  const auto handler = seen.fact("plugin.pod.runtime_handler");
  const auto offered = seen.fact("node.gpu.allocatable");
  const bool offers = offered.presence == evidence::Presence::present &&
                      offered.facts[0].value.is_number() &&
                      offered.facts[0].value.get<double>() > 0;
  if (offers && handler.presence == evidence::Presence::present && handler.facts[0].value == "")
    return "the device plugin found its GPUs in the default runtime";
  return {};
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto classes = collected(seen, "RuntimeClass", "api/node.k8s.io/v1/RuntimeClass");
  if (!classes) return classes.error();
  const auto expected = seen.expected("runtime_class");
  const auto found = nvidia_classes(seen);
  const auto distro = seen.node().distro.empty() ? "this distro" : seen.node().distro;
  if (!found.empty()) {
    const auto name = objects::name_of(*found.front());
    const auto handler = text_at(*found.front(), "/handler");
    if (expected == "absent")
      return engine::fail("RuntimeClass {} names the handler {}, which {} does not have", name,
                          handler, distro);
    std::map<std::string, std::string> proof = {{"runtime_class", name}, {"handler", handler}};
    if (seen.expected("nvidia_runtime") == "absent")
      proof["note"] = "the class is there, and " + distro + " has no runtime behind it by itself";
    return engine::pass(std::move(proof));
  }
  if (expected.empty())
    return engine::skip("no RuntimeClass is there, and none is expected on {}", distro);
  if (expected != "expected")
    return engine::pass({{"runtime_class", "none, and " + distro + " needs none"}});
  if (const auto way = way_without_class(seen); !way.empty())
    return engine::pass({{"runtime_class", "none is needed: " + way}});
  return engine::fail(
      "no RuntimeClass names a handler nvidia*, and {} needs one ({} of other handlers)", distro,
      classes->size());
}

const engine::Case registered{{
    .id = "runtime/runtime_class",
    .requirement =
        "A RuntimeClass with an nvidia handler MUST be there where the node's distro needs one.",
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes.io: concepts/containers/runtime-class; seed 001, 004",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
