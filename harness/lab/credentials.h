// SPDX-License-Identifier: Apache-2.0
// Certificates and kubeconfigs of one cell, made anew at each boot.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"

namespace coroner::lab {

/// Where the API server is reached.
struct Endpoints {
  std::string node_address;  ///< Inside the cell.
  int port = 0;              ///< On 127.0.0.1 of the machine.
};

/// Writes into `directory` (mode 0700): pki/ca.crt, ca.key, apiserver.*, kubelet.*,
/// apiserver-kubelet-client.*, sa.key, sa.pub; controller-manager.conf, scheduler.conf,
/// kubelet.conf, kube-proxy.conf with client certificates inline, for use inside the cell; and
/// admin.conf for the machine.
base::Result<void> write_credentials(const std::filesystem::path& directory,
                                     const std::string& node, const Endpoints& endpoints);

}  // namespace coroner::lab
