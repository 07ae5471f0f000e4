// SPDX-License-Identifier: Apache-2.0
// What a GPU pod has: exactly the devices it asked for, and libraries that resolve.
#include <algorithm>

#include "harness/engine/seen.h"
#include "harness/objects/object.h"

namespace coroner::suites {
namespace {

using namespace engine;
using nlohmann::json;
using objects::text_at;

/// The nodes of GPUs themselves: /dev/nvidia0, /dev/nvidia1, …
std::vector<std::string> gpu_nodes(const json& line)
{
  constexpr std::string_view prefix = "/dev/nvidia";
  std::vector<std::string> found;
  const auto& devices = objects::at(line, "/devices");
  if (!devices.is_array()) return found;
  for (const auto& device : devices) {
    const auto path = text_at(device, "/path");
    if (path.size() > prefix.size() && path.starts_with(prefix) &&
        std::all_of(path.begin() + prefix.size(), path.end(),
                    [](char letter) { return letter >= '0' && letter <= '9'; }))
      found.push_back(path);
  }
  return found;
}

/// "" when every library of the driver that the payload looks for can be loaded.
std::string unresolved(const json& line)
{
  const auto& libraries = objects::at(line, "/libraries/resolved");
  if (!libraries.is_array() || libraries.empty()) return "the inspection lists no libraries";
  for (const auto* name : {"libnvidia-ml.so.1", "libcuda.so.1"}) {
    const auto found = std::find_if(libraries.begin(), libraries.end(), [&](const json& each) {
      return text_at(each, "/name") == name;
    });
    if (found == libraries.end()) return std::string(name) + " was not looked for";
    if (!objects::flag_at(*found, "/ok", false))
      return std::string(name) + " does not load: " + text_at(*found, "/problem");
  }
  return "";
}

Judgement judge(const Seen& seen)
{
  auto judged = seen.proof("inspect");
  if (judged.verdict != record::Verdict::pass) return judged;
  const auto line = seen.lines().front();
  const auto nodes = gpu_nodes(line);
  if (nodes.empty()) return fail("the container has no /dev/nvidia<n>: it asked for one GPU");
  if (const auto why = unresolved(line); !why.empty()) return fail("{}", why);
  judged.proof["devices"] = fmt::format("{}", fmt::join(nodes, " "));
  return judged;
}

const Case registered{{
    .id = "smoke/env_inspection",
    .requirement =
        "A container that asks for one GPU MUST have its device nodes and libraries that load.",
    .needs = {record::Need::gpu_hardware},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{120},
    .source = "seed 000, attempts 5 and 6",
    .subject = Subject::gpu_node,
    .manifest = "smoke/gpu",
    .container = "env-inspection",
    .dry_run = "",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
