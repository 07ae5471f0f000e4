// SPDX-License-Identifier: Apache-2.0
// The node's network: everything on `lo` of its own namespace, made without any program.
#pragma once

#include <string>

#include "harness/base/result.h"

namespace coroner::lab {

/// Brings `lo` up, gives it `address` (the node's own) and routes everything else to it, which is
/// enough for a node address without veth or dummy links. Turns IPv4 forwarding on in this
/// namespace.
base::Result<void> bring_up_network(const std::string& address);

}  // namespace coroner::lab
