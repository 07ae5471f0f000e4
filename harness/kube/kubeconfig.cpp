// SPDX-License-Identifier: Apache-2.0
// Merging and resolving kubeconfig documents; field names as k8s.io/client-go,
// tools/clientcmd/api/v1/types.go has them.
#include "harness/kube/kubeconfig.h"

#include <algorithm>

#include "harness/base/text.h"
#include "harness/kube/kubeconfig_fields.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::Document;
using base::ErrorKind;
using nlohmann::json;

std::vector<std::string> names_of(const std::vector<Entry>& entries)
{
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

std::string list_of(const std::vector<Entry>& entries)
{
  constexpr std::size_t most_shown = 12;
  auto names = names_of(entries);
  const auto left_out = names.size() > most_shown ? names.size() - most_shown : 0;
  names.resize(names.size() - left_out);
  auto text = base::printable(base::join(names, ", "));
  return left_out == 0 ? text : text + fmt::format(" and {} more", left_out);
}

}  // namespace

base::Result<void> Kubeconfig::add(std::string_view text, const std::filesystem::path& file)
{
  TRY_ASSIGN(parsed, base::parse_yaml_documents(text, file.string()));
  if (parsed.empty()) return {};  // kubectl takes an empty file as an empty configuration
  if (parsed.size() > 1)
    return parsed[1].error_at("",
                              "a kubeconfig file holds one YAML document; a second begins here");
  auto& document = parsed.front();
  if (!document.value.is_object())
    return document.error_at("", "a kubeconfig file must be a mapping (clusters, contexts, users)");
  const auto& kind = objects::at(document.value, "/kind");
  if (!kind.is_null() && kind != "Config")
    return document.error_at("/kind", "this is no kubeconfig: kind must be Config");
  documents_.push_back(std::move(document));
  files_.push_back(file);
  TRY(collect("/clusters", "cluster", clusters_));
  TRY(collect("/contexts", "context", contexts_));
  TRY(collect("/users", "user", users_));
  const Fields root{documents_.back(), ""};
  TRY_ASSIGN(current, root.text("current-context"));
  if (current_context_.empty()) current_context_ = current;
  return {};
}

base::Result<void> Kubeconfig::collect(const char* list, const char* body,
                                       std::vector<Entry>& entries)
{
  const auto& document = documents_.back();
  const auto& rows = objects::at(document.value, list);
  if (rows.is_null()) return {};
  if (!rows.is_array()) return document.error_at(list, "here a list must stand");
  std::vector<std::string> seen;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const auto pointer = std::string(list) + "/" + std::to_string(index);
    TRY_ASSIGN(name, base::string_at(document, pointer + "/name"));
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      return document.error_at(
          pointer + "/name", "the name '" + base::printable(name) + "' stands in this list twice");
    seen.push_back(name);
    const auto known = names_of(entries);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto& value = objects::at(rows[index], std::string("/") + body);
    if (!value.is_null() && !value.is_object())
      return document.error_at(pointer + "/" + body, "here a mapping must stand");
    entries.push_back({name, documents_.size() - 1, pointer + "/" + body});
  }
  return {};
}

std::vector<std::string> Kubeconfig::context_names() const
{
  return names_of(contexts_);
}

base::Result<const Entry*> Kubeconfig::find(const std::vector<Entry>& entries,
                                            std::string_view kind, const std::string& name,
                                            const Entry* named_by) const
{
  for (const auto& entry : entries)
    if (entry.name == name) return &entry;
  const auto near = base::nearest(name, names_of(entries));
  auto text = fmt::format("there is no {} '{}'", kind, base::printable(name));
  auto hint = !near.empty()     ? "did you mean '" + base::printable(near) + "'?"
              : entries.empty() ? fmt::format("the configuration has no {} at all", kind)
                                : fmt::format("there are: {}", list_of(entries));
  if (named_by != nullptr) {
    const auto& document = documents_[named_by->document];
    auto located = document.error_at(named_by->pointer + "/" + std::string(kind), text);
    located.value().hint = std::move(hint);
    return located;
  }
  return base::error_with_hint(ErrorKind::invalid, std::move(text), std::move(hint));
}

