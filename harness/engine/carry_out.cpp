// SPDX-License-Identifier: Apache-2.0
// Carrying out a plan: namespaces, payload, pods and questions, then waiting for what comes of it.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

#include "harness/collect/collect.h"
#include "harness/engine/marks.h"
#include "harness/engine/parallel.h"
#include "harness/engine/pod_run.h"
#include "harness/engine/pods.h"
#include "harness/engine/probe.h"
#include "harness/engine/sweep.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using base::Deadline;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

/// Bytes kept of the log of each component of the GPU stack.
constexpr std::size_t largest_component_log_bytes = 256U << 10U;
/// How long a new namespace may take to get its service account.
constexpr std::chrono::seconds patience_with_account{10};
constexpr std::chrono::milliseconds account_interval{100};
/// Below every value that anybody would set (Kubernetes 1.34: the field is an int32).
constexpr auto lowest_priority = std::numeric_limits<std::int32_t>::min();

const CaseDefinition& definition_of(const std::string& id)
{
  const auto& all = registry();
  return *std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id == id; });
}

class Run {
 public:
  Run(kube::Cluster& cluster, const Plan& plan, const Options& options, evidence::Writer& writer,
      const Listener& listener, const Deadline& deadline, const std::stop_token& stop)
      : cluster_(cluster),
        plan_(plan),
        options_(options),
        writer_(writer),
        listener_(listener),
        deadline_(deadline),
        stop_(stop)
  {
    if (!plan.pods.empty())
      expires_at_ = objects::annotations_of(plan.pods[0].object).at(std::string(expiry_annotation));
    if (expires_at_.empty())
      expires_at_ = time_text(std::chrono::system_clock::now() + options.lifetime);
  }

  Result<void> all()
  {
    return in_parallel({
        [this] {
          return collect::collect_logs(cluster_, writer_, plan_.components,
                                       largest_component_log_bytes, deadline_, stop_);
        },
        [this] { return make_and_follow(); },
    });
  }

 private:
  Result<void> make_and_follow()
  {
    if (plan_.pods.empty() && plan_.open_space.empty()) return {};
    listener_.phase("create");
    TRY(make_spaces());
    std::vector<Action> work = {[this] { return ask_all(); }};
    if (!plan_.pods.empty()) work.emplace_back([this] { return run_pods(); });
    return in_parallel(work);
  }

