// SPDX-License-Identifier: Apache-2.0
// What libcurl's codes mean for a person: which side, and what to do next.
#include <array>

#include "harness/base/text.h"
#include "harness/kube/channel.h"
#include "harness/kube/url.h"

namespace coroner::kube {
namespace {

struct Meaning {
  CURLcode code;
  FailureKind kind;
  const char* text;
};

constexpr std::array meanings = {
    Meaning{CURLE_COULDNT_CONNECT, FailureKind::refused, "no connection"},
    Meaning{CURLE_COULDNT_RESOLVE_HOST, FailureKind::refused, "the host's name does not resolve"},
    Meaning{CURLE_COULDNT_RESOLVE_PROXY, FailureKind::refused, "the proxy's name does not resolve"},
    Meaning{CURLE_PROXY, FailureKind::refused, "the proxy refuses"},
    Meaning{CURLE_OPERATION_TIMEDOUT, FailureKind::refused, "no connection in time"},
    Meaning{CURLE_GOT_NOTHING, FailureKind::reset, "the connection was closed without an answer"},
    Meaning{CURLE_RECV_ERROR, FailureKind::reset, "the connection broke"},
    Meaning{CURLE_SEND_ERROR, FailureKind::reset, "the connection broke"},
    Meaning{CURLE_PARTIAL_FILE, FailureKind::reset, "the answer was cut off"},
    Meaning{CURLE_HTTP2, FailureKind::reset, "the HTTP/2 connection broke"},
    Meaning{CURLE_HTTP2_STREAM, FailureKind::reset, "the HTTP/2 stream was reset"},
    Meaning{CURLE_BAD_CONTENT_ENCODING, FailureKind::malformed,
            "the answer's compression is broken"},
    Meaning{CURLE_WEIRD_SERVER_REPLY, FailureKind::malformed, "what answers does not speak HTTP"},
    Meaning{CURLE_UNSUPPORTED_PROTOCOL, FailureKind::malformed, "what answers does not speak HTTP"},
    Meaning{CURLE_SSL_CONNECT_ERROR, FailureKind::certificate, "TLS cannot be established"},
    Meaning{CURLE_SSL_CERTPROBLEM, FailureKind::certificate,
            "the client certificate cannot be used"},
    Meaning{CURLE_SSL_CACERT_BADFILE, FailureKind::certificate,
            "the certificate authority cannot be used"},
    Meaning{CURLE_PEER_FAILED_VERIFICATION, FailureKind::certificate,
            "the server's certificate is not valid"},
};

/// OpenSSL's verification results (x509_vfy.h, 3.0) that have a cause of their own.
struct Verification {
  long result;
  const char* text;
  const char* hint;
};

constexpr std::array verifications = {
    Verification{9, "the server's certificate is not valid yet",
                 "compare the clocks of this machine and the server"},
    Verification{10, "the server's certificate has expired",
                 "renew it on the control plane (kubeadm certs renew), or compare the clocks"},
    Verification{18, "the server's certificate is signed by itself, which is not trusted",
                 "the kubeconfig's certificate-authority is not that of this cluster"},
    Verification{19, "the server's certificate is signed by an unknown authority",
                 "the kubeconfig's certificate-authority is not that of this cluster"},
    Verification{20, "the server's certificate is signed by an unknown authority",
                 "the kubeconfig's certificate-authority is not that of this cluster"},
    Verification{21, "the server's certificate is signed by an unknown authority",
                 "the kubeconfig's certificate-authority is not that of this cluster"},
    Verification{23, "the server's certificate was revoked", ""},
};

struct Alert {
  const char* part;
  const char* text;
};

// What the server says of our certificate, in OpenSSL's words (ssl_err.c).
constexpr std::array alerts = {
    Alert{"alert certificate expired", "the server says that the client certificate has expired"},
    Alert{"alert unknown ca",
          "the server does not know the authority that signed the client certificate"},
    Alert{"alert certificate required", "the server demands a client certificate"},
    Alert{"alert bad certificate", "the server refuses the client certificate"},
    Alert{"certificate revoked", "the server says that the client certificate was revoked"},
};

}  // namespace

std::optional<Failure> Channel::tls_failure() const
{
  const std::string said(error_text_.c_str());
  for (const auto& alert : alerts)
    if (said.find(alert.part) != std::string::npos)
      return Failure{FailureKind::certificate, alert.text,
                     "renew the credentials of the kubeconfig"};
  if (code_ != CURLE_PEER_FAILED_VERIFICATION) return std::nullopt;
  long result = 0;
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &result);
  for (const auto& verification : verifications)
    if (verification.result == result)
      return Failure{FailureKind::certificate, verification.text, verification.hint};
  if (said.find("subject name") != std::string::npos)
    return Failure{
        FailureKind::certificate,
        "the server's certificate is for other names than " +
            base::printable(endpoint_.tls_server_name.empty() ? host_and_port(endpoint_.url)
                                                              : endpoint_.tls_server_name),
        "set tls-server-name in the kubeconfig to a name it is for"};
  return std::nullopt;
}

std::optional<Failure> Channel::failure() const
{
  if (code_ == CURLE_OK || (code_ == CURLE_WRITE_ERROR && answer_.was_cut)) return std::nullopt;
  if (is_too_large_)
    return Failure{
        FailureKind::too_large,
        fmt::format("the answer is larger than the {} bytes that are read", largest_body_bytes_),
        {}};
  if (auto tls = tls_failure()) return tls;
  const auto said = base::printable(base::trim(error_text_.c_str()));
  const auto detail = said.empty() ? std::string(curl_easy_strerror(code_)) : said;
  // A handshake that the network broke says nothing about certificates, and nothing was sent.
  const bool is_broken_handshake =
      code_ == CURLE_SSL_CONNECT_ERROR && (said.find("reset by peer") != std::string::npos ||
                                           said.find("SYSCALL") != std::string::npos ||
                                           said.find("unexpected eof") != std::string::npos);
  if (said.find("wrong version number") != std::string::npos)
    return Failure{FailureKind::certificate, "what answers does not speak TLS",
                   "is the server's URL https:// where it should be http://?"};
  if (is_broken_handshake)
    return Failure{FailureKind::refused, "the TLS handshake was cut off (" + detail + ")", {}};
  for (const auto& meaning : meanings)
    if (meaning.code == code_)
      return Failure{meaning.kind, fmt::format("{} ({})", meaning.text, detail), {}};
  return Failure{FailureKind::impossible, detail, {}};
}

Failure Channel::failure_of(Progress progress) const
{
  if (progress == Progress::idle)
    return {FailureKind::slow,
            fmt::format("the server sent next to nothing for {} s",
                        std::chrono::duration<double>(endpoint_.idle).count()),
            {}};
  if (progress == Progress::deadline)
    return {FailureKind::deadline, "the deadline passed before the answer was there", {}};
  return failure().value_or(Failure{FailureKind::reset, "", {}});
}

std::string Channel::redirect_target() const
{
  constexpr int first_redirect = 300;
  constexpr int first_error = 400;
  const auto location = answer_.headers.find("location");
  if (answer_.status < first_redirect || answer_.status >= first_error ||
      location == answer_.headers.end())
    return {};
  return same_origin_path(endpoint_.url, location->second);
}

}  // namespace coroner::kube
