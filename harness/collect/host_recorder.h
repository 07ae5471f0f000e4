// SPDX-License-Identifier: Apache-2.0
// HostRecorder: one place of a node after the other into the bundle, each with its mark.
#pragma once

#include <string>

#include "harness/base/deadline.h"
#include "harness/collect/host.h"
#include "harness/collect/host_tree.h"

namespace coroner::collect {

/// Writes and marks; this room's own. `place` is a path of the node or a name of host_places.h.
class HostRecorder {
 public:
  HostRecorder(evidence::Writer& writer, const HostRequest& request)
      : tree_(request.root), writer_(writer), request_(request)
  {}

  const HostTree& tree() const { return tree_; }
  const HostRequest& request() const { return request_; }
  HostSummary& summary() { return summary_; }

  /// All of `place` is `content`; "" writes no file: it was looked at, and nothing is there.
  base::Result<void> found(const std::string& place, const std::string& content);

  /// `place` could not be read.
  base::Result<void> missing(const std::string& place, const std::string& reason);

  /// A file as it is, absent or not.
  base::Result<void> file(const std::string& place);

  /// The files of a folder that end in one of `endings`.
  base::Result<void> folder(const std::string& place, const std::vector<std::string>& endings);

 private:
  HostTree tree_;
  evidence::Writer& writer_;
  const HostRequest& request_;
  HostSummary summary_;
};

/// containerd's configuration as the daemon has it.
base::Result<void> record_loaded(HostRecorder& recorder, const base::Deadline& deadline,
                                 const std::stop_token& stop);

/// The journal of the units concerned, and the kernel's log.
base::Result<void> record_journal(HostRecorder& recorder, const base::Deadline& deadline,
                                  const std::stop_token& stop);
base::Result<void> record_kernel_log(HostRecorder& recorder, const base::Deadline& deadline,
                                     const std::stop_token& stop);

/// The TOML shape of what `crictl info` says of containerd's CRI plugin (/config/containerd);
/// ErrorKind::invalid when it says nothing of it.
base::Result<std::string> loaded_from_crictl(const std::string& output);

}  // namespace coroner::collect
