// SPDX-License-Identifier: Apache-2.0
// Carries connections from a port of the machine into the cell's network.
#pragma once

#include <cstdint>

namespace coroner::lab {

/// Accepts on `listener` (a socket made in the machine's network namespace, which keeps listening
/// there) and joins each connection with 127.0.0.1:`port` of the namespace this process is in.
/// At most 256 connections at a time. Returns only when the listener fails.
void forward_connections(int listener, std::uint16_t port);

}  // namespace coroner::lab
