// SPDX-License-Identifier: Apache-2.0
// From a started node to a cell in which everything is in place.
#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/lab/prepare.h"

namespace coroner::lab {

struct SettleRequest {
  const Places& places;
  const cell::Cell& cell;
  const Prepared& prepared;
  const Provision& provision;
  const State& state;
};

/// Whether Services and cluster DNS work on this node: kube-proxy needs the machine's nft.
bool has_service_network(const NodePlan& plan);

/// Imports the images, applies the cell's manifests and releases, and waits until the node is
/// Ready, CoreDNS is ready (where Services work) and (with GPUs) the plugin has registered them and
/// the labels that the cell's releases make are there.
/// `phases` gets each milestone with the seconds since `begin`. An error names the component that
/// is not there yet, with the last lines of its log.
base::Result<void> settle(const SettleRequest& request,
                          std::vector<std::pair<std::string, double>>& phases,
                          const base::Deadline& deadline, const std::stop_token& stop);

/// Whether a cell that is up is whole: API ready, node Ready, its GPUs allocatable. The error says
/// what is not.
base::Result<void> check_health(const Places& places, const State& state,
                                const base::Deadline& deadline);

}  // namespace coroner::lab
