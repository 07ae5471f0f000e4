// SPDX-License-Identifier: Apache-2.0
// The server's side of TLS over an accepted socket.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <openssl/ssl.h>
#include <sys/types.h>

#include "harness/base/result.h"

namespace coroner::testing {

/// One TLS connection; the socket belongs to the caller.
class TlsStream {
 public:
  explicit TlsStream(SSL* ssl) : ssl_(ssl) {}
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream();

  /// As recv and send: bytes moved, or nothing positive at the end.
  ssize_t read(char* into, std::size_t bytes);
  ssize_t write(const char* from, std::size_t bytes);
  /// No close_notify at the end.
  void abandon() { is_abandoned_ = true; }

 private:
  SSL* ssl_;
  bool is_abandoned_ = false;
};

/// A server's certificate, and maybe the authority of its clients.
class TlsContext {
 public:
  static base::Result<std::unique_ptr<TlsContext>> make(const std::string& certificate_pem,
                                                        const std::string& key_pem,
                                                        const std::string& client_authority_pem);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// The handshake; nullptr when it fails.
  std::unique_ptr<TlsStream> accept(int descriptor) const;

 private:
  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  SSL_CTX* context_;
};

}  // namespace coroner::testing
