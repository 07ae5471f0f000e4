// SPDX-License-Identifier: Apache-2.0
// Any kubeconfig is read or refused; the same file again, with lower precedence, changes nothing.
#include "harness/base/text.h"
#include "harness/kube/kubeconfig.h"
#include "harness/testing/fuzz.h"

namespace {

using coroner::base::Result;
using coroner::kube::ClusterAccess;
using coroner::testing::demand;

void demand_printable(const Result<ClusterAccess>& access)
{
  if (access) return;
  const auto said = access.error().text();
  demand(coroner::base::printable(said) == said, "a refusal is printable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = coroner::testing::text_of(data, size);
  coroner::kube::Kubeconfig once;
  if (const auto added = once.add(text, "/f/one"); !added) {
    const auto said = added.error().text();
    demand(coroner::base::printable(said) == said, "a refusal is printable");
    return 0;
  }
  coroner::kube::Kubeconfig twice;
  demand(twice.add(text, "/f/one").has_value() && twice.add(text, "/f/two").has_value(),
         "a file that reads once reads again");
  demand(once.context_names() == twice.context_names(), "contexts are merged by name");
  auto names = once.context_names();
  names.emplace_back();
  for (const auto& name : names) {
    const auto access = once.access(name);
    const auto again = twice.access(name);
    demand_printable(access);
    demand(access.has_value() == again.has_value(), "the first file wins");
    if (access) demand(access->server == again->server, "the first file's server wins");
  }
  return 0;
}
