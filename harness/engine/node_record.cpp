// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/node_record.h"

#include <algorithm>

#include "harness/engine/expected.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using base::Result;
using nlohmann::json;
using objects::text_at;

constexpr std::string_view nvidia_vendor = "10de";

const json& entry_of(const json& plan, const std::string& node)
{
  static const json none;
  const auto& nodes = objects::at(plan, "/nodes");
  if (nodes.is_array())
    for (const auto& each : nodes)
      if (text_at(each, "/name") == node) return each;
  return none;
}

/// How many of NVIDIA's display controllers, 3D controllers and accelerators an inspect line has.
int controllers_of(const json& line)
{
  const auto& controllers = objects::at(line, "/pci/controllers");
  if (!controllers.is_array()) return 0;
  return static_cast<int>(
      std::count_if(controllers.begin(), controllers.end(), [](const json& each) {
        const auto kind = text_at(each, "/class");
        return text_at(each, "/vendor").ends_with(nvidia_vendor) &&
               (kind.starts_with("03") || kind.starts_with("0x03") || kind.starts_with("12") ||
                kind.starts_with("0x12"));
      }));
}

void add_gpu(record::Node& node, const std::string& model, int count)
{
  if (model.empty() || count < 1) return;
  const auto same = std::find_if(node.gpus.begin(), node.gpus.end(),
                                 [&](const auto& gpu) { return gpu.model == model; });
  if (same == node.gpus.end())
    node.gpus.push_back({model, count});
  else
    same->count = std::max(same->count, count);
}

void take_line(record::Node& node, const json& line)
{
  const bool is_simulated = objects::flag_at(line, "/simulated", false) ||
                            !text_at(line, "/driver/simulated_driver").empty();
  if (is_simulated) node.gpu_kind = cell::GpuKind::simulated;
  const auto model = text_at(line, "/gpu/name");
  if (!model.empty()) {
    if (!is_simulated) node.gpu_kind = cell::GpuKind::real;
    add_gpu(node, model, 1);
  }
  for (const auto& [name, pointer] :
       {std::pair{"driver", "/driver/version"}, std::pair{"driver", "/driver/simulated_driver"},
        std::pair{"cuda", "/cuda_version"}})
    if (const auto version = text_at(line, pointer); !version.empty())
      node.versions[name] = version;
}

record::Node described(const json& object)
{
  const auto info = objects::node_info(object);
  record::Node node{.name = objects::name_of(object),
                    .os_image = info.os_image,
                    .arch = info.architecture,
                    .runtime = info.container_runtime};
  if (!info.kernel_version.empty()) node.versions["kernel"] = info.kernel_version;
  if (!info.kubelet_version.empty()) node.versions["kubelet"] = info.kubelet_version;
  return node;
}

/// What a line says, else NVIDIA's own label, else what is on the bus.
void count_gpus(record::Node& node, const json& object, int on_bus)
{
  const auto offered = objects::allocatable(object, "nvidia.com/gpu").value_or(0);
  const auto model = objects::label_of(object, "nvidia.com/gpu.product");
  if (!node.gpus.empty()) {
    if (offered > node.gpus[0].count && node.gpus.size() == 1)
      node.gpus[0].count = static_cast<int>(offered);
    return;
  }
  const int count = offered >= 1 ? static_cast<int>(offered) : on_bus;
  add_gpu(node, model.empty() ? "NVIDIA GPU" : model, count);
  if (count >= 1 && node.gpu_kind == cell::GpuKind::none) node.gpu_kind = cell::GpuKind::real;
}

}  // namespace

Result<std::vector<record::Node>> nodes_of(const evidence::Observed& observed, const json& plan)
{
  std::vector<record::Node> nodes;
  for (const auto& stored : observed.objects) {
    if (objects::kind_of(stored.object) != "Node") continue;
    auto node = described(stored.object);
    TRY_ASSIGN(expectations, expectations_of_node(stored.object));
    node.distro = expectations.distro;
    node.expectations = expectations.values;
    node.access = text_at(entry_of(plan, node.name), "/access");
    int on_bus = 0;
    for (const auto& line : observed.payload_lines) {
      if (line.scope.node != node.name) continue;
      take_line(node, line.value);
      on_bus = std::max(on_bus, controllers_of(line.value));
    }
    count_gpus(node, stored.object, on_bus);
    nodes.push_back(std::move(node));
  }
  std::sort(nodes.begin(), nodes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return nodes;
}

GpuSigns gpu_signs(const evidence::Observed& observed, const json& plan, const std::string& node)
{
  GpuSigns signs{.has_gpu = objects::flag_at(entry_of(plan, node), "/shows_gpu", false)};
  for (const auto& line : observed.payload_lines) {
    if (line.scope.node != node || text_at(line.value, "/kind") != "inspect") continue;
    signs.was_scanned = true;
    if (controllers_of(line.value) > 0 || !text_at(line.value, "/driver/simulated_driver").empty())
      signs.has_gpu = true;
  }
  return signs;
}

}  // namespace coroner::engine
