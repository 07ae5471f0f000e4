// SPDX-License-Identifier: Apache-2.0
// Labels outlive what they were made from: a driver upgrade, a GPU that is gone, an uninstall.
#include <charconv>

#include "harness/base/text.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;
using objects::label_of;

/// The whole number of a label; nothing when it is absent or no number.
std::optional<int> number_of(const json& node, std::string_view key)
{
  const auto text = label_of(node, key);
  int number = 0;
  const auto got = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || got.ec != std::errc{} || got.ptr != text.data() + text.size())
    return std::nullopt;
  return number;
}

/// GPUs that the node would offer by its labels; MIG instances are resources of their own.
std::optional<double> offered_by_labels(const json& node)
{
  const auto count = number_of(node, "nvidia.com/gpu.count");
  if (!count) return std::nullopt;
  const auto mig = label_of(node, "nvidia.com/mig.strategy");
  if (!mig.empty() && mig != "none" && mig != "single") return std::nullopt;
  const auto replicas = number_of(node, "nvidia.com/gpu.replicas").value_or(1);
  return static_cast<double>(*count) * (replicas < 1 ? 1 : replicas);
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto node = node_object(seen);
  if (!node) return node.error();
  const auto present = label_of(**node, "nvidia.com/gpu.present");
  const auto labelled = offered_by_labels(**node);
  if (present.empty() && !labelled)
    return engine::skip("this node has no labels of GPU feature discovery");
  auto offered = objects::allocatable(**node, "nvidia.com/gpu");
  if (!offered) offered = objects::allocatable(**node, "nvidia.com/gpu.shared");
  std::map<std::string, std::string> proof = {
      {"nvidia.com/gpu.present", present},
      {"nvidia.com/gpu.product", label_of(**node, "nvidia.com/gpu.product")},
      {"allocatable", offered ? gpus(*offered) : "none"}};
  if (present == "true" && !offered && !labelled)
    return engine::fail(
        "the label nvidia.com/gpu.present is true, and the node offers no nvidia.com/gpu");
  if (present == "false" && offered.value_or(0) > 0)
    return engine::fail("the label nvidia.com/gpu.present is false, and the node offers {}",
                        gpus(*offered));
  if (labelled) {
    proof["nvidia.com/gpu.count"] = label_of(**node, "nvidia.com/gpu.count");
    if (*labelled != offered.value_or(0))
      return engine::fail("the labels speak of {}, and the node offers {}", gpus(*labelled),
                          gpus(offered.value_or(0)));
  }
  const auto driver = label_of(**node, "nvidia.com/cuda.driver-version.full");
  const auto& line = seen.payload_line("inspect");
  const auto loaded = objects::text_at(line, "/driver/version");
  if (!driver.empty() && !loaded.empty() && driver != loaded)
    return engine::fail("the label says driver {}, and {} is loaded", base::printable(driver),
                        base::printable(loaded));
  if (!driver.empty()) proof["nvidia.com/cuda.driver-version.full"] = driver;
  return engine::pass(std::move(proof));
}

const engine::Case registered{{
    .id = "labels/consistent",
    .requirement =
        "The labels of a node SHOULD agree with the GPUs that it offers and the driver that is "
        "loaded.",
    .needs = {record::Need::feature_discovery},
    .timeout = std::chrono::seconds(10),
    .source =
        "NVIDIA/k8s-device-plugin 0.17: docs/gpu-feature-discovery, generated labels; seed 004",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
