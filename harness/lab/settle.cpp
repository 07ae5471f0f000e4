// SPDX-License-Identifier: Apache-2.0
// Everything that happens in a cell after its services run and before `up` returns.
#include "harness/lab/settle.h"

#include <algorithm>
#include <thread>

#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cell/cell.h"
#include "harness/kube/client.h"
#include "harness/kube/find.h"
#include "harness/lab/access.h"
#include "harness/lab/enter.h"
#include "harness/lab/gpu_source.h"
#include "harness/lab/images.h"
#include "harness/lab/releases.h"
#include "harness/objects/manifest.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"

namespace coroner::lab {
namespace {

using namespace std::chrono_literals;
using base::Deadline;
using base::error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr auto look_interval = 30ms;

/// Names the image that smoke pods of a probe run in on this node (engine/pods.h), and that of the
/// recipe `smoke` of matrix/lab/images.yaml.
constexpr const char* image_annotation = "coroner/image";
constexpr const char* smoke_image = "coroner.local/smoke:1";

/// One wait for a cell: ends early when the cell itself has ended.
class Settling {
 public:
  Settling(const SettleRequest& request, kube::Cluster& cluster, const Deadline& deadline,
           std::stop_token stop)
      : request_(request), cluster_(cluster), deadline_(deadline), stop_(std::move(stop))
  {}

  Result<void> until(std::string_view what, const std::function<Result<bool>()>& probe) const
  {
    return base::poll_until(
        [&]() -> Result<bool> {
          TRY(check_init());
          return probe();
        },
        what, look_interval, deadline_, stop_);
  }

  /// Tells the node when the API server first answers, and when it is ready.
  Result<void> api_is_ready() const
  {
    bool has_answered = false;
    auto ready = until("the API server's readiness", [&]() -> Result<bool> {
      const auto answer = cluster_.raw("/readyz", deadline_.at_most(5s), stop_);
      if (!answer) return false;
      if (!has_answered) TRY(tell_node("api-answers"));
      has_answered = true;
      constexpr int good = 200;
      return answer->status == good;
    });
    if (!ready) return ready;
    return tell_node("api-ready");
  }

  /// Applies one object; what its namespace or the API's own controllers still owe is waited for.
  Result<void> apply(const json& object) const
  {
    std::string refusal;
    auto applied = until(objects::title_of(object), [&]() -> Result<bool> {
      const auto done = kube::apply(cluster_, object, "default", deadline_, stop_);
      if (done) return true;
      refusal = done.error().text();
      const bool may_come =
          done.error().kind == ErrorKind::not_found || done.error().kind == ErrorKind::unreachable;
      if (!may_come) return tl::unexpected(done.error());
      return false;
    });
    if (!applied)
      applied.error().within("while applying " + objects::title_of(object)).within(refusal);
    return applied;
  }

  Result<void> apply_file(const std::string& relative) const
  {
    const auto path = request_.places.matrix / relative;
    TRY_ASSIGN(text, base::read_file(path, base::largest_yaml_bytes));
    auto filled = cell::fill_in(text, request_.prepared.words);
    if (!filled) return base::pass_on(std::move(filled).error(), "in " + path.string());
    TRY_ASSIGN(all, objects::objects_from_yaml(*filled, path.string()));
    for (const auto& object : all) TRY(apply(object));
    return {};
  }

  Result<json> node() const
  {
    TRY_ASSIGN(resource, objects::resource_for("v1", "Node"));
    return cluster_.get({resource, "", request_.state.name}, deadline_.at_most(5s), stop_);
  }

  Result<void> node_is_ready() const
  {
    std::string last = "it has not registered";
    auto ready = until("the node's readiness", [&]() -> Result<bool> {
      const auto seen = node();
      if (!seen) return false;
      last = "Ready is not True";
      for (const auto& condition : objects::at(*seen, "/status/conditions"))
        if (objects::text_at(condition, "/type") == "Ready")
          last = objects::text_at(condition, "/message");
      return objects::is_node_ready(*seen);
    });
    return with_log(std::move(ready), "kubelet", "the node says: " + last);
  }

  /// The kubelet tells of its images only after half a minute; a probe must not wait for that.
  Result<void> name_image() const
  {
    TRY_ASSIGN(resource, objects::resource_for("v1", "Node"));
    TRY(cluster_.patch(
        {resource, "", request_.state.name},
        {.type = kube::PatchType::merge,
         .body = {{"metadata", {{"annotations", {{image_annotation, smoke_image}}}}}},
         .subresource = ""},
        deadline_, stop_));
    return {};
  }

