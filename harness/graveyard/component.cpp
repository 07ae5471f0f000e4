// SPDX-License-Identifier: Apache-2.0
// The table of what each component prints, from the format strings in its source.
#include "harness/graveyard/component.h"

#include <algorithm>
#include <array>
#include <map>

#include <re2/re2.h>

#include "harness/base/text.h"

namespace coroner::graveyard {
namespace {

struct Mark {
  std::string_view component;
  std::string_view pattern;
};

/// Sources: k8s-device-plugin 0.14.5-0.18.0 cmd/ and internal/plugin, containerd 1.7 and 2.1
/// (logrus text), kubelet (klog with struct names), nvidia-container-toolkit 1.14-1.18, runc 1.3,
/// nvidia-smi's own words, Nix' evaluator.
constexpr auto marks = std::to_array<Mark>({
    {"gpu_feature_discovery", R"((?i)gpu-feature-discovery|creating labeler|resource manager: )"},
    {"device_plugin",
     R"(NVIDIA Device Plugin|k8s-device-plugin|Retrieving plugins|Loading configuration\.|factory\.go:\d+\]|error starting plugins|(?:Detected non-|Incompatible )(?:NVML|Tegra|platform|strategy)|nvidia-gpu\.sock|Registered device plugin for)"},
    {"nvidia_smi",
     R"(^\s*(?:\|\s*)?NVIDIA-SMI |^Failed to initialize NVML: |^No devices were found)"},
    {"containerd",
     R"(level=\w+ msg=.*(?:io\.containerd\.|containerd|RunPodSandbox|CreateContainer)|^\s*containerd\[|io\.containerd\.grpc)"},
    {"kubelet",
     R"(kubelet|(?:pod_workers|kuberuntime_manager|remote_runtime|log)\.go:\d+\]|manager\.go:\d+\] .*(?:DevicePlugin|device))"},
    {"toolkit",
     R"(nvidia-container-runtime|nvidia-container-cli|nvidia-ctk|nvidia-cdi-hook|nvidia-container-toolkit)"},
    {"runc", R"(runc (?:create|run|exec) failed|OCI runtime create failed)"},
    {"k3s", R"(level=\w+ msg="(?:Starting k3s|Running kube-|Waiting for containerd)|^\s*k3s\[)"},
    {"kernel", R"(^(?:\[\s*\d+\.\d+\]|.*kernel:) |NVRM: )"},
    {"nix", R"(lib\.meta\.getExe|error: evaluat|while evaluating|nixos-rebuild|The option `)"},
    {"nfd", R"(node-feature-discovery|nfd-(?:master|worker|gc))"},
    {"payload", R"re(^\{.*"(?:payload|nonce|cuda|confinement)")re"},
    {"cuda", R"(CUDA_ERROR_|no CUDA-capable device|CUDA error|cudaGetDeviceCount|cuInit)"},
    {"scheduler", R"(nodes are available|FailedScheduling)"},
});

}  // namespace

struct Components::State {
  std::vector<std::pair<std::string, std::unique_ptr<RE2>>> marks;
};

Components::Components(std::unique_ptr<State> state) : state_(std::move(state)) {}
Components::Components(Components&&) noexcept = default;
Components& Components::operator=(Components&&) noexcept = default;
Components::~Components() = default;

std::vector<std::string> component_words()
{
  std::vector<std::string> words = {"any"};
  for (const auto& mark : marks) words.emplace_back(mark.component);
  return words;
}

base::Result<Components> Components::make()
{
  auto state = std::make_unique<State>();
  for (const auto& mark : marks) {
    auto pattern = std::make_unique<RE2>(mark.pattern, RE2::Quiet);
    if (!pattern->ok())
      return base::error(base::ErrorKind::internal, "the mark of {} is refused: {}", mark.component,
                         pattern->error());
    state->marks.emplace_back(mark.component, std::move(pattern));
  }
  return Components(std::move(state));
}

std::string Components::of_line(std::string_view line) const
{
  const re2::StringPiece piece(line.data(), line.size());
  for (const auto& [component, pattern] : state_->marks)
    if (RE2::PartialMatch(piece, *pattern)) return component;
  return {};
}

std::string Components::of_text(std::string_view text) const
{
  constexpr std::size_t most_lines = 200;
  std::map<std::string, int> votes;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < most_lines && begin < text.size(); ++i) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto component = of_line(text.substr(begin, end - begin));
    if (!component.empty()) ++votes[component];
    begin = end + 1;
  }
  const auto best = std::max_element(
      votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == votes.end() ? std::string() : best->first;
}

}  // namespace coroner::graveyard
