// SPDX-License-Identifier: Apache-2.0
// Questions that judges of several suites ask of what was seen.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "harness/engine/seen.h"

namespace coroner::suites {

/// A value, or the judgement that takes its place where it is missing.
template <class T>
using Told = tl::expected<T, engine::Judgement>;

/// What the payload's `inspect` said on this node (payload/inspect.h), in the pod without GPU;
/// else `broken` with the pod's own words.
Told<const nlohmann::json*> inspect_line(const engine::Seen& seen);

/// The Node object; `broken` when the evidence has none of that name.
Told<const nlohmann::json*> node_object(const engine::Seen& seen);

/// All objects of one kind; `broken` when nobody asked for them: `place` is "api/v1/Pod".
Told<std::vector<const nlohmann::json*>> collected(const engine::Seen& seen, std::string_view kind,
                                                   std::string_view place);

/// Version of the driver stand-in whose GPUs this node has; "" for real ones.
std::string simulated_driver(const nlohmann::json& inspect);

/// NVIDIA's GPUs among the controllers of the PCI bus (display, 3D, accelerator): their entries.
std::vector<const nlohmann::json*> gpus_on_bus(const nlohmann::json& inspect);

/// The model of a board whose GPU is part of the processor, and so on no bus; "" elsewhere.
std::string integrated_gpu(const nlohmann::json& inspect);

/// `skip` when this node has no GPU by its own hardware; nothing to hold against it then.
std::optional<engine::Judgement> without_gpu(const nlohmann::json& inspect);

/// A container of a pod that is of the GPU stack.
struct StackPod {
  const nlohmann::json* pod = nullptr;
  const nlohmann::json* container = nullptr;
};

/// Pods that have not ended with a container that `is_wanted`; of this node where the subject is
/// one. Told by image and program, never by names.
std::vector<StackPod> pods_with(const engine::Seen& seen,
                                const std::function<bool(const nlohmann::json&)>& is_wanted);

/// The same for the templates of DaemonSets.
std::vector<StackPod> daemon_sets_with(const engine::Seen& seen,
                                       const std::function<bool(const nlohmann::json&)>& is_wanted);

/// "" when the pod runs and is ready; else why not, in its own words.
std::string hindrance(const nlohmann::json& pod);

/// What a pod is held to: pass with its proof when one of them is ready, else fail with the words
/// of the first. `pods` must not be empty.
engine::Judgement judge_ready(const std::vector<StackPod>& pods);

/// The value of an option of a container: its variable, else `flag`=value among its arguments;
/// nothing when neither is set.
std::optional<std::string> option_of(const nlohmann::json& container, std::string_view variable,
                                     std::string_view flag);

/// RuntimeClasses with a handler nvidia*.
std::vector<const nlohmann::json*> nvidia_classes(const engine::Seen& seen);

/// Major and minor of "v1.34.1+k3s1", "570.211.01", "0.17.4"; nothing for text without both.
std::optional<std::pair<int, int>> version_of(std::string_view text);

/// The version in the tag of a container's image, "v0.17.4" of "…:v0.17.4-ubi9"; nothing for
/// digests and other words.
std::optional<std::pair<int, int>> image_version(const nlohmann::json& container);

/// "2 GPUs", "1 GPU".
std::string gpus(double count);

/// 8589934592 as "8.0 GiB".
std::string gibibytes(double bytes);

}  // namespace coroner::suites
