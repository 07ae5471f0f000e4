// SPDX-License-Identifier: Apache-2.0
// TlsServer: the server's side of TLS over accepted sockets, with a bound on every silence.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/crypto/certificate.h"

namespace coroner::crypto {

/// One connection. The socket belongs to the caller, who has set its timeouts, and whose thread
/// blocks or ignores SIGPIPE: OpenSSL writes without MSG_NOSIGNAL.
class TlsConnection {
 public:
  class Body;
  explicit TlsConnection(std::unique_ptr<Body> body);
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;
  /// Says close_notify when the connection is still whole and was not abandoned.
  ~TlsConnection();

  /// Up to `bytes` into `into`: how many, or 0 at the end, in silence and in failure.
  std::size_t read(char* into, std::size_t bytes);

  /// False when not all of `text` could be written.
  bool write(std::string_view text);

  /// Nothing more is said or read, not even close_notify: as a server that fell over.
  void abandon();

 private:
  std::unique_ptr<Body> body_;
};

/// A certificate to show; TLS 1.2 or newer. Used by several threads at once.
class TlsServer {
 public:
  /// With an authority (PEM) clients must show a certificate that it issued. ErrorKind::internal
  /// when the certificate, its key or the authority cannot be used.
  static base::Result<std::unique_ptr<TlsServer>> make(
      const KeyPair& certificate, const std::string& client_authority_pem = {});
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer();

  /// The handshake over a connected `socket`; nullptr when it fails.
  std::unique_ptr<TlsConnection> accept(int socket) const;

 private:
  class Body;
  explicit TlsServer(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace coroner::crypto
