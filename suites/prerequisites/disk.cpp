// SPDX-License-Identifier: Apache-2.0
// CUDA images are large; below that, the kubelet evicts pods for their disk.
#include "suites/resources.h"

namespace coroner::suites {
namespace {

engine::Judgement judge(const engine::Seen& seen)
{
  // Firmware, kernel and file system keep a part of what is installed.
  return judge_minimum(
      seen,
      {.resource = "ephemeral-storage", .expectation = "minimum_disk", .least_visible_share = 0.9});
}

const engine::Case registered{{
    .id = "prerequisites/disk",
    .requirement = "A node SHOULD have at least 20 GiB of disk for images and logs.",
    .timeout = std::chrono::seconds(10),
    .source = "seed 003: prerequisites",
    .subject = engine::Subject::node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