  Result<void> dns_is_ready() const
  {
    TRY_ASSIGN(resource, objects::resource_for("apps/v1", "Deployment"));
    return with_log(until("CoreDNS",
                          [&]() -> Result<bool> {
                            const auto seen = cluster_.get({resource, "kube-system", "coredns"},
                                                           deadline_.at_most(5s), stop_);
                            return seen &&
                                   objects::number_at(*seen, "/status/availableReplicas", 0) > 0;
                          }),
                    "kubelet", "the deployment kube-system/coredns has no available pod");
  }

  Result<void> gpus_are_registered() const
  {
    std::string last = "nothing";
    auto registered = until("the device plugin's registration", [&]() -> Result<bool> {
      const auto seen = node();
      if (!seen) return false;
      const auto count = objects::allocatable(*seen, "nvidia.com/gpu");
      if (count) last = fmt::format("{}", *count);
      return count && static_cast<int>(*count) == request_.prepared.gpu_count;
    });
    return with_log(std::move(registered), "kubelet",
                    fmt::format("nvidia.com/gpu is {} where {} is expected", last,
                                request_.prepared.gpu_count));
  }

  /// The node bears `labels`, and every pod is ready: the kubelet tells that of a pod only some
  /// time after the pod has done its work.
  Result<void> is_labelled(const std::vector<std::string>& labels) const
  {
    TRY_ASSIGN(resource, objects::resource_for("v1", "Pod"));
    std::string last;
    auto labelled = until("feature discovery's labels", [&]() -> Result<bool> {
      const auto seen = node();
      if (!seen) return false;
      for (const auto& label : labels)
        if (objects::label_of(*seen, label).empty()) {
          last = "the node has no label " + label;
          return false;
        }
      kube::Query everywhere;
      everywhere.resource = resource;
      const auto pods = cluster_.list(everywhere, deadline_.at_most(5s), stop_);
      if (!pods) return false;
      for (const auto& pod : pods->items)
        if (!objects::has_ended(pod) && !objects::is_pod_ready(pod)) {
          last = objects::title_of(pod) + " is not ready";
          return false;
        }
      return true;
    });
    return with_log(std::move(labelled), "kubelet", last);
  }

 private:
  /// Makes a file that services wait for (matrix/lab/node/services.yaml).
  Result<void> tell_node(const char* file) const
  {
    return base::write_file(node_directory() / file, "");
  }

  std::filesystem::path node_directory() const
  {
    return request_.places.cell(request_.state.name) / "node";
  }

  Result<void> check_init() const
  {
    const auto report = read_init_report(node_directory());
    if (report && report->phase == "failed")
      return error(ErrorKind::internal, "{}", report->failure);
    if (request_.state.init.is_alive()) return {};
    constexpr std::size_t tail_bytes = 4096;
    constexpr std::size_t lines_shown = 6;
    const auto log = base::read_tail(node_directory() / "log" / "init.log", tail_bytes);
    return error(ErrorKind::internal, "the cell's first process ended; its last words:\n{}",
                 base::printable(base::last_lines(log.value_or(""), lines_shown)));
  }

  Result<void> with_log(Result<void> outcome, const std::string& service,
                        const std::string& state) const
  {
    if (outcome || outcome.error().kind != ErrorKind::timed_out) return outcome;
    constexpr std::size_t tail_bytes = 16U << 10U;
    constexpr std::size_t lines_shown = 6;
    const auto log = base::read_tail(node_directory() / "log" / (service + ".log"), tail_bytes);
    outcome.error().within(state).within(
        fmt::format("the last lines of {}.log:\n{}", service,
                    base::printable(base::last_lines(log.value_or(""), lines_shown))));
    return outcome;
  }

