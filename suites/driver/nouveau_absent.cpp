// SPDX-License-Identifier: Apache-2.0
// The kernel's own drivers for NVIDIA's GPUs hold a card that NVIDIA's driver then cannot take.
#include <algorithm>
#include <array>

#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;
using objects::text_at;

constexpr auto rivals = std::to_array<std::string_view>({"nouveau", "nova_core", "nova_drm"});

bool is_rival(std::string name)
{
  std::replace(name.begin(), name.end(), '-', '_');
  return std::find(rivals.begin(), rivals.end(), name) != rivals.end();
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto line = inspect_line(seen);
  if (!line) return line.error();
  if (auto none = without_gpu(**line)) return *none;
  std::string held_by;
  for (const auto* gpu : gpus_on_bus(**line)) {
    const auto driver = text_at(*gpu, "/driver");
    if (is_rival(driver))
      return engine::fail("the GPU at {} is held by {}", text_at(*gpu, "/address"), driver);
    if (!driver.empty()) held_by = driver;
  }
  // A kernel without loadable modules has no such list: then only the bus tells.
  if (!objects::flag_at(**line, "/driver/modules_are_readable", false)) {
    if (held_by.empty())
      return engine::skip("this kernel lists no modules, and no GPU on the bus has a driver");
    return engine::pass({{"held_by", held_by}});
  }
  std::string loaded;
  const auto& modules = objects::at(**line, "/driver/modules");
  if (modules.is_array())
    for (const auto& each : modules) {
      const auto name = text_at(each, "/name");
      if (is_rival(name)) return engine::fail("the kernel module {} is loaded", name);
      loaded += (loaded.empty() ? "" : ", ") + name;
    }
  return engine::pass({{"gpu_modules", loaded.empty() ? "none" : loaded}});
}

const engine::Case registered{{
    .id = "driver/nouveau_absent",
    .requirement = "A node with a GPU MUST NOT have another driver for it loaded (nouveau, nova).",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds(120),
    .source = "docs.nvidia.com: datacenter/tesla/driver-installation-guide, nouveau; seed 003",
    .subject = engine::Subject::gpu_node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
