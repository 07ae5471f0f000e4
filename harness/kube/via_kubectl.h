// SPDX-License-Identifier: Apache-2.0
// ViaKubectl: `kubectl proxy` on a unix socket, for clusters that only kubectl can log in to.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/kube/access.h"
#include "harness/kube/find.h"

namespace coroner::kube {

/// Runs while it exists; ends kubectl and removes the socket in every case.
class ViaKubectl {
 public:
  /// Starts `kubectl` (looked up in PATH unless it is a path) and returns once its socket takes
  /// connections. The socket stands in a new folder that only this user can enter.
  /// ErrorKind::not_found without kubectl, timed_out, or internal with kubectl's own words.
  static base::Result<std::unique_ptr<ViaKubectl>> start(const Wanted& wanted,
                                                         const base::Deadline& deadline,
                                                         const std::stop_token& stop,
                                                         const std::string& kubectl = "kubectl");
  ~ViaKubectl();

  /// How to connect through it; nothing secret is in there.
  ClusterAccess access() const;

 private:
  class Proxy;
  explicit ViaKubectl(std::unique_ptr<Proxy> proxy);
  std::unique_ptr<Proxy> proxy_;
};

}  // namespace coroner::kube
