// SPDX-License-Identifier: Apache-2.0
// Below that, the kernel ends system pods (coredns, metrics-server) when GPU components start.
#include "suites/resources.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  // Firmware, kernel and file system keep a part of what is installed.
  return judge_minimum(
      seen, {.resource = "memory", .expectation = "minimum_memory", .least_visible_share = 0.9});
}

const engine::Case registered{{
    .id = "prerequisites/memory",
    .requirement = "A node SHOULD have at least 8 GiB of memory.",
    .timeout = std::chrono::seconds(10),
    .source = "seed 003: prerequisites",
    .subject = engine::Subject::node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
