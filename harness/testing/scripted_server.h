// SPDX-License-Identifier: Apache-2.0
// ScriptedServer: an HTTP/1.1 server on loopback that answers, and misbehaves, as a test says.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace coroner::testing {

/// A request as it came. Header names are in lower case.
struct SeenRequest {
  std::string method;
  std::string path;   ///< Without its query.
  std::string query;  ///< Without the question mark, as it came.
  std::map<std::string, std::string> headers;
  std::string body;
};

/// What goes over the wire for one request: pieces with pauses, then an end.
struct Reply {
  enum class End {
    keep,   ///< The connection serves the next request.
    close,  ///< Closed in order.
    reset,  ///< RST.
    hold,   ///< Kept open and silent until the client or the server goes.
  };
  struct Piece {
    std::string bytes;
    std::chrono::milliseconds pause_before{0};
  };

  std::vector<Piece> pieces;
  End end = End::keep;
};

/// A whole answer with Content-Length.
Reply reply(int status, const std::string& body,
            const std::string& content_type = "application/json",
            const std::vector<std::string>& headers = {});

/// The same as it would be cut by a reset after `bytes` of it.
Reply cut_after(const Reply& whole, std::size_t bytes);

/// A chunked answer of `lines`, each in a chunk of its own; `end` keep finishes the body, hold
/// leaves it open, close and reset break it off.
Reply lines_reply(const std::vector<std::string>& lines, Reply::End end);

/// Runs while it exists. The handler is called from one thread per connection, one at a time.
class ScriptedServer {
 public:
  using Handler = std::function<Reply(const SeenRequest&)>;

  struct Tls {
    std::string certificate_pem;
    std::string key_pem;
    std::string client_authority_pem;  ///< When given, a client certificate is demanded.
  };

  struct Listen {
    std::optional<Tls> tls;
    std::string unix_socket;  ///< When given, the server listens there instead of on 127.0.0.1.
  };

  static base::Result<std::unique_ptr<ScriptedServer>> start(Handler handler, Listen listen = {});
  ~ScriptedServer();

  /// "http://127.0.0.1:PORT" or "https://…".
  std::string url() const;
  int port() const;

  /// All requests so far, in the order of their arrival.
  std::vector<SeenRequest> seen() const;
  /// How many connections were accepted.
  int connections() const;

 private:
  class Body;
  explicit ScriptedServer(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace coroner::testing
