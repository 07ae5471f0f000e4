// SPDX-License-Identifier: Apache-2.0
// One request after the other until it is answered, refused for good, or out of time.
#include "harness/kube/session.h"

#include <algorithm>

#include "harness/base/text.h"
#include "harness/kube/kubeconfig_fields.h"
#include "harness/kube/secret_file.h"
#include "harness/objects/resource.h"

namespace coroner::kube {
namespace {

using base::ErrorKind;

constexpr int unauthorized = 401;
constexpr int too_many_requests = 429;
constexpr int first_success = 200;
constexpr int first_redirect = 300;

base::Result<std::string> authority_of(const ClusterAccess& access)
{
  if (!access.authority.pem.empty() || access.authority.file.empty()) return access.authority.pem;
  auto file = read_secret(access.authority.file);
  if (!file)
    return base::pass_on(std::move(file).error(), "while reading the certificate authority");
  if (file->content.find("-----BEGIN ") == std::string::npos)
    return base::error(ErrorKind::invalid, "the certificate authority is no PEM text ({})",
                       base::printable(access.authority.file.string()));
  return std::move(file->content);
}

/// Impersonation headers as k8s.io/client-go, transport/round_trippers.go sends them.
base::Result<Transport::Headers> impersonation_headers(const Impersonation& as)
{
  Transport::Headers headers;
  if (!as.user.empty()) headers.emplace_back("Impersonate-User", as.user);
  if (!as.uid.empty()) headers.emplace_back("Impersonate-Uid", as.uid);
  for (const auto& group : as.groups) headers.emplace_back("Impersonate-Group", group);
  for (const auto& [key, values] : as.extra)
    for (const auto& value : values)
      headers.emplace_back("Impersonate-Extra-" + objects::percent_encoded(key), value);
  for (const auto& [name, value] : headers)
    if (!is_header_value(value))
      return base::error(ErrorKind::invalid, "{} cannot be sent: '{}' is not one line of ASCII",
                         name, base::printable(value));
  return headers;
}

}  // namespace

Session::Session(std::string server, const Options& options,
                 std::unique_ptr<Credentials> credentials, std::unique_ptr<Transport> transport)
    : server_(std::move(server)),
      options_(options),
      credentials_(std::move(credentials)),
      transport_(std::move(transport)),
      pace_(options.requests_per_second, options.burst_requests),
      backoff_(options.retry)
{}

base::Result<std::unique_ptr<Session>> Session::open(ClusterAccess& access, const Options& options)
{
  TRY_ASSIGN(authority, authority_of(access));
  TRY_ASSIGN(headers, impersonation_headers(access.impersonation));
  if (access.exec && !access.exec->cluster_info.is_null()) {
    auto whole = access;
    whole.authority.pem = authority;
    access.exec->cluster_info = exec_cluster_info(whole);
  }
  TRY_ASSIGN(credentials, Credentials::open(access, options.exec, options.ages));
  for (auto& warning : credentials->warnings()) access.warnings.push_back(std::move(warning));
  Endpoint endpoint{.url = access.server,
                    .unix_socket = access.unix_socket,
                    .proxy_url = access.proxy_url,
                    .tls_server_name = access.tls_server_name,
                    .authority_pem = authority,
                    .is_insecure = access.is_insecure,
                    .user_agent = options.user_agent,
                    .idle = options.idle,
                    .connect = options.connect};
  TRY_ASSIGN(transport, Transport::open(std::move(endpoint), std::move(headers)));
  return std::unique_ptr<Session>(
      new Session(access.server, options, std::move(credentials), std::move(transport)));
}

base::Result<Outcome<HttpAnswer>> Session::once(const Errand& errand,
                                                const base::Deadline& deadline,
                                                const std::stop_token& stop)
{
  for (const bool may_refresh : {true, false}) {
    TRY(pace_.take(deadline, stop));
    TRY_ASSIGN(presented, credentials_->present(deadline, stop));
    ++requests_;
    auto outcome = transport_->call(errand.request, presented, deadline, stop);
    const bool was_refused = outcome && outcome->status == unauthorized;
    if (!was_refused || !may_refresh || !credentials_->refresh()) return outcome;
  }
  return base::error(ErrorKind::internal, "a request ended without an outcome");
}

std::optional<std::chrono::milliseconds> Session::repeat_after(const Outcome<HttpAnswer>& outcome,
                                                               Safety safety, int attempt)
{
  const auto& limits = options_.retry;
  if (!outcome) {
    const auto kind = outcome.error().kind;
    const int most = kind == FailureKind::refused ? limits.connect_attempts : limits.attempts;
    if (attempt >= most || !is_worth_repeating(kind, safety)) return std::nullopt;
    return backoff_.pause_after(attempt);
  }
  if (outcome->status == too_many_requests) ++throttles_;
  if (attempt >= limits.attempts || !is_worth_repeating(outcome->status, safety))
    return std::nullopt;
  const auto asked = retry_after(*outcome);
  return asked ? *asked : backoff_.pause_after(attempt);
}

base::Result<HttpAnswer> Session::send(const Errand& errand, const base::Deadline& deadline,
                                       const std::stop_token& stop)
{
  for (int attempt = 1;; ++attempt) {
    auto outcome = once(errand, deadline, stop);
    if (!outcome) return tl::unexpected(std::move(outcome).error());
    const auto wait = repeat_after(*outcome, errand.safety, attempt);
    const bool can_wait = wait && *wait < deadline.left() && base::wait_for(*wait, stop);
    if (!can_wait) {
      if (*outcome) return std::move(**outcome);
      return tl::unexpected(error(outcome->error(), errand.purpose));
    }
    const bool is_fate_known = *outcome ? (*outcome)->status == too_many_requests
                                        : outcome->error().kind == FailureKind::refused;
    if (errand.look_back && !is_fate_known) {
      TRY_ASSIGN(found, errand.look_back());
      if (found) return std::move(*found);
    }
    ++repeats_;
  }
}

base::Result<nlohmann::json> Session::send_for_json(const Errand& errand,
                                                    const base::Deadline& deadline,
                                                    const std::stop_token& stop)
{
  TRY_ASSIGN(answer, send(errand, deadline, stop));
  if (answer.status < first_success || answer.status >= first_redirect)
    return tl::unexpected(error(answer, errand.purpose));
  return json_of(answer, errand.purpose, server_);
}

base::Result<Outcome<LineStream>> Session::stream(const Errand& errand,
                                                  const base::Deadline& deadline,
                                                  const std::stop_token& stop)
{
  for (const bool may_refresh : {true, false}) {
    TRY(pace_.take(deadline, stop));
    TRY_ASSIGN(presented, credentials_->present(deadline, stop));
    ++requests_;
    auto outcome = transport_->stream(errand.request, presented, deadline, stop);
    const bool was_refused = outcome && outcome->status() == unauthorized;
    if (!was_refused || !may_refresh || !credentials_->refresh()) return outcome;
  }
  return base::error(ErrorKind::internal, "a request ended without an outcome");
}

base::Result<void> Session::pause(int attempt, const base::Deadline& deadline,
                                  const std::stop_token& stop)
{
  const auto wait = std::min(backoff_.pause_after(attempt), deadline.left());
  ++repeats_;
  if (!base::wait_for(wait, stop) || deadline.has_passed())
    return base::error(ErrorKind::timed_out, "the deadline passed between two tries");
  return {};
}

base::Error Session::error(const HttpAnswer& answer, const Purpose& purpose) const
{
  return error_of(answer, purpose, server_);
}

base::Error Session::error(const Failure& failure, const Purpose& purpose) const
{
  return error_of(failure, purpose, server_);
}

Statistics Session::statistics() const
{
  return {.requests = requests_,
          .repeats = repeats_,
          .throttles = throttles_,
          .read_backs = read_backs_,
          .clock_skew = transport_->clock_skew()};
}

}  // namespace coroner::kube
