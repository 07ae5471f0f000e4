// SPDX-License-Identifier: Apache-2.0
// Rotation of tokens and certificates.
#include "harness/kube/credentials.h"

#include <algorithm>
#include <utility>

#include "harness/base/text.h"
#include "harness/kube/kubeconfig_fields.h"
#include "harness/kube/secret_file.h"

namespace coroner::kube {

using base::ErrorKind;

Credentials::Credentials(const ClusterAccess& access, ExecPolicy policy, const CredentialAges& ages)
    : certificate_(access.client_certificate),
      key_(access.client_key),
      token_file_(access.token_file),
      exec_(access.exec),
      policy_(std::move(policy)),
      ages_(ages)
{
  presented_.token = access.token;
  presented_.username = access.username;
  presented_.password = access.password;
}

base::Result<std::unique_ptr<Credentials>> Credentials::open(const ClusterAccess& access,
                                                             const ExecPolicy& policy,
                                                             const CredentialAges& ages)
{
  std::unique_ptr<Credentials> credentials(new Credentials(access, policy, ages));
  if (access.client_certificate.is_given()) TRY(credentials->read_certificate());
  if (!access.token_file.empty()) {
    // With a token beside it, the file may be missing (client-go, tools/clientcmd).
    auto read = credentials->read_token();
    if (!read && access.token.empty()) return tl::unexpected(std::move(read).error());
  }
  if (access.exec) TRY(check_plugin(*access.exec, policy));
  return credentials;
}

base::Result<std::string> Credentials::read_noting(const std::filesystem::path& file)
{
  TRY_ASSIGN(secret, read_secret(file));
  // Mounted service account tokens are meant to be readable inside their pod.
  const bool is_mounted = file.string().starts_with("/var/run/secrets/");
  const bool is_new =
      std::find(warnings_.begin(), warnings_.end(), secret.warning) == warnings_.end();
  if (!secret.warning.empty() && !is_mounted && is_new) warnings_.push_back(secret.warning);
  return std::move(secret.content);
}

base::Result<void> Credentials::read_certificate()
{
  certificate_read_at_ = Clock::now();
  std::string pem = certificate_.pem;
  std::string key = key_.pem;
  if (pem.empty()) {
    auto text = read_secret(certificate_.file);  // no secret: its mode does not matter
    if (!text)
      return base::pass_on(std::move(text).error(), "while reading the client certificate");
    pem = std::move(text->content);
  }
  if (key.empty()) {
    auto text = read_noting(key_.file);
    if (!text) return base::pass_on(std::move(text).error(), "while reading the client's key");
    key = std::move(*text);
  }
  for (const auto* text : {&pem, &key})
    if (text->find("-----BEGIN ") == std::string::npos)
      return base::error(ErrorKind::invalid, "the client {} is no PEM text ({})",
                         text == &pem ? "certificate" : "key",
                         base::printable((text == &pem ? certificate_ : key_).file.string()));
  presented_.certificate_pem = std::move(pem);
  presented_.key_pem = std::move(key);
  return {};
}

base::Result<void> Credentials::read_token()
{
  token_read_at_ = Clock::now();
  auto text = read_noting(token_file_);
  if (!text) return base::pass_on(std::move(text).error(), "while reading the token");
  const auto token = std::string(base::trim(*text));
  if (token.empty() || !is_header_value(token))
    return base::error(ErrorKind::invalid, "{} holds no token of one line",
                       base::printable(token_file_.string()));
  presented_.token = token;
  return {};
}

base::Result<void> Credentials::run_plugin(const base::Deadline& deadline,
                                           const std::stop_token& stop)
{
  if (!exec_ || (plugin_given_ && !plugin_given_->has_expired())) return {};
  TRY_ASSIGN(given, run_exec_plugin(*exec_, policy_, deadline, stop));
  presented_.token = given.token;
  if (!given.certificate_pem.empty()) {
    presented_.certificate_pem = given.certificate_pem;
    presented_.key_pem = given.key_pem;
  }
  plugin_given_ = std::move(given);
  return {};
}

base::Result<Presented> Credentials::present(const base::Deadline& deadline,
                                             const std::stop_token& stop)
{
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  const bool has_certificate_file = !certificate_.file.empty() || !key_.file.empty();
  if (!token_file_.empty() && now - token_read_at_ >= ages_.token) (void)read_token();
  if (has_certificate_file && now - certificate_read_at_ >= ages_.certificate)
    (void)read_certificate();
  if (exec_) TRY(run_plugin(deadline, stop));
  return presented_;
}

bool Credentials::refresh()
{
  const std::scoped_lock lock(mutex_);
  if (exec_) {
    plugin_given_.reset();
    return true;
  }
  if (token_file_.empty()) return false;
  const auto before = presented_.token;
  return read_token().has_value() && presented_.token != before;
}

std::vector<std::string> Credentials::warnings() const
{
  const std::scoped_lock lock(mutex_);
  return warnings_;
}

}  // namespace coroner::kube
