// SPDX-License-Identifier: Apache-2.0
// Connection: which cluster a verb talks to, said before anything is done, and how it logs in.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/base/result.h"
#include "harness/kube/access.h"
#include "harness/kube/client.h"
#include "harness/kube/find.h"
#include "harness/kube/via_kubectl.h"

namespace coroner::cli {

/// What a person said of the cluster on the command line.
struct ConnectionOptions {
  std::string kubeconfig;
  std::string context;
  bool is_via_kubectl = false;
  std::vector<std::string> allowed_plugins;  ///< Programs of credential plugins.
};

/// Adds --kubeconfig, --context, --via-kubectl and --allow-exec; `options` must outlive `verb`.
void add_connection_options(CLI::App& verb, ConnectionOptions& options);

/// A cluster that answered.
struct Connection {
  std::unique_ptr<kube::ViaKubectl> kubectl;  ///< Set with --via-kubectl; outlives `cluster`.
  kube::ClusterAccess access;                 ///< Secrets are in here: never printed whole.
  kube::Identity identity;
  std::unique_ptr<kube::Cluster> cluster;
};

/// Where the search for clusters looks, and whom it may ask; tests give their own.
struct ConnectionSurroundings {
  kube::Surroundings files;
  /// Asks a person a question of yes or no; empty where nobody is there: no terminal, or CI.
  std::function<bool(const std::string& question, const std::stop_token&)> ask;

  static ConnectionSurroundings of_process();
};

/// Finds the cluster, says on stderr which one it is and what is unsafe about it, logs in and asks
/// for its version and identity. Takes at most 30 s from the moment nobody is asked any more.
/// ErrorKind::not_found only when no cluster is configured anywhere. Everything else (invalid,
/// denied, unreachable, timed_out) means: there is one, and it cannot be used; the hint says what
/// to do.
base::Result<Connection> connect(
    const ConnectionOptions& options, const std::stop_token& stop,
    const ConnectionSurroundings& surroundings = ConnectionSurroundings::of_process());

/// Prints an error of connect() and gives exit_unprepared, whatever its kind is.
int report_connection_error(const base::Error& error);

}  // namespace coroner::cli
