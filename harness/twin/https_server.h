// SPDX-License-Identifier: Apache-2.0
// HttpsServer: bounded HTTPS on loopback for one handler.
#pragma once

#include <functional>
#include <memory>

#include "harness/base/result.h"
#include "harness/crypto/certificate.h"
#include "harness/twin/answer.h"

namespace coroner::twin {

/// Connections that are served at a time, and how many more the kernel keeps waiting for that. One
/// request each: no idle connection holds a thread.
inline constexpr std::size_t server_threads = 32;
inline constexpr int most_waiting_connections = 64;

/// Runs while it exists.
class HttpsServer {
 public:
  /// Called from several threads at once. `authorization` is that header's value.
  using Handler = std::function<Answer(const Request& request, const std::string& authorization)>;

  /// Listens on 127.0.0.1 at a free port. ErrorKind::internal when port, thread or certificate
  /// cannot be had.
  static base::Result<std::unique_ptr<HttpsServer>> start(const crypto::KeyPair& certificate,
                                                          Handler handler);

  /// Takes no more connections and waits for the open ones. Feeds must have been ended by whoever
  /// gave them; clients that say nothing are given up after a few seconds.
  ~HttpsServer();

  int port() const;

 private:
  class Body;
  explicit HttpsServer(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace coroner::twin
