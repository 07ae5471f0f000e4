// SPDX-License-Identifier: Apache-2.0
// Names in a bundle of what commands said on a node; files stand there by their own path.
#pragma once

#include <string_view>

namespace coroner::evidence::host_places {

/// `containerd config dump`, or what the daemon says of its configuration: as it is loaded.
inline constexpr std::string_view containerd_loaded = "/containerd-loaded.toml";
/// Paths of device nodes, one a line: /dev/nvidia*, /dev/dri/*.
inline constexpr std::string_view devices = "/devices.txt";
/// Paths of the driver's libraries, one a line, links as "path -> target".
inline constexpr std::string_view driver_root = "/driver-root.txt";
/// Files of /run/nvidia/validations, one a line.
inline constexpr std::string_view validations = "/validations.txt";
/// The journal of containerd, kubelet, k3s and NVIDIA's units.
inline constexpr std::string_view journal = "/journal.log";
/// The kernel log.
inline constexpr std::string_view kernel_log = "/kernel.log";

}  // namespace coroner::evidence::host_places
