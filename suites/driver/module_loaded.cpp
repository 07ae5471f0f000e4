// SPDX-License-Identifier: Apache-2.0
// The kernel module, by what it says of itself below /proc/driver/nvidia.
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;
using objects::text_at;

/// The kernel drivers that hold the GPUs now: "vfio-pci", "nouveau"; "none" for a GPU without.
std::string holders(const json& line)
{
  std::string names;
  for (const auto* gpu : gpus_on_bus(line)) {
    const auto driver = text_at(*gpu, "/driver");
    names += (names.empty() ? "" : ", ") + text_at(*gpu, "/address") + " by " +
             (driver.empty() ? "none" : driver);
  }
  return names;
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto line = inspect_line(seen);
  if (!line) return line.error();
  if (auto none = without_gpu(**line)) return *none;
  if (const auto driver = simulated_driver(**line); !driver.empty())
    return engine::pass({{"simulated_driver", driver}, {"simulated", "true"}});
  if (objects::flag_at(**line, "/driver/is_loaded", false))
    return engine::pass({{"version", text_at(**line, "/driver/version")},
                         {"flavour", text_at(**line, "/driver/flavour")},
                         {"text", text_at(**line, "/driver/text")},
                         {"module", "nvidia"}});
  if (!objects::flag_at(**line, "/driver/modules_are_readable", false))
    return engine::broken(
        "the pod could not read /proc/modules, and /proc/driver/nvidia is not there");
  return engine::fail("the kernel module nvidia is not loaded; the GPUs are held: {}",
                      holders(**line));
}

const engine::Case registered{{
    .id = "driver/module_loaded",
    .requirement = "The NVIDIA kernel module MUST be loaded on a node with a GPU.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds(120),
    .source = "NVIDIA/open-gpu-kernel-modules: kernel-open/nvidia/nv-procfs.c; seed 001, 003",
    .subject = engine::Subject::gpu_node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
