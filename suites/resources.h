// SPDX-License-Identifier: Apache-2.0
// The minimum of one resource of a node, for the cases of seed figures: memory and disk.
#pragma once

#include <string>
#include <string_view>

#include "harness/engine/seen.h"

namespace coroner::suites {

/// Which resource of the node's capacity is held against which expectation.
struct Minimum {
  std::string_view resource;       ///< "memory"
  std::string expectation;         ///< "minimum_memory"
  double least_visible_share = 1;  ///< Of what is installed, as the kubelet sees it.
};

/// Pass with both amounts, fail when it is less, skip where nothing is expected, broken without a
/// capacity.
engine::Judgement judge_minimum(const engine::Seen& seen, const Minimum& minimum);

}  // namespace coroner::suites
