// SPDX-License-Identifier: Apache-2.0
// The search for a cluster; each place answers "not here", an access, or an error.
#include "harness/kube/find.h"

#include <cstdlib>
#include <optional>
#include <system_error>

#include <pwd.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/kube/kubeconfig.h"
#include "harness/kube/secret_file.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it undeclared.

namespace coroner::kube {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using Found = base::Result<std::optional<ClusterAccess>>;

bool is_there(const fs::path& path)
{
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

std::string variable(const Surroundings& surroundings, const std::string& name)
{
  const auto found = surroundings.environment.find(name);
  return found == surroundings.environment.end() ? "" : found->second;
}

base::Result<void> add_file(Kubeconfig& config, const fs::path& file,
                            std::vector<std::string>& warnings)
{
  TRY_ASSIGN(secret, read_secret(file));
  if (!secret.warning.empty()) warnings.push_back(secret.warning);
  return config.add(secret.content, fs::absolute(file));
}

/// The access in `files`, which are there; empty when they configure nothing and no context was
/// asked for, as `kubectl config unset` leaves them.
Found from_files(const std::vector<fs::path>& files, const std::string& context, bool must_hold_one)
{
  Kubeconfig config;
  std::vector<std::string> warnings;
  for (const auto& file : files) TRY(add_file(config, file, warnings));
  if (config.is_empty() && context.empty() && !must_hold_one) return std::nullopt;
  auto access = config.access(context);
  if (!access) {
    std::vector<std::string> names;
    names.reserve(files.size());
    for (const auto& file : files) names.push_back(base::printable(file.string()));
    return base::pass_on(std::move(access).error(), "while reading " + base::join(names, ", "));
  }
  access->warnings.insert(access->warnings.begin(), warnings.begin(), warnings.end());
  return std::move(*access);
}

Found from_option(const Wanted& wanted, const Surroundings&)
{
  if (wanted.kubeconfig.empty()) return std::nullopt;
  auto found = from_files({wanted.kubeconfig}, wanted.context, true);
  // A named file that is not there is a mistake of the person, not "no cluster anywhere".
  if (!found && found.error().kind == ErrorKind::not_found) found.error().kind = ErrorKind::invalid;
  return found;
}

Found from_variable(const Wanted& wanted, const Surroundings& surroundings)
{
  const auto list = variable(surroundings, "KUBECONFIG");
  if (list.empty()) return std::nullopt;
  std::vector<fs::path> present;
  for (const auto& part : base::split(list, ':'))
    if (!part.empty() && is_there(part)) present.emplace_back(part);
  if (present.empty())
    return base::error_with_hint(ErrorKind::invalid,
                                 "KUBECONFIG names no file that exists: " + base::printable(list),
                                 "correct it, or unset it to use ~/.kube/config");
  auto found = from_files(present, wanted.context, true);
  if (!found) return found;
  auto& access = *found;
  if (access) access->origin += " (KUBECONFIG)";
  return found;
}

Found from_home(const Wanted& wanted, const Surroundings& surroundings)
{
  const auto file = surroundings.home / ".kube" / "config";
  if (surroundings.home.empty() || !is_there(file)) return std::nullopt;
  return from_files({file}, wanted.context, false);
}

Found from_account(const Wanted& wanted, const Surroundings& surroundings)
{
  const auto host = variable(surroundings, "KUBERNETES_SERVICE_HOST");
  const auto port = variable(surroundings, "KUBERNETES_SERVICE_PORT");
  const auto token = surroundings.service_account / "token";
  if (host.empty() || port.empty() || !wanted.context.empty() || !is_there(token))
    return std::nullopt;
  ClusterAccess access;
  access.origin = "the in-cluster account";
  access.cluster = "in-cluster";
  access.server =
      "https://" + (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" + port;
  access.token_file = token;
  access.authority.file = surroundings.service_account / "ca.crt";
  const auto space = read_secret(surroundings.service_account / "namespace");
  if (space && !base::trim(space->content).empty())
    access.space = std::string(base::trim(space->content));
  return access;
}

Found from_k3s(const Wanted& wanted, const Surroundings& surroundings)
{
  if (!is_there(surroundings.k3s_config)) return std::nullopt;
  auto found = from_files({surroundings.k3s_config}, wanted.context, true);
  if (!found && found.error().kind == ErrorKind::denied)
    found.error().hint =
        "k3s keeps it readable for root: run with sudo, or copy it to ~/.kube/config";
  return found;
}

}  // namespace

Surroundings Surroundings::of_process()
{
  Surroundings surroundings;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos)
      surroundings.environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  surroundings.home = variable(surroundings, "HOME");
  if (surroundings.home.empty()) {
    const auto* account = ::getpwuid(::geteuid());  // NOLINT(concurrency-mt-unsafe): at start only
    if (account != nullptr) surroundings.home = account->pw_dir;
  }
  return surroundings;
}

base::Result<ClusterAccess> find_cluster(const Wanted& wanted, const Surroundings& surroundings)
{
  for (const auto place : {from_option, from_variable, from_home, from_account, from_k3s}) {
    auto found = place(wanted, surroundings);
    if (!found) return tl::unexpected(std::move(found).error());
    if (*found) return std::move(**found);
  }
  return base::error_with_hint(
      ErrorKind::not_found,
      "no cluster is configured: no --kubeconfig, no KUBECONFIG, no ~/.kube/config, not inside a "
      "cluster, no " +
          surroundings.k3s_config.string(),
      "pass --kubeconfig FILE");
}

base::Result<ClusterAccess> access_from_text(std::string_view text, const std::string& source,
                                             std::string_view context)
{
  Kubeconfig config;
  TRY(config.add(text, source));
  TRY_ASSIGN(access, config.access(context));
  if (access.exec)
    return base::error(ErrorKind::denied,
                       "{}: a credential plugin of a recorded configuration is never run", source);
  for (const auto* file : {&access.authority.file, &access.client_certificate.file,
                           &access.client_key.file, &access.token_file})
    if (!file->empty())
      return base::error(ErrorKind::denied, "{}: a recorded configuration may name no files ({})",
                         source, base::printable(file->string()));
  return access;
}

}  // namespace coroner::kube
