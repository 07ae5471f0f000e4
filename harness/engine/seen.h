// SPDX-License-Identifier: Apache-2.0
// Seen: what a run recorded of one case on one subject, for its judge.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/engine/case.h"
#include "harness/evidence/bundle.h"
#include "harness/evidence/observed.h"
#include "harness/objects/pod.h"

namespace coroner::engine {

/// One case on one subject, as the plan has it and the bundle shows it. Everything in it is
/// untrusted text of a cluster.
class Seen {
 public:
  /// The parts are the assessment's, and outlive this.
  struct Parts {
    const CaseDefinition* definition = nullptr;
    const nlohmann::json* task = nullptr;  ///< Its entry of the plan (plan.h).
    const std::vector<record::Node>* nodes = nullptr;
    const evidence::Observed* observed = nullptr;
    const evidence::FactStore* facts = nullptr;  ///< Derived ones included.
    const std::vector<nlohmann::json>* answers = nullptr;
    evidence::ClusterIdentity cluster;
  };
  explicit Seen(Parts parts);

  // --- about whom -----------------------------------------------------------------------------
  /// "" for a case of the cluster.
  const std::string& node_name() const { return node_name_; }
  /// The node and its expectations; of a case of the cluster an empty one.
  const record::Node& node() const;
  const std::vector<record::Node>& nodes() const { return *parts_.nodes; }
  /// An expectation of this node by its name (matrix/expectations.yaml); "" when there is none.
  std::string expected(const std::string& name) const;

  // --- facts and objects ----------------------------------------------------------------------
  /// What is known of a fact (evidence/fact_table.h, graveyard/derived.h) on this node.
  evidence::Answer fact(std::string_view name) const;
  /// All objects of one kind, in the order of their paths. `was_collected` tells an empty cluster
  /// from one that was not asked.
  std::vector<const nlohmann::json*> objects(std::string_view kind) const;
  bool was_collected(std::string_view place) const;
  /// The cluster as it told of itself: /version, and the uid of kube-system where that is readable.
  const evidence::ClusterIdentity& cluster() const { return parts_.cluster; }
  /// The Node object of node_name(); null JSON when there is none.
  const nlohmann::json& node_object() const;
  /// The line of kind `kind` ("inspect", "nvml", "vectoradd", "smi") that the payload of any case
  /// printed on this node: with `with_gpu` only that of a pod that asked for a GPU, else rather of
  /// one that did not. Null JSON when there is none.
  const nlohmann::json& payload_line(std::string_view kind, bool with_gpu = false) const;

  // --- this case's pod ------------------------------------------------------------------------
  /// Why nothing was run ("dry run", "busy: …", "this node offers no nvidia.com/gpu"); "" when the
  /// pod was created.
  std::string not_run() const;
  /// The last state of the pod; null JSON when none was created.
  const nlohmann::json& pod() const;
  /// The state of this case's container.
  std::optional<objects::ContainerState> container() const;
  /// Warning events of the pod, oldest first: "FailedCreatePodSandBox: …".
  std::vector<std::string> events() const;
  /// The lines that the case's container printed for this run's nonce, in order.
  std::vector<nlohmann::json> lines() const;
  /// Why the container gave no result, in one sentence: the pod's own words (waiting reason, last
  /// warning event, exit code). "" when it ended with 0.
  std::string trouble() const;

  /// The pass of a payload's result, or what speaks against it. Passes only when the container
  /// really started (image and container id, start not after end), ended with 0, and printed one
  /// line of `kind` with `ok`, this run's nonce, and, for "vectoradd", the checksum that the nonce
  /// gives and work above zero. The proof holds image_id, nonce, started, finished and, where the
  /// kind has them, checksum, elements, gpu, simulated.
  Judgement proof(std::string_view kind) const;

  // --- this case's question to the API --------------------------------------------------------
  /// {"status":"admitted"|"refused"|"error","message","code"} of the dry run; null JSON when it was
  /// not asked.
  const nlohmann::json& answer() const;

 private:
  Parts parts_;
  std::string node_name_;
};

}  // namespace coroner::engine
