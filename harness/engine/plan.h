// SPDX-License-Identifier: Apache-2.0
// Plan: what a run will do, decided before anything is touched, and written into the bundle.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/engine/case.h"
#include "harness/engine/pull_secrets.h"

namespace coroner::engine {

/// What a person asked for.
struct Options {
  record::Effect ceiling = record::Effect::runs_pods;
  std::string focus;   ///< RE2 on case ids; "" all.
  std::string skip;    ///< RE2 on case ids; "" none.
  std::string nodes;   ///< "" the default choice, "all", a number, names, or a selector.
  std::string access;  ///< "" chosen per node, else a profile of manifests/access.
  std::string image;   ///< "" the default one.
  std::vector<std::string> pull_secrets;  ///< As pull_secrets.h reads them.
  std::string space;                      ///< Existing namespace to use; "" makes own ones.
  int most_pods = 20;
  int retries = 0;                     ///< Further attempts of a case that failed in a pod.
  std::chrono::seconds timeout{300};   ///< Of the whole run, clean-up apart.
  std::chrono::seconds lifetime{900};  ///< After which others may sweep what is left.
  std::string run_id;                  ///< "" a fresh one; given when a bundle is replayed.
  std::string nonce_seed;              ///< "" a fresh one; given when a bundle is replayed.
  record::Mode mode = record::Mode::live;
  std::string cell;  ///< Of the matrix; "" outside it.
};

/// One pod that a run creates, for one node.
struct PlannedPod {
  std::string manifest;  ///< "smoke/gpu"
  std::string node;
  std::string access;     ///< Profile; "" for pods without GPU.
  nlohmann::json object;  ///< As it will be created.
};

/// One case on one subject.
struct Task {
  std::string case_id;
  std::string node;  ///< "" for the cluster.
  int attempt = 1;
  std::string pod;       ///< "namespace/name"; "" when it needs none or is not run.
  std::string nonce;     ///< Of the payload in its container.
  std::string not_run;   ///< Why nothing is run, else "".
  bool is_skip = false;  ///< not_run makes it a skip; else the judge decides.
};

/// Which node was chosen for what.
struct PlannedNode {
  std::string name;
  std::string access;  ///< Profile of GPU pods.
  bool shows_gpu = false;
  bool runs_gpu_pod = false;
  std::string
      why_not;  ///< "busy: 1 of 1 GPUs taken", "offers no nvidia.com/gpu", "same model as …"
};

/// May we, and the rule that is missing.
struct Permission {
  std::string verb;
  std::string resource;  ///< "pods", "namespaces"
  bool is_allowed = false;
  bool is_optional = false;  ///< Pods are run without it too.
};

struct Plan {
  std::string run_id;
  std::string nonce_seed;
  std::string image;
  std::string space;         ///< Namespace of ordinary pods.
  std::string mounts_space;  ///< Labelled privileged; "" when no node needs it.
  std::string open_space;    ///< Without labels; "" when nothing is asked there.
  std::string priority;      ///< PriorityClass of the pods, which the run makes; "" for none.
  std::vector<PullSecret> pull_secrets;  ///< Lent to the namespaces of the pods.
  std::vector<PlannedNode> nodes;
  std::vector<Permission> permissions;
  std::vector<PlannedPod> pods;
  std::vector<Task> tasks;
  std::vector<std::string> cases;          ///< Ids that were selected.
  std::vector<std::string> disclosed;      ///< What a reader must know: a privileged pod, …
  std::vector<std::string> missing;        ///< What could not be read, with the missing rule.
  std::vector<nlohmann::json> components;  ///< Pods of the GPU stack, whose logs are read.
};

/// {"run","seed","image","space",…,"nodes":[…],"permissions":[{"verb","resource","allowed",
/// "optional"}],
/// "pods":[{"manifest","node","access","object"}],"tasks":[…]}; components and pull secrets are
/// left out.
nlohmann::json to_json(const Plan& plan);

/// {"case","node","attempt","pod","nonce","not_run","is_skip"}.
nlohmann::json to_json(const Task& task);

/// What `--dry-run` prints: nodes, permissions, cases, then each manifest as YAML-compatible JSON.
std::string plan_text(const Plan& plan);

}  // namespace coroner::engine
