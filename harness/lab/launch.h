// SPDX-License-Identifier: Apache-2.0
// Starts a cell's first process in namespaces of its own.
#pragma once

#include <filesystem>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/lab/state.h"

namespace coroner::lab {

/// A listening socket on 127.0.0.1 of the machine.
class Listener {
 public:
  /// `port` 0 takes any free one. ErrorKind::invalid names a port that is taken.
  static base::Result<Listener> open(int port);
  Listener(Listener&& other) noexcept : descriptor_(other.descriptor_), port_(other.port_)
  {
    other.descriptor_ = -1;
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  Listener& operator=(Listener&&) = delete;
  ~Listener();
  int descriptor() const { return descriptor_; }
  int port() const { return port_; }

 private:
  Listener(int descriptor, int port) : descriptor_(descriptor), port_(port) {}
  int descriptor_;
  int port_;
};

/// Starts this program again as init of the cell in `cell_directory` (its node/plan.json must be
/// there): new mount, pid, network, uts, ipc and cgroup namespaces, inside `cgroups`, with the
/// listener inherited. The process outlives this one. ErrorKind::denied without root.
base::Result<ProcessIdentity> launch_init(const std::filesystem::path& cell_directory,
                                          const std::vector<std::string>& cgroups,
                                          const Listener& listener);

/// Ends init and with it every process of the cell, and waits until the kernel has ended them.
base::Result<void> end_cell(const ProcessIdentity& init, const base::Deadline& deadline);

}  // namespace coroner::lab
