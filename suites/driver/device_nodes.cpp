// SPDX-License-Identifier: Apache-2.0
// The files below /dev that every access goes through: of the host where it was read, else of the
// GPU pod, which has those of its own GPUs.
#include <set>

#include "harness/base/text.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;
using objects::text_at;

constexpr std::string_view control = "/dev/nvidiactl";
constexpr std::string_view memory = "/dev/nvidia-uvm";

/// "/dev/nvidia0", not "/dev/nvidia-uvm".
bool is_gpu(const std::string& path)
{
  constexpr std::string_view start = "/dev/nvidia";
  return path.size() > start.size() && path.starts_with(start) &&
         path.find_first_not_of("0123456789", start.size()) == std::string::npos;
}

engine::Judgement judge_paths(const std::set<std::string>& paths, std::size_t wanted,
                              const std::string& where)
{
  std::size_t count = 0;
  for (const auto& path : paths) count += is_gpu(path) ? 1 : 0;
  std::vector<std::string> missing;
  for (const auto name : {control, memory})
    if (!paths.contains(std::string(name))) missing.emplace_back(name);
  if (count < wanted)
    missing.push_back(fmt::format("/dev/nvidia0 and on ({} of {})", count, wanted));
  if (!missing.empty()) return engine::fail("{} lacks {}", where, base::join(missing, ", "));
  return engine::pass({{"where", where},
                       {"gpu_devices", std::to_string(count)},
                       {"others", std::string(control) + ", " + std::string(memory)}});
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto line = inspect_line(seen);
  if (!line) return line.error();
  if (auto none = without_gpu(**line)) return *none;
  if (const auto board = integrated_gpu(**line); !board.empty() && gpus_on_bus(**line).empty())
    return engine::skip("{} has an integrated GPU with device nodes of its own", board);

  const auto host = seen.fact("host.device");
  if (host.presence != evidence::Presence::not_collected) {
    std::set<std::string> paths;
    for (const auto& fact : host.facts)
      if (fact.value.is_string()) paths.insert(fact.value.get<std::string>());
    const auto on_bus = gpus_on_bus(**line).size();
    const bool is_simulated = !simulated_driver(**line).empty();
    return judge_paths(paths, is_simulated || on_bus == 0 ? 1 : on_bus, "the host");
  }
  const auto& inside = seen.payload_line("inspect", true);
  const auto& devices = objects::at(inside, "/devices");
  // A pod without GPU has none of them, rightly.
  if (&inside == *line || !devices.is_array())
    return engine::skip("neither the host nor a GPU pod was looked at; {}", host.collect);
  std::set<std::string> paths;
  for (const auto& device : devices) {
    const auto path = text_at(device, "/path");
    const auto open = text_at(device, "/open");
    paths.insert(path);
    if (is_gpu(path) && (open == "EPERM" || open == "EACCES"))
      return engine::fail("the GPU pod has {} and may not open it: {}", path, open);
  }
  return judge_paths(paths, 1, "the GPU pod");
}

const engine::Case registered{{
    .id = "driver/device_nodes",
    .requirement =
        "A node MUST have /dev/nvidiactl, /dev/nvidia-uvm and one /dev/nvidiaN for each GPU.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds(120),
    .source = "NVIDIA/nvidia-modprobe: modprobe-utils/nvidia-modprobe-utils.h; seed 000, attempt 6",
    .subject = engine::Subject::gpu_node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
