// SPDX-License-Identifier: Apache-2.0
// The identities that kubeadm would make (kubernetes.io: setup/best-practices/certificates), as a
// table.
#include "harness/lab/credentials.h"

#include <array>

#include "harness/base/base64.h"
#include "harness/base/files.h"
#include "harness/crypto/certificate.h"

namespace coroner::lab {
namespace {

using base::Result;
using crypto::KeyPair;

constexpr std::chrono::days validity{30};

/// A kubeconfig and whom it speaks for.
struct Identity {
  const char* file;
  const char* common_name;
  const char* organization;
};

constexpr std::array<Identity, 4> identities = {
    {{"admin.conf", "kubernetes-admin", "system:masters"},
     {"controller-manager.conf", "system:kube-controller-manager", ""},
     {"scheduler.conf", "system:kube-scheduler", ""},
     {"kube-proxy.conf", "system:kube-proxy", ""}}};

std::string kubeconfig(const KeyPair& authority, const KeyPair& client, const std::string& server,
                       const std::string& context)
{
  return fmt::format(
      "apiVersion: v1\nkind: Config\ncurrent-context: {0}\n"
      "clusters:\n- name: {0}\n  cluster:\n    server: {1}\n    certificate-authority-data: {2}\n"
      "contexts:\n- name: {0}\n  context: {{cluster: {0}, user: {0}}}\n"
      "users:\n- name: {0}\n  user:\n    client-certificate-data: {3}\n    client-key-data: {4}\n",
      context, server, base::base64_encoded(authority.certificate_pem),
      base::base64_encoded(client.certificate_pem), base::base64_encoded(client.key_pem));
}

Result<void> write_pair(const std::filesystem::path& folder, const std::string& name,
                        const KeyPair& pair)
{
  TRY(base::write_file(folder / (name + ".crt"), pair.certificate_pem, 0644));
  return base::write_file(folder / (name + ".key"), pair.key_pem, 0600);
}

}  // namespace

Result<void> write_credentials(const std::filesystem::path& directory, const std::string& node,
                               const Endpoints& endpoints)
{
  const auto pki = directory / "pki";
  TRY(base::make_directories(pki));
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  TRY_ASSIGN(authority, crypto::make_authority("coroner lab " + node, validity));
  TRY(write_pair(pki, "ca", authority));
  const std::string service = "kubernetes.default.svc.cluster.local";
  TRY_ASSIGN(server, crypto::issue(authority,
                                   {.common_name = "kube-apiserver",
                                    .organizations = {},
                                    .dns_names = {"localhost", "kubernetes", "kubernetes.default",
                                                  "kubernetes.default.svc", service},
                                    .addresses = {"127.0.0.1", endpoints.node_address, "10.96.0.1"},
                                    .is_server = true},
                                   validity));
  TRY(write_pair(pki, "apiserver", server));
  TRY_ASSIGN(kubelet, crypto::issue(authority,
                                    {.common_name = "system:node:" + node,
                                     .organizations = {"system:nodes"},
                                     .dns_names = {node},
                                     .addresses = {endpoints.node_address, "127.0.0.1"},
                                     .is_server = true,
                                     .is_client = true},
                                    validity));
  TRY(write_pair(pki, "kubelet", kubelet));
  TRY_ASSIGN(client, crypto::issue(authority,
                                   {.common_name = "kube-apiserver-kubelet-client",
                                    .organizations = {"system:masters"},
                                    .is_client = true},
                                   validity));
  TRY(write_pair(pki, "apiserver-kubelet-client", client));
  TRY_ASSIGN(signing, crypto::make_signing_key());
  TRY(base::write_file(pki / "sa.key", signing.private_pem, 0600));
  TRY(base::write_file(pki / "sa.pub", signing.public_pem));
  const std::string inside = "https://127.0.0.1:6443";
  TRY(base::write_file(directory / "kubelet.conf",
                       kubeconfig(authority, kubelet, inside, "kubelet"), 0600));
  for (const auto& identity : identities) {
    crypto::Subject subject{.common_name = identity.common_name, .is_client = true};
    if (*identity.organization != '\0') subject.organizations = {identity.organization};
    TRY_ASSIGN(pair, crypto::issue(authority, subject, validity));
    const bool is_admin = &identity == &identities.front();
    const auto where = is_admin ? fmt::format("https://127.0.0.1:{}", endpoints.port) : inside;
    TRY(base::write_file(directory / identity.file,
                         kubeconfig(authority, pair, where, is_admin ? node : "lab"), 0600));
  }
  return {};
}

}  // namespace coroner::lab
