// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/pull_secrets.h"

#include <algorithm>
#include <array>

#include "harness/engine/marks.h"
#include "harness/objects/object.h"

namespace coroner::engine {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

/// kubernetes.io: concepts/configuration/secret, types of Docker configuration.
constexpr auto registry_types =
    std::to_array<std::string_view>({"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"});

Result<json> read_secret(kube::Cluster& cluster, const PullSecret& secret,
                         const base::Deadline& deadline, const std::stop_token& stop)
{
  TRY_ASSIGN(resource, objects::resource_for("v1", "Secret"));
  auto found = cluster.get({resource, secret.space, secret.name}, deadline, stop);
  if (!found)
    return base::pass_on(found.error(), fmt::format("while reading the pull secret {}/{}",
                                                    secret.space, secret.name));
  const auto type = objects::text_at(*found, "/type");
  if (std::find(registry_types.begin(), registry_types.end(), type) == registry_types.end())
    return base::error_with_hint(
        ErrorKind::invalid,
        fmt::format("the secret {}/{} is of type '{}', not one of an image registry", secret.space,
                    secret.name, type),
        "kubectl create secret docker-registry makes one");
  return std::move(*found);
}

}  // namespace

Result<std::vector<PullSecret>> read_pull_secrets(const std::vector<std::string>& given,
                                                  bool uses_own_spaces)
{
  std::vector<PullSecret> secrets;
  for (const auto& each : given) {
    const auto slash = each.find('/');
    const bool has_space = slash != std::string::npos;
    const auto name = each.substr(has_space ? slash + 1 : 0);
    if (name.empty() || slash == 0 || name.find('/') != std::string::npos)
      return base::error_with_hint(ErrorKind::invalid,
                                   fmt::format("'{}' names no pull secret", each),
                                   "--pull-secret NAMESPACE/NAME");
    if (uses_own_spaces && !has_space)
      return base::error_with_hint(
          ErrorKind::invalid,
          fmt::format("the pull secret '{}' cannot be in a namespace that is yet to be made", each),
          fmt::format("--pull-secret NAMESPACE/{} lends it from where it is; or --namespace uses "
                      "that namespace",
                      each));
    if (!uses_own_spaces && has_space)
      return base::error_with_hint(
          ErrorKind::invalid,
          fmt::format("with --namespace the pull secret '{}' is not copied", each),
          "name one that is there, without its namespace");
    secrets.push_back({has_space ? each.substr(0, slash) : "", name});
  }
  return secrets;
}

Result<void> copy_pull_secrets(kube::Cluster& cluster, const PullSecretCopies& copies,
                               const base::Deadline& deadline, const std::stop_token& stop)
{
  for (const auto& secret : copies.secrets) {
    if (secret.space.empty()) continue;
    TRY_ASSIGN(original, read_secret(cluster, secret, deadline, stop));
    for (const auto& space : copies.spaces) {
      json copy = {{"apiVersion", "v1"},
                   {"kind", "Secret"},
                   {"metadata", {{"name", secret.name}, {"namespace", space}}},
                   {"type", original["type"]},
                   {"data", objects::at(original, "/data")}};
      mark(copy, copies.run_id, copies.expires_at);
      TRY(cluster.create(copy, {}, deadline, stop));
    }
  }
  return {};
}

}  // namespace coroner::engine
