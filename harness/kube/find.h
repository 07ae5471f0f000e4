// SPDX-License-Identifier: Apache-2.0
// Which cluster: the search order over files and the in-cluster account.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "harness/base/result.h"
#include "harness/kube/access.h"

namespace coroner::kube {

/// What the search looks at; tests give their own.
struct Surroundings {
  std::map<std::string, std::string> environment;
  std::filesystem::path home;
  std::filesystem::path service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::filesystem::path k3s_config = "/etc/rancher/k3s/k3s.yaml";

  /// Those of this process.
  static Surroundings of_process();
};

/// What a person asked for on the command line; "" where nothing was.
struct Wanted {
  std::filesystem::path kubeconfig;
  std::string context;
};

/// The first of: --kubeconfig, KUBECONFIG, ~/.kube/config, the in-cluster account,
/// /etc/rancher/k3s/k3s.yaml. ClusterAccess::origin says which.
/// ErrorKind::not_found only when there is none anywhere; what is present and wrong, unreadable or
/// lacks the wanted context is ErrorKind::invalid or denied, and the search ends there.
base::Result<ClusterAccess> find_cluster(const Wanted& wanted, const Surroundings& surroundings);

/// The access in one kubeconfig text that is no file of this machine (from a bundle): paths in it
/// and credential plugins are refused with ErrorKind::denied.
base::Result<ClusterAccess> access_from_text(std::string_view text, const std::string& source,
                                             std::string_view context = {});

}  // namespace coroner::kube
