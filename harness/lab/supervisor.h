// SPDX-License-Identifier: Apache-2.0
// Starts services in order of their needs, restarts what ends, gives up on what cannot live.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/lab/node_plan.h"
#include "harness/lab/state.h"

namespace coroner::lab {

/// A service that ends more often than this within `restart_window` is given up.
inline constexpr int most_restarts = 5;
inline constexpr std::chrono::seconds restart_window{60};

/// The services of one node. Not thread-safe; driven by init's loop.
class Supervisor {
 public:
  /// Logs go to `log_directory`/<service>.log.
  Supervisor(std::vector<Service> services, std::filesystem::path log_directory);

  /// Starts every service whose needs are met and that does not run. Cheap: call it often.
  void start_what_can_start();

  /// Notes that `pid` ended with `status` (waitpid). Unknown pids are orphans, and ignored.
  void note_end(pid_t pid, int status);

  /// Ends one service, which start_what_can_start then starts again; unknown names are ignored.
  void restart(const std::string& name);

  /// Whether each service has been started at least once.
  bool has_started_all() const;

  /// Why the node cannot live: a service that keeps ending (or ended while booting), with its last
  /// log lines; empty while there is no such.
  const std::string& failure() const { return failure_; }

  /// Phase is left to the caller.
  InitReport report() const;

 private:
  struct Running {
    Service service;
    pid_t pid = 0;
    int starts = 0;
    bool is_restart_wanted = false;
    std::vector<std::chrono::steady_clock::time_point> ends;
  };

  void start(Running& entry);
  std::string log_tail(const std::string& service) const;
  /// What some service said of a full disk, on a line of its own: containerd, for one, runs on
  /// without the plugin that it had no room for, and then it is the kubelet that ends.
  std::string full_disk_of_another() const;

  std::vector<Running> entries_;
  std::filesystem::path log_directory_;
  std::string failure_;
};

}  // namespace coroner::lab
