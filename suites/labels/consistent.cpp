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

/// The driver's version by the labels, "570.211.01"; "" without. Up to 0.14 the project wrote its
/// parts alone (NVIDIA/gpu-feature-discovery v0.8.2, internal/lm/nvml.go, newVersionLabeler).
std::string driver_of_labels(const json& node)
{
  if (auto whole = label_of(node, "nvidia.com/cuda.driver-version.full"); !whole.empty())
    return whole;
  auto version = label_of(node, "nvidia.com/cuda.driver.major");
  for (const auto* key : {"nvidia.com/cuda.driver.minor", "nvidia.com/cuda.driver.rev"})
    if (const auto part = label_of(node, key); !version.empty() && !part.empty())
      version += "." + part;
  return version;
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto node = node_object(seen);
  if (!node) return node.error();
  const auto present = label_of(**node, "nvidia.com/gpu.present");
  const auto labelled = offered_by_labels(**node);
  if (present.empty() && !labelled)
    return engine::skip("this node has no labels of GPU feature discovery");
  // What is counted, not what is allocatable: that falls to 0 while the plugin is in trouble, and
  // the labels are right all the same (kubelet v1.33, seen with GY005 and GY006 on the ubuntu
  // cell).
  auto offered = objects::capacity(**node, "nvidia.com/gpu");
  if (!offered) offered = objects::capacity(**node, "nvidia.com/gpu.shared");
  std::map<std::string, std::string> proof = {
      {"nvidia.com/gpu.present", present},
      {"nvidia.com/gpu.product", label_of(**node, "nvidia.com/gpu.product")},
      {"capacity", offered ? gpus(*offered) : "none"}};
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
  const auto driver = driver_of_labels(**node);
  const auto& line = seen.payload_line("inspect");
  const auto simulated = simulated_driver(line);
  if (!simulated.empty()) proof["simulated"] = "true";
  const auto loaded = simulated.empty() ? objects::text_at(line, "/driver/version") : simulated;
  if (!driver.empty() && !loaded.empty() && driver != loaded)
    return engine::fail("the label says driver {}, and {} is loaded", base::printable(driver),
                        base::printable(loaded));
  if (!driver.empty()) proof["driver"] = driver;
  return engine::pass(std::move(proof));
}

const engine::Case registered{{
    .id = "labels/consistent",
    .requirement =
        "The labels of a node SHOULD agree with the GPUs that it offers and the driver that is "
        "loaded.",
    .needs = {record::Need::feature_discovery},
    .timeout = std::chrono::seconds(10),
    .source = "NVIDIA/k8s-device-plugin 0.17: docs/gpu-feature-discovery, generated labels; "
              "NVIDIA/gpu-feature-discovery 0.8.2: internal/lm/nvml.go; seed 004",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