  const SettleRequest& request_;
  kube::Cluster& cluster_;
  Deadline deadline_;
  std::stop_token stop_;
};

/// Whether feature discovery can do its work on this node: it speaks to the API server through a
/// Service, and finds GPUs on the PCI bus.
bool can_discover_features(const NodePlan& plan)
{
  return has_service_network(plan) && has_pci_bus();
}

/// Installs the releases that make labels, where they can work, and gives these labels.
Result<std::vector<std::string>> install_discovery(const SettleRequest& request,
                                                   const Deadline& deadline,
                                                   const std::stop_token& stop)
{
  std::vector<std::string> labels;
  if (!can_discover_features(request.prepared.plan)) return labels;
  for (const auto& release : request.cell.helm) {
    if (release.awaited_labels.empty()) continue;
    TRY(install_release(request.places, request.cell, release, request.state, deadline, stop));
    labels.insert(labels.end(), release.awaited_labels.begin(), release.awaited_labels.end());
  }
  return labels;
}

/// Hands the archives to containerd as soon as it answers, where it did not start with them.
Result<void> import_images(const SettleRequest& request, const Deadline& deadline,
                           const std::stop_token& stop)
{
  if (request.prepared.has_images) return {};
  const auto socket =
      fmt::format("/proc/{}/root{}", request.state.init.pid, request.cell.containerd.socket);
  TRY(base::poll_until([&socket]() -> Result<bool> { return ::access(socket.c_str(), F_OK) == 0; },
                       "containerd's socket", 10ms, deadline, stop));
  for (const auto& archive : request.provision.images) {
    auto imported = run_in_cell(
        request.state,
        import_command(request.prepared.words.at("containerd"), request.cell.containerd.socket,
                       "/opt/coroner/images/" + archive.filename().string()),
        deadline);
    if (!imported)
      return base::pass_on(std::move(imported).error(),
                           "while importing the image " + archive.filename().string());
  }
  return {};
}

/// Seconds since `begin`, on a growing list.
class Milestones {
 public:
  explicit Milestones(std::vector<std::pair<std::string, double>>& phases) : phases_(phases) {}
  void reached(const std::string& name)
  {
    phases_.emplace_back(
        name, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count());
  }

 private:
  std::vector<std::pair<std::string, double>>& phases_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

bool has_service_network(const NodePlan& plan)
{
  return std::any_of(plan.services.begin(), plan.services.end(),
                     [](const Service& service) { return service.name == "kube-proxy"; });
}

Result<void> settle(const SettleRequest& request,
                    std::vector<std::pair<std::string, double>>& phases, const Deadline& deadline,
                    const std::stop_token& stop)
{
  Milestones milestones(phases);
  Result<void> imported;
  std::stop_source ended;
  const std::stop_callback pass_on_stop(stop, [&ended] { ended.request_stop(); });
  std::jthread importing([&] { imported = import_images(request, deadline, ended.get_token()); });
  Result<std::vector<std::string>> labels;
  std::jthread discovering;
  const auto all = [&]() -> Result<void> {
    TRY_ASSIGN(cluster, connect_to_cell(kubeconfig_of(request.places, request.state.name)));
    const Settling settling(request, *cluster, deadline, stop);
    TRY(settling.api_is_ready());
    milestones.reached("API server");
    // Beside everything else: helm takes seconds for a chart with CRDs.
    discovering =
        std::jthread([&] { labels = install_discovery(request, deadline, ended.get_token()); });
    for (const auto& manifest : request.cell.manifests) TRY(settling.apply_file(manifest));
    for (const auto& release : request.cell.helm)
      if (release.awaited_labels.empty())
        TRY(install_release(request.places, request.cell, release, request.state, deadline, stop));
    TRY(settling.node_is_ready());
    milestones.reached("node Ready");
    importing.join();
    TRY(imported);
    milestones.reached("images");
    TRY(settling.name_image());
    if (request.prepared.gpu_count > 0) {
      TRY(settling.gpus_are_registered());
      milestones.reached("device plugin");
    }
    if (has_service_network(request.prepared.plan)) {
      TRY(settling.dns_is_ready());
      milestones.reached("DNS");
    }
    discovering.join();
    TRY(labels);
    if (labels->empty() || request.prepared.gpu_count == 0) return {};
    TRY(settling.is_labelled(*labels));
    milestones.reached("labels");
    return {};
  };
  auto outcome = all();
  ended.request_stop();
  return outcome;
}

Result<void> check_health(const Places& places, const State& state, const Deadline& deadline)
{
  TRY_ASSIGN(cluster, connect_to_cell(kubeconfig_of(places, state.name)));
  TRY_ASSIGN(resource, objects::resource_for("v1", "Node"));
  return base::poll_until(
      [&]() -> Result<bool> {
        const auto node = cluster->get({resource, "", state.name}, deadline.at_most(5s), {});
        if (!node || !objects::is_node_ready(*node)) return false;
        return state.gpu_count == 0 || objects::allocatable(*node, "nvidia.com/gpu") ==
                                           static_cast<double>(state.gpu_count);
      },
      "the cell's health", 100ms, deadline);
}

}  // namespace coroner::lab
