// SPDX-License-Identifier: Apache-2.0
// From the command line to a cluster that answers.
#include "harness/cli/connection.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"
#include "harness/kube/exec_plugin.h"

namespace coroner::cli {
namespace {

/// The burst of a run's first second; kube's own is client-go's 10.
constexpr double most_requests_at_once = 30;

using base::ErrorKind;
using base::Result;

constexpr std::chrono::seconds longest_connect{30};
/// How long a question stays open.
constexpr std::chrono::minutes longest_question{5};

/// The answer on the terminal; no when none comes.
bool ask_person(const std::string& question, const std::stop_token& stop)
{
  std::fprintf(stderr, "%s [y/N] ", base::printable(question).c_str());
  constexpr std::chrono::milliseconds interval{100};
  const auto has_input = []() -> Result<bool> {
    pollfd terminal{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return ::poll(&terminal, 1, 0) > 0;
  };
  const auto deadline = base::Deadline::in(longest_question);
  if (!base::poll_until(has_input, "an answer", interval, deadline, stop)) return false;
  std::array<char, 16> answer{};
  const auto bytes = ::read(STDIN_FILENO, answer.data(), answer.size());
  if (bytes <= 0) return false;
  const auto word = base::trim({answer.data(), static_cast<std::size_t>(bytes)});
  return word == "y" || word == "Y" || word == "yes";
}

/// Nobody is asked in CI, whose logs may look like a terminal.
bool is_person_there()
{
  const char* ci = std::getenv("CI");  // NOLINT(concurrency-mt-unsafe): never set here
  return (ci == nullptr || *ci == '\0') && ::isatty(STDIN_FILENO) == 1 &&
         ::isatty(STDERR_FILENO) == 1;
}

Result<kube::ExecPolicy> exec_policy(const ConnectionOptions& options,
                                     const kube::ClusterAccess& access,
                                     const ConnectionSurroundings& surroundings,
                                     const std::stop_token& stop)
{
  kube::ExecPolicy policy;
  for (const auto& program : options.allowed_plugins) {
    if (!program.starts_with('/'))
      return base::error_with_hint(ErrorKind::invalid,
                                   "--allow-exec takes an absolute path, not " + program,
                                   "what `command -v " + program + "` prints");
    policy.mode = kube::ExecPolicy::Mode::allow_list;
    policy.allowed.emplace_back(program);
  }
  if (!access.exec || !policy.allowed.empty() || !surroundings.ask) return policy;
  const auto program = kube::plugin_program(*access.exec);
  if (program.empty()) return policy;
  auto words = program.string();
  for (const auto& argument : access.exec->arguments) words += " " + argument;
  if (surroundings.ask(
          access.origin + " wants to run this program to log in: " + words + "\nRun it?", stop))
    policy.allowed.push_back(program);
  return policy;
}

void announce(const kube::ClusterAccess& access)
{
  const auto context = access.context.empty() ? "" : ", context " + access.context;
  say(fmt::format("cluster {} (from {}{})", access.server, access.origin, context));
  for (const auto& warning : access.warnings) say("  warning: " + warning);
  if (access.is_insecure)
    say("  WARNING: THE SERVER'S CERTIFICATE IS NOT VERIFIED (insecure-skip-tls-verify): whoever\n"
        "  stands between can read this login and answer as the cluster");
}

/// What find_cluster and ViaKubectl give, before anything is sent.
Result<kube::ClusterAccess> find_access(const ConnectionOptions& options, Connection& connection,
                                        const ConnectionSurroundings& surroundings,
                                        const std::stop_token& stop)
{
  const kube::Wanted wanted{options.kubeconfig, options.context};
  if (!options.is_via_kubectl) return kube::find_cluster(wanted, surroundings.files);
  auto started = kube::ViaKubectl::start(wanted, base::Deadline::in(longest_connect), stop);
  if (!started) {
    auto failure = std::move(started).error();
    // Without kubectl it is unknown whether there is a cluster.
    if (failure.kind == ErrorKind::not_found) {
      failure.kind = ErrorKind::denied;
      failure.hint = "install kubectl, or leave out --via-kubectl";
    }
    return tl::unexpected(std::move(failure));
  }
  connection.kubectl = std::move(*started);
  return connection.kubectl->access();
}

/// Version and uid; a server that hides its version is still a cluster.
Result<kube::Identity> identity_of(kube::Cluster& cluster, const kube::ClusterAccess& access,
                                   const std::stop_token& stop)
{
  auto identity = cluster.identity(base::Deadline::in(longest_connect), stop);
  if (identity) return identity;
  const bool is_hidden = identity.error().what.find("(HTTP 403)") != std::string::npos;
  if (is_hidden) return kube::Identity{.uid = "", .server = access.server, .version = ""};
  return identity;
}

/// There is a cluster: nothing after the search may say that there is none.
base::Error unusable(base::Error error, const kube::ClusterAccess& access)
{
  if (error.kind == ErrorKind::not_found) error.kind = ErrorKind::denied;
  if (error.hint.empty()) error.hint = "check it with: kubectl cluster-info";
  error.within("while connecting to the cluster of " + access.origin);
  return error;
}

}  // namespace

void add_connection_options(CLI::App& verb, ConnectionOptions& options)
{
  verb.add_option("--kubeconfig", options.kubeconfig,
                  "Kubeconfig of the cluster (default: KUBECONFIG, ~/.kube/config, the account "
                  "inside a cluster, k3s)");
  verb.add_option("--context", options.context, "Context in it (default: its current one)");
  verb.add_flag("--via-kubectl", options.is_via_kubectl,
                "Log in through `kubectl proxy`, for clusters that only kubectl can log in to");
  verb.add_option("--allow-exec", options.allowed_plugins,
                  "Credential plugin (absolute path) that may be run without asking; repeatable")
      ->allow_extra_args(false);
}

ConnectionSurroundings ConnectionSurroundings::of_process()
{
  ConnectionSurroundings surroundings;
  surroundings.files = kube::Surroundings::of_process();
  if (is_person_there()) surroundings.ask = ask_person;
  return surroundings;
}

Result<Connection> connect(const ConnectionOptions& options, const std::stop_token& stop,
                           const ConnectionSurroundings& surroundings)
{
  Connection connection;
  TRY_ASSIGN(access, find_access(options, connection, surroundings, stop));
  connection.access = std::move(access);
  announce(connection.access);
  const auto known_warnings = connection.access.warnings.size();
  kube::Options client;
  // A run begins with lists, namespaces and pods at once; its average stays below the rate.
  client.burst_requests = most_requests_at_once;
  auto policy = exec_policy(options, connection.access, surroundings, stop);
  if (!policy) return tl::unexpected(unusable(std::move(policy).error(), connection.access));
  client.exec = std::move(*policy);
  auto cluster = kube::connect(connection.access, client);
  if (!cluster) return tl::unexpected(unusable(std::move(cluster).error(), connection.access));
  connection.cluster = std::move(*cluster);
  for (auto i = known_warnings; i < connection.access.warnings.size(); ++i)
    say("  warning: " + connection.access.warnings[i]);
  auto identity = identity_of(*connection.cluster, connection.access, stop);
  if (!identity) return tl::unexpected(unusable(std::move(identity).error(), connection.access));
  connection.identity = std::move(*identity);
  return connection;
}

int report_connection_error(const base::Error& error)
{
  report_error(error);
  return exit_unprepared;
}

}  // namespace coroner::cli
