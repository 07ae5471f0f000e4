// SPDX-License-Identifier: Apache-2.0
// DNS and the network come before any GPU: without them a plugin's pod starts and reaches nobody.
#include "harness/objects/component.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using nlohmann::json;

constexpr std::string_view system_space = "kube-system";

/// CoreDNS by its image or by the label that kubeadm, k3s and the cloud providers keep from
/// kube-dns.
bool is_dns(const json& pod)
{
  if (objects::label_of(pod, "k8s-app") == "kube-dns") return true;
  const auto& containers = objects::at(pod, "/spec/containers");
  if (containers.is_array())
    for (const auto& container : containers)
      if (objects::text_at(container, "/image").find("coredns") != std::string::npos) return true;
  return false;
}

engine::Judgement judge(const engine::Seen& seen)
{
  const auto pods = collected(seen, "Pod", "api/v1/Pod");
  if (!pods) return pods.error();
  std::size_t running = 0;
  std::string dns;
  std::vector<std::string> bad;
  for (const auto* pod : *pods) {
    if (objects::namespace_of(*pod) != system_space || objects::has_ended(*pod)) continue;
    // Parts of the GPU stack have suites of their own.
    if (objects::is_gpu_component(*pod) || objects::is_being_deleted(*pod)) continue;
    if (const auto why = hindrance(*pod); !why.empty()) {
      bad.push_back(objects::title_of(*pod) + ": " + why);
      continue;
    }
    ++running;
    if (dns.empty() && is_dns(*pod)) dns = objects::name_of(*pod);
  }
  if (!bad.empty())
    return engine::fail("{} of {} pods do not run: {}", bad.size(), bad.size() + running, bad[0]);
  if (dns.empty())
    return engine::fail("no pod of {} serves DNS: of {} pods that run, none is CoreDNS",
                        system_space, running);
  return engine::pass({{"running", std::to_string(running)}, {"dns", dns}});
}

const engine::Case registered{{
    .id = "prerequisites/system_pods",
    .requirement = "The pods of kube-system MUST run and be ready, one that serves DNS among them.",
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes.io: concepts/cluster-administration/addons; seed 003: DNS fails",
    .subject = engine::Subject::cluster,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
