// SPDX-License-Identifier: Apache-2.0
// Host: what a node itself says of its GPU stack, read on the node into a bundle.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/command.h"
#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/evidence/writer.h"

namespace coroner::collect {

/// Largest configuration file and most files of one folder that are taken, and how much of the
/// journal and of the kernel log is kept, each from its end.
inline constexpr std::size_t largest_host_file_bytes = 1U << 20U;
inline constexpr std::size_t most_folder_files = 64;
inline constexpr std::size_t largest_journal_bytes = 4U << 20U;
inline constexpr std::size_t most_kernel_lines = 2'000;
/// Most log files that are named by hand; they share what is kept of the journal.
inline constexpr std::size_t most_named_logs = 16;

/// Runs a command on the node; base::run's errors.
using HostRunner = std::function<base::Result<base::Finished>(
    const std::vector<std::string>& arguments, const base::Deadline&, const std::stop_token&)>;

struct HostRequest {
  /// Where the node's file system is: "/", or "/host" in a pod that mounts it. Links of the node
  /// are followed inside it only.
  std::filesystem::path root = "/";
  std::string node;  ///< The node's name in the cluster: facts are joined by it.
  /// Log files of the node ("/var/log/containerd/current"), for services that no journal knows:
  /// read from their ends and put after the journal.
  std::vector<std::string> logs;
  /// How commands run on the node. Empty: directly, or with chroot where `root` is another folder.
  HostRunner run;
};

/// What was read, for people.
struct HostSummary {
  std::size_t files = 0;
  std::vector<std::string> missing;  ///< "host/…: why", as marked in the bundle.
};

/// Reads what evidence/host_places.h and fact_table.h name, below host/<node>/: os-release,
/// containerd's configuration on disk and as it is loaded, k3s' and Docker's, the container
/// toolkit's, CDI specs, validations, device nodes, the driver's libraries, kernel modules, command
/// line and log, and the journal of the units concerned. What is not there is marked as collected,
/// what cannot be read as not collected with the reason (most of it needs root).
/// ErrorKind::invalid when `root` is no folder, `node` no name, or `logs` are too many or not
/// absolute; not_found or denied for a log that was named and does not read; timed_out on `stop`
/// alone; else only where the bundle cannot be written.
base::Result<HostSummary> record_host(evidence::Writer& writer, const HostRequest& request,
                                      const base::Deadline& deadline, const std::stop_token& stop);

}  // namespace coroner::collect
