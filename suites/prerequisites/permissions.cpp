// SPDX-License-Identifier: Apache-2.0
// What the account could not read is said once, by the rule that is missing, and not by every case.
#include <array>

#include "harness/base/text.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

struct Reading {
  std::string_view kind;
  std::string_view place;
  std::string_view rule;  ///< What an RBAC rule must allow.
};

constexpr auto readings = std::to_array<Reading>({
    {"Node", "api/v1/Node", "list nodes"},
    {"Pod", "api/v1/Pod", "list pods (all namespaces)"},
    {"DaemonSet", "api/apps/v1/DaemonSet", "list daemonsets.apps (all namespaces)"},
    {"RuntimeClass", "api/node.k8s.io/v1/RuntimeClass", "list runtimeclasses.node.k8s.io"},
});

engine::Judgement judge(const engine::Seen& seen)
{
  std::vector<std::string> missing;
  std::map<std::string, std::string> proof;
  for (const auto& reading : readings) {
    const auto count = seen.objects(reading.kind).size();
    if (count == 0 && !seen.was_collected(reading.place))
      missing.emplace_back(reading.rule);
    else
      proof[std::string(reading.kind)] = std::to_string(count) + " read";
  }
  if (!missing.empty())
    return engine::fail("this account could not: {}", base::join(missing, "; "));
  return engine::pass(std::move(proof));
}

const engine::Case registered{{
    .id = "prerequisites/permissions",
    .requirement = "The account of a run MUST be allowed to list nodes, pods, DaemonSets and "
                   "RuntimeClasses.",
    .timeout = std::chrono::seconds(10),
    .source = "kubernetes.io: reference/access-authn-authz/rbac",
    .subject = engine::Subject::cluster,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
