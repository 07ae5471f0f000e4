// SPDX-License-Identifier: Apache-2.0
// Case metadata: what a case requires, needs and may do. What it runs and judges is the engine's.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "harness/record/words.h"

namespace coroner::record {

/// How binding a requirement is (RFC 2119); unmet, a MUST fails and a SHOULD warns.
enum class Level { must, should };

template <>
struct Words<Level> {
  static constexpr std::string_view name = "level";
  static constexpr std::array<std::pair<Level, std::string_view>, 2> table = {{
      {Level::must, "MUST"},
      {Level::should, "SHOULD"},
  }};
};

/// What makes a case inapplicable where it is absent. A broken prerequisite is no need.
enum class Need {
  gpu_hardware,       ///< A GPU on this node by PCI scan.
  several_gpus,       ///< At least two of them.
  runtime_class,      ///< A RuntimeClass is expected on this distro.
  nvidia_runtime,     ///< An nvidia runtime is expected in this node's containerd.
  feature_discovery,  ///< Node feature discovery or GPU feature discovery is expected.
  host_evidence,      ///< Files of the host were collected.
};

template <>
struct Words<Need> {
  static constexpr std::string_view name = "need";
  static constexpr std::array<std::pair<Need, std::string_view>, 6> table = {{
      {Need::gpu_hardware, "gpu_hardware"},
      {Need::several_gpus, "several_gpus"},
      {Need::runtime_class, "runtime_class"},
      {Need::nvidia_runtime, "nvidia_runtime"},
      {Need::feature_discovery, "feature_discovery"},
      {Need::host_evidence, "host_evidence"},
  }};
};

/// What a case does to the cluster; each includes those before it.
enum class Effect { reads, runs_pods, runs_privileged_pods, changes_node };

template <>
struct Words<Effect> {
  static constexpr std::string_view name = "effect";
  static constexpr std::array<std::pair<Effect, std::string_view>, 4> table = {{
      {Effect::reads, "reads"},
      {Effect::runs_pods, "runs_pods"},
      {Effect::runs_privileged_pods, "runs_privileged_pods"},
      {Effect::changes_node, "changes_node"},
  }};
};

/// What is said about a case; the record carries it so that a report needs nothing else.
struct CaseMetadata {
  std::string id;           ///< "smoke/cuda_vector_add": suite, slash, name.
  std::string requirement;  ///< One sentence with MUST or SHOULD in it.
  std::vector<Need> needs;
  Effect effect = Effect::reads;
  std::chrono::milliseconds timeout{0};
  std::string source;  ///< Where the requirement comes from: "kubernetes.io: tasks/...".
};

/// "smoke" of "smoke/cuda_vector_add"; the whole id when it has no slash.
std::string_view suite_of(std::string_view id);

/// "cuda_vector_add" of "smoke/cuda_vector_add"; the whole id when it has no slash.
std::string_view name_of(std::string_view id);

/// "suites/smoke/cuda_vector_add.cpp": where the case with this id is defined.
std::string file_of(std::string_view id);

/// MUST or SHOULD, whichever word the sentence has first; ErrorKind::invalid without either.
base::Result<Level> level_of(std::string_view requirement);

/// Holds the metadata against what it must be: the id is two parts of [a-z0-9_], the requirement
/// one sentence with MUST or SHOULD, a source, a timeout above 0. ErrorKind::invalid names the id.
base::Result<void> check(const CaseMetadata& metadata);

}  // namespace coroner::record
