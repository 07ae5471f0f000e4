// SPDX-License-Identifier: Apache-2.0
// containerd names NVIDIA's runtime in the configuration that lies on the host.
#include "harness/base/text.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

/// Texts of a fact that hold "nvidia".
std::vector<std::string> of_nvidia(const evidence::Answer& answer)
{
  std::vector<std::string> found;
  for (const auto& fact : answer.facts)
    if (fact.value.is_string() && fact.value.get<std::string>().find("nvidia") != std::string::npos)
      found.push_back(fact.value.get<std::string>());
  return found;
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto expected = seen.expected("nvidia_runtime");
  const auto distro = seen.node().distro.empty() ? "this distro" : seen.node().distro;
  if (expected == "absent") return engine::skip("{} has no nvidia runtime by design", distro);
  const auto runtimes = seen.fact("containerd.runtime");
  const auto loaded = seen.fact("containerd.loaded.runtime");
  if (runtimes.presence == evidence::Presence::not_collected &&
      loaded.presence == evidence::Presence::not_collected)
    return engine::skip("containerd's configuration was not collected: {}", runtimes.collect);
  const auto on_disk = of_nvidia(runtimes);
  const auto running = of_nvidia(loaded);
  if (on_disk.empty() && running.empty()) {
    if (expected != "expected")
      return engine::skip("containerd names no nvidia runtime, and {} does not need one", distro);
    return engine::fail("containerd's configuration on {} names no nvidia runtime",
                        seen.node_name());
  }
  if (running.empty() && loaded.presence != evidence::Presence::not_collected)
    return engine::fail("containerd's file names {}, and the daemon has not loaded it: restart it",
                        base::join(on_disk, ", "));
  const auto binaries = of_nvidia(seen.fact("containerd.runtime_binary"));
  return engine::pass({{"runtimes", base::join(running.empty() ? on_disk : running, ", ")},
                       {"binaries", binaries.empty() ? "by PATH" : base::join(binaries, ", ")}});
}

const engine::Case registered{{
    .id = "runtime/toolkit_found",
    .requirement =
        "containerd's configuration MUST name NVIDIA's runtime where the node's distro needs it.",
    .needs = {record::Need::nvidia_runtime, record::Need::host_evidence},
    .timeout = std::chrono::seconds(10),
    .source = "NVIDIA/nvidia-container-toolkit 1.17: nvidia-ctk runtime configure; seed 001",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
