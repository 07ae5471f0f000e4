// SPDX-License-Identifier: Apache-2.0
#include "suites/resources.h"

#include "harness/objects/node.h"
#include "harness/objects/quantity.h"
#include "suites/questions.h"

namespace coroner::suites {

engine::Judgement judge_minimum(const engine::Seen& seen, const Minimum& minimum)
{
  const auto node = node_object(seen);
  if (!node) return node.error();
  const auto wanted = seen.expected(minimum.expectation);
  if (wanted.empty())
    return engine::skip("nothing is expected of {} on this distro", minimum.resource);
  const auto least = objects::parse_quantity(wanted);
  if (!least) return engine::broken("the expectation {} is no quantity", minimum.expectation);
  const auto amount = objects::capacity(**node, minimum.resource);
  if (!amount) return engine::broken("the node names no capacity of {}", minimum.resource);
  if (*amount < *least * minimum.least_visible_share)
    return engine::fail("{} has {} of {}, and {} is the least that a GPU stack runs well with",
                        seen.node_name(), gibibytes(*amount), minimum.resource, gibibytes(*least));
  return engine::pass({{"capacity", gibibytes(*amount)}, {"minimum", gibibytes(*least)}});
}

}  // namespace coroner::suites
