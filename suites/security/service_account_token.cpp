// SPDX-License-Identifier: Apache-2.0
// A pod that turns the token off has none.
#include "harness/engine/seen.h"
#include "harness/objects/object.h"

namespace coroner::suites {
namespace {

using namespace engine;

Judgement judge(const Seen& seen)
{
  auto judged = seen.proof("inspect");
  if (judged.verdict != record::Verdict::pass) return broken("{}", judged.reason);
  const auto line = seen.lines().front();
  const auto& token = objects::at(line, "/confinement/has_service_account_token");
  if (!token.is_boolean()) return broken("the inspection does not tell");
  if (token.get<bool>()) return fail("there is a token under /var/run/secrets");
  judged.proof["token"] = "none";
  return judged;
}

const Case registered{{
    .id = "security/service_account_token",
    .requirement =
        "A pod with automountServiceAccountToken false MUST NOT find a service account token.",
    .needs = {},
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds{60},
    .source = "kubernetes.io: tasks/configure-pod-container/configure-service-account",
    .subject = Subject::node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .dry_run = "",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