  Result<void> make_spaces()
  {
    struct Space {
      std::string name;
      std::string level;  ///< Of Pod Security; "" leaves it to the cluster.
    };
    const std::vector<Space> wanted = {
        {plan_.space, "restricted"}, {plan_.mounts_space, "privileged"}, {plan_.open_space, ""}};
    std::vector<Action> creates;
    for (const auto& space : wanted) {
      if (space.name.empty() || space.name == options_.space) continue;
      creates.emplace_back([this, space]() -> Result<void> {
        json object = {
            {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", space.name}}}};
        mark(object, plan_.run_id, expires_at_);
        if (!space.level.empty())
          object["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = space.level;
        TRY_ASSIGN(made, cluster_.create(object, {}, deadline_, stop_));
        return writer_.object(made);
      });
    }
    if (!plan_.priority.empty()) creates.emplace_back([this] { return make_priority(); });
    return in_parallel(creates);
  }

  Result<void> make_priority()
  {
    json object = {{"apiVersion", "scheduling.k8s.io/v1"},
                   {"kind", "PriorityClass"},
                   {"metadata", {{"name", plan_.priority}}},
                   {"value", lowest_priority},
                   {"globalDefault", false},
                   {"preemptionPolicy", "Never"},
                   {"description", "Pods of one run of coroner, which yield to all others."}};
    mark(object, plan_.run_id, expires_at_);
    TRY_ASSIGN(made, cluster_.create(object, {}, deadline_, stop_));
    return writer_.object(made);
  }

  /// The payload for the architectures of the pods of each namespace.
  Result<void> deliver_payload()
  {
    std::map<std::string, std::set<std::string>> needed;
    for (const auto& pod : plan_.pods)
      for (const auto& volume : objects::at(pod.object, "/spec/volumes"))
        if (objects::text_at(volume, "/configMap/name") == payload_name)
          needed[objects::namespace_of(pod.object)].insert(
              objects::text_at(volume, "/configMap/items/0/key").substr(payload_name.size() + 1));
    std::vector<Action> creates;
    for (const auto& [space, architectures] : needed)
      creates.emplace_back([this, space, architectures]() -> Result<void> {
        TRY_ASSIGN(object, payload_object({architectures.begin(), architectures.end()}, space,
                                          plan_.run_id, expires_at_));
        TRY_ASSIGN(made, cluster_.create(object, {}, deadline_, stop_));
        made.erase("binaryData");  // our own programs are no evidence
        return writer_.object(made);
      });
    return in_parallel(creates);
  }

  Result<void> run_pods()
  {
    std::set<std::string> spaces;
    for (const auto& pod : plan_.pods) spaces.insert(objects::namespace_of(pod.object));
    PodRun run(cluster_, writer_, spaces.size() == 1 ? *spaces.begin() : "",
               std::string(run_label) + "=" + plan_.run_id);
    std::vector<PlannedPod> pods = plan_.pods;
    // A pod waits for its ConfigMap by itself: both are sent at the same time, GPU pods first.
    std::stable_sort(pods.begin(), pods.end(), [](const auto& a, const auto& b) {
      return a.access.empty() < b.access.empty();
    });
    TRY(in_parallel({[this] { return deliver_payload(); },
                     [&] {
                       return copy_pull_secrets(cluster_,
                                                {.secrets = plan_.pull_secrets,
                                                 .spaces = {spaces.begin(), spaces.end()},
                                                 .run_id = plan_.run_id,
                                                 .expires_at = expires_at_},
                                                deadline_, stop_);
                     }}));
    for (int attempt = 1; attempt <= 1 + options_.retries && !pods.empty(); ++attempt) {
      if (attempt > 1) TRY(begin_attempt(pods, attempt));
      TRY_ASSIGN(created, create_pods(pods));
      listener_.phase("run");
      TRY(run.follow(
          created,
          [this](const FollowedPod& pod) {
            for (const auto& [container, case_id] : pod.case_of) listener_.begun(case_id, pod.node);
          },
          deadline_, stop_));
      std::erase_if(pods, [&](const PlannedPod& pod) {
        return run.is_good(objects::namespace_of(pod.object) + "/" + objects::name_of(pod.object));
      });
    }
    return {};
  }

  /// Gives the pods that failed new names and nonces, and writes their tasks.
  Result<void> begin_attempt(std::vector<PlannedPod>& pods, int attempt)
  {
    for (auto& pod : pods) {
      const auto space = objects::namespace_of(pod.object);
      const auto before = objects::name_of(pod.object);
      const auto name = before.substr(0, before.find("-again")) + fmt::format("-again{}", attempt);
      pod.object["metadata"]["name"] = name;
      for (const auto* list : {"initContainers", "containers"})
        for (auto& container : pod.object["spec"][list])
          if (container.contains("args"))
            container["args"].back() =
                nonce_of(plan_.nonce_seed, space + "/" + name, container.value("name", ""));
      for (const auto& task : plan_.tasks) {
        const auto& definition = definition_of(task.case_id);
        if (definition.manifest != pod.manifest || task.node != pod.node || task.pod.empty())
          continue;
        auto again = task;
        again.attempt = attempt;
        again.pod = space + "/" + name;
        again.nonce = nonce_of_container(pod.object, definition.container);
        auto answer = to_json(again);
        answer["question"] = "attempt";
        TRY(writer_.answer(answer));
      }
    }
    return {};
  }

  /// Creates them at the same time; a pod that is refused is evidence, not an error.
  Result<std::vector<FollowedPod>> create_pods(const std::vector<PlannedPod>& pods)
  {
    std::vector<FollowedPod> followed(pods.size());
    std::vector<Action> creates;
    for (std::size_t i = 0; i < pods.size(); ++i)
      creates.emplace_back([&, i]() -> Result<void> {
        const auto made = create_with_account(pods[i].object, {});
        if (!made) return tell_refusal(pods[i].object, made.error());
        followed[i] = followed_pod(pods[i]);
        return {};
      });
    TRY(in_parallel(creates));
    std::erase_if(followed, [](const auto& pod) { return pod.key.empty(); });
    return followed;
  }

  FollowedPod followed_pod(const PlannedPod& pod) const
  {
    FollowedPod made{.key = objects::namespace_of(pod.object) + "/" + objects::name_of(pod.object),
                     .node = pod.node};
    for (const auto& id : plan_.cases) {
      const auto& definition = definition_of(id);
      if (definition.manifest != pod.manifest) continue;
      made.case_of.emplace(definition.container, id);  // the first case of a container owns it
      made.timeout =
          std::max(made.timeout, std::chrono::ceil<std::chrono::seconds>(definition.timeout));
    }
    return made;
  }

  Result<void> tell_refusal(const json& object, const base::Error& error)
  {
    if (error.kind == ErrorKind::unreachable || error.kind == ErrorKind::timed_out)
      return tl::unexpected(error);
    return writer_.answer({{"question", "create"},
                           {"pod", objects::namespace_of(object) + "/" + objects::name_of(object)},
                           {"status", "refused"},
                           {"message", error.what}});
  }

  /// Dry runs in the namespace without labels.
  Result<void> ask_all()
  {
    std::vector<Action> questions;
    for (const auto& task : plan_.tasks) {
      const auto& definition = definition_of(task.case_id);
      if (definition.dry_run.empty() || !task.not_run.empty() || plan_.open_space.empty()) continue;
      questions.emplace_back([this, &definition] { return ask(definition); });
    }
    return in_parallel(questions);
  }

  Result<void> ask(const CaseDefinition& definition)
  {
    TRY_ASSIGN(object, load_manifest(definition.dry_run));
    object["metadata"]["namespace"] = plan_.open_space;
    mark(object, plan_.run_id, expires_at_);
    const auto answered = create_with_account(object, {.is_dry_run = true});
    json answer = {{"question", "dry_run"},
                   {"case", definition.id},
                   {"manifest", definition.dry_run},
                   {"object_name", objects::name_of(object)},
                   {"code", answered ? 201 : 403},
                   {"status", "admitted"},
                   {"message", ""}};
    if (!answered) {
      const auto& error = answered.error();
      if (error.kind == ErrorKind::unreachable || error.kind == ErrorKind::timed_out)
        return tl::unexpected(error);
      answer["status"] = "refused";
      answer["message"] = error.what;
    }
    return writer_.answer(answer);
  }

  /// A new namespace has no service account for a moment, and a server may not yet have heard of a
  /// new PriorityClass: pods are refused until then.
  Result<json> create_with_account(const json& object, const kube::CreateOptions& how)
  {
    const auto patience = deadline_.at_most(patience_with_account);
    while (true) {
      auto made = cluster_.create(object, how, deadline_, stop_);
      const auto says = [&made](std::string_view words) {
        return made.error().what.find(words) != std::string::npos;
      };
      // kube-apiserver v1.34: plugin/pkg/admission/serviceaccount and priority, admission.go.
      const bool is_early = !made && ((says("serviceaccount") && says("not found")) ||
                                      says("no PriorityClass with name"));
      if (!is_early || patience.has_passed()) return made;
      if (!base::wait_for(account_interval, stop_))
        return base::error(ErrorKind::timed_out, "interrupted");
    }
  }

  kube::Cluster& cluster_;
  const Plan& plan_;
  const Options& options_;
  evidence::Writer& writer_;
  const Listener& listener_;
  Deadline deadline_;
  std::stop_token stop_;
  std::string expires_at_;
};

}  // namespace

Result<void> carry_out(kube::Cluster& cluster, const Plan& plan, const Options& options,
                       evidence::Writer& writer, const Listener& listener, const Deadline& deadline,
                       const std::stop_token& stop)
{
  return Run(cluster, plan, options, writer, listener, deadline, stop).all();
}

}  // namespace coroner::engine