base::Result<ClusterAccess> Kubeconfig::access(std::string_view context) const
{
  const auto wanted = context.empty() ? current_context_ : std::string(context);
  if (wanted.empty())
    return base::error_with_hint(ErrorKind::invalid, "the configuration sets no current-context",
                                 contexts_.empty()
                                     ? "it has no contexts either"
                                     : "pass --context with one of: " + list_of(contexts_));
  TRY_ASSIGN(entry, find(contexts_, "context", wanted, nullptr));
  const Fields fields{documents_[entry->document], entry->pointer};
  ClusterAccess access;
  access.context = wanted;
  access.origin = files_[entry->document].string();
  TRY_ASSIGN(space, fields.text("namespace"));
  if (!space.empty()) access.space = space;
  TRY_ASSIGN(cluster, fields.text("cluster"));
  TRY_ASSIGN(user, fields.text("user"));
  access.cluster = cluster;
  access.user = user;
  TRY_ASSIGN(cluster_entry, find(clusters_, "cluster", cluster, entry));
  TRY(read_cluster(*cluster_entry, access));
  if (!user.empty()) {
    TRY_ASSIGN(user_entry, find(users_, "user", user, entry));
    TRY(read_user(*user_entry, access));
  }
  return access;
}

base::Result<void> Kubeconfig::read_cluster(const Entry& entry, ClusterAccess& access) const
{
  const Fields fields{documents_[entry.document], entry.pointer};
  const auto folder = files_[entry.document].parent_path();
  TRY_ASSIGN(server, fields.url("server", {"https", "http"}));
  if (server.empty()) return fields.error("server", "the cluster names no server");
  access.server = server;
  TRY_ASSIGN(proxy, fields.url("proxy-url", {"https", "http", "socks5"}));
  access.proxy_url = proxy;
  TRY_ASSIGN(tls_server_name, fields.host("tls-server-name"));
  access.tls_server_name = tls_server_name;
  TRY_ASSIGN(is_insecure, fields.flag("insecure-skip-tls-verify"));
  access.is_insecure = is_insecure;
  TRY_ASSIGN(authority, fields.material("certificate-authority", folder));
  access.authority = authority;
  if (is_insecure && authority.is_given())
    return fields.error("insecure-skip-tls-verify",
                        "a certificate authority and insecure-skip-tls-verify exclude each other");
  if (is_insecure)
    access.warnings.push_back("the certificate of " + base::printable(server) +
                              " is NOT verified (insecure-skip-tls-verify)");
  if (server.starts_with("http://"))
    access.warnings.push_back("the connection to " + base::printable(server) + " is not encrypted");
  return {};
}

base::Result<void> Kubeconfig::read_user(const Entry& entry, ClusterAccess& access) const
{
  const Fields fields{documents_[entry.document], entry.pointer};
  const auto folder = files_[entry.document].parent_path();
  TRY_ASSIGN(certificate, fields.material("client-certificate", folder));
  TRY_ASSIGN(key, fields.material("client-key", folder));
  if (certificate.is_given() != key.is_given())
    return fields.error(certificate.is_given() ? "client-certificate" : "client-key",
                        "a client certificate and its key are needed together");
  access.client_certificate = certificate;
  access.client_key = key;
  TRY_ASSIGN(token, fields.secret("token"));
  access.token = token;
  TRY_ASSIGN(token_file, fields.path("tokenFile", folder));
  access.token_file = token_file;
  TRY_ASSIGN(username, fields.text("username"));
  TRY_ASSIGN(password, fields.text("password"));
  if (!username.empty() && (!token.empty() || !token_file.empty()))
    return fields.error("username", "a token and a user name with password exclude each other");
  access.username = username;
  access.password = password;
  TRY_ASSIGN(impersonation, fields.impersonation());
  access.impersonation = impersonation;
  if (fields.has("auth-provider"))
    return fields.error("auth-provider",
                        "auth-provider was removed from Kubernetes in 1.26; use exec instead");
  TRY_ASSIGN(exec, fields.exec_plugin(folder));
  access.exec = exec;
  if (exec && !exec->cluster_info.is_null()) access.exec->cluster_info = exec_cluster_info(access);
  return {};
}

}  // namespace coroner::kube
