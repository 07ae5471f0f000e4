// SPDX-License-Identifier: Apache-2.0
// HTTP to one server: bounded calls and streams over kept connections. Knows nothing of Kubernetes.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/kube/credentials.h"

namespace coroner::kube {

/// Bounds of one answer.
inline constexpr std::size_t largest_body_bytes = 64U << 20U;
inline constexpr std::size_t largest_headers_bytes = 256U << 10U;
/// One line of a stream (one watch event).
inline constexpr std::size_t largest_line_bytes = 16U << 20U;

/// Where and how to connect; fixed for the life of a transport.
struct Endpoint {
  std::string url;  ///< Scheme, host, port, maybe a path; no final slash.
  std::string unix_socket;
  std::string proxy_url;
  std::string tls_server_name;
  std::string authority_pem;  ///< "": the system's authorities.
  bool is_insecure = false;
  std::string user_agent;
  std::chrono::milliseconds idle{
      std::chrono::seconds{30}};  ///< A call that moves no bytes so long ends.
  std::chrono::milliseconds connect{std::chrono::seconds{10}};
};

struct HttpRequest {
  std::string method = "GET";
  std::string path;  ///< With its query; begins with '/'.
  std::string body;
  std::string content_type;
  std::string accept = "application/json";
  std::size_t largest_body_bytes = kube::largest_body_bytes;
  bool keeps_cut_body = false;  ///< A body beyond the bound is cut instead of refused (logs).
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< Names in lower case; the last of its name.
  std::string body;
  bool was_cut = false;
};

/// Why there is no answer.
enum class FailureKind {
  refused,      ///< No connection: nothing was sent.
  reset,        ///< The connection ended before the answer was whole.
  slow,         ///< Too few bytes in the idle time.
  deadline,     ///< The deadline passed or stop was asked.
  certificate,  ///< TLS: the server's certificate, or ours in its eyes.
  too_large,    ///< A bound of the answer.
  malformed,    ///< No HTTP, or none that is understood.
  impossible,   ///< Our own side: URL, memory, a missing feature.
};

struct Failure {
  FailureKind kind = FailureKind::impossible;
  std::string text;  ///< One sentence for people.
  std::string hint;
};

template <class T>
using Outcome = tl::expected<T, Failure>;

class Channel;

/// The answer to a request whose body is read line by line. Owns its connection meanwhile.
class LineStream {
 public:
  LineStream(LineStream&&) noexcept;
  LineStream& operator=(LineStream&&) noexcept;
  ~LineStream();

  int status() const;
  /// The next whole line without its newline; empty at the deadline or on stop. A body that ends
  /// gives FailureKind::reset, with "" as text when it ended in order.
  Outcome<std::optional<std::string>> next_line(const base::Deadline& deadline,
                                                const std::stop_token& stop);
  /// What is left of a short body (an error's), bounded.
  Outcome<HttpAnswer> rest(const base::Deadline& deadline, const std::stop_token& stop);

 private:
  friend class Transport;
  explicit LineStream(std::unique_ptr<Channel> channel);
  std::unique_ptr<Channel> channel_;
};

/// Thread-safe: calls of several threads use connections of their own, kept for the next call.
class Transport {
 public:
  /// Headers every request carries, after their names: [("Impersonate-User", "x")].
  using Headers = std::vector<std::pair<std::string, std::string>>;

  static base::Result<std::unique_ptr<Transport>> open(Endpoint endpoint, Headers headers);
  ~Transport();

  Outcome<HttpAnswer> call(const HttpRequest& request, const Presented& credentials,
                           const base::Deadline& deadline, const std::stop_token& stop);

  /// Sends the request and returns when the headers are there.
  Outcome<LineStream> stream(const HttpRequest& request, const Presented& credentials,
                             const base::Deadline& deadline, const std::stop_token& stop);

  /// The server's clock less ours by the last Date header (whole seconds); empty before one came.
  std::optional<std::chrono::seconds> clock_skew() const;

  const std::string& url() const;

 private:
  class Pool;
  explicit Transport(std::unique_ptr<Pool> pool);
  std::unique_ptr<Pool> pool_;
};

}  // namespace coroner::kube
