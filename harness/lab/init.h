// SPDX-License-Identifier: Apache-2.0
// The first process of a cell: builds the node, starts its services, keeps them running.
#pragma once

#include <filesystem>

namespace coroner::lab {

/// The descriptor on which init inherits the listening socket of the API server's port.
inline constexpr int listener_descriptor = 3;

/// Port of the API server inside every cell.
inline constexpr int api_server_port = 6443;

/// Runs as pid 1 of a cell's pid namespace with the plan in `cell_directory`/node/plan.json, and
/// ends the whole cell when it returns. Its own output is node/log/init.log. It reports through
/// node/init.json and obeys lines written to the pipe node/control:
/// "restart <service>". Returns the exit code: 1 after a failed boot, with the reason reported.
int run_init(const std::filesystem::path& cell_directory);

}  // namespace coroner::lab
