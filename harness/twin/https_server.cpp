// SPDX-License-Identifier: Apache-2.0
// Threads that each accept, read one request with Boost.Beast's parser, and write one answer.
#include "harness/twin/https_server.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/crypto/tls_server.h"
#include "harness/twin/feed.h"
#include "harness/twin/route.h"

namespace coroner::twin {
namespace {

namespace http = boost::beast::http;
using base::ErrorKind;
using base::Result;
using Parser = http::request_parser<http::string_body>;

/// How long a client may say nothing in a request, or take nothing of an answer.
constexpr std::chrono::seconds client_patience{3};
/// How long a thread waits when no connection can be had (EMFILE) before it tries again.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::uint32_t longest_head_bytes = 64U << 10U;
constexpr std::size_t piece_bytes = 16U << 10U;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor()
  {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

/// Blocks signals while threads are made, which then never take one: an interrupted read would end
/// its connection, and SIGPIPE of a client that went away the program.
class SignalsBlocked {
 public:
  SignalsBlocked()
  {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

std::string parameter_decoded(std::string text)
{
  for (auto& each : text)
    if (each == '+') each = ' ';
  return percent_decoded(text);
}

Request request_of(const Parser::value_type& from)
{
  const std::string target(from.target());
  const auto mark = target.find('?');
  Request request{.method = std::string(from.method_string()),
                  .path = target.substr(0, mark),
                  .body = from.body()};
  if (mark == std::string::npos) return request;
  for (const auto& pair : base::split(target.substr(mark + 1), '&')) {
    const auto equals = pair.find('=');
    const auto value = equals == std::string::npos ? std::string() : pair.substr(equals + 1);
    if (!pair.empty())
      request.parameters.emplace(parameter_decoded(pair.substr(0, equals)),
                                 parameter_decoded(value));
  }
  return request;
}

/// What is wrong with a request, as an answer; empty when it was read to its end.
std::optional<Answer> read_request(crypto::TlsConnection& connection, Parser& parser)
{
  parser.eager(true);
  parser.header_limit(longest_head_bytes);
  parser.body_limit(largest_request_body_bytes);
  std::string waiting;
  std::array<char, piece_bytes> piece{};
  bool may_continue = false;
  while (!parser.is_done()) {
    const auto count = connection.read(piece.data(), piece.size());
    if (count == 0) return failure(400, "the request cannot be read");
    waiting.append(piece.data(), count);
    boost::beast::error_code problem;
    const auto used = parser.put(boost::asio::buffer(waiting), problem);
    waiting.erase(0, used);
    if (parser.is_header_done() && parser.get().target().size() > longest_target_bytes)
      return failure(414, "the request's path is too long");
    if (problem == http::error::body_limit) return failure(413, "the request's body is too large");
    if (problem && problem != http::error::need_more)
      return failure(400, "the request cannot be read");
    // libcurl 7.88 waits a second for it before a body of more than 1 MiB.
    if (!may_continue && parser.is_header_done() && !parser.is_done()) {
      may_continue = true;
      if (parser.get().count(http::field::expect) > 0 &&
          !connection.write("HTTP/1.1 100 Continue\r\n\r\n"))
        return failure(400, "the request cannot be read");
    }
  }
  return std::nullopt;
}

/// False when the client has gone, which a watch without news would not notice.
bool is_there(int socket)
{
  pollfd asked{.fd = socket, .events = POLLRDHUP, .revents = 0};
  return poll(&asked, 1, 0) <= 0;
}

void send_lines(crypto::TlsConnection& connection, int socket, Feed& feed)
{
  while (const auto lines = feed.next()) {
    if (!is_there(socket)) return;
    if (!lines->empty() && !connection.write(fmt::format("{:x}\r\n{}\r\n", lines->size(), *lines)))
      return;
  }
  connection.write("0\r\n\r\n");
}

void send(crypto::TlsConnection& connection, int socket, const Answer& answer)
{
  auto head = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nConnection: close\r\n", answer.status,
      std::string_view(
          http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)))),
      answer.content_type);
  if (answer.retry_after_seconds)
    head += fmt::format("Retry-After: {}\r\n", *answer.retry_after_seconds);
  if (!answer.feed) {
    connection.write(
        fmt::format("{}Content-Length: {}\r\n\r\n{}", head, answer.body.size(), answer.body));
    return;
  }
  if (connection.write(head + "Transfer-Encoding: chunked\r\n\r\n"))
    send_lines(connection, socket, *answer.feed);
}

void set_patience(int socket)
{
  const timeval patience{.tv_sec = client_patience.count(), .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int at_once = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
}

}  // namespace

class HttpsServer::Body {
 public:
  Body(std::unique_ptr<crypto::TlsServer> tls, Handler handler)
      : tls_(std::move(tls)), handler_(std::move(handler))
  {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  ~Body()
  {
    const std::uint64_t once = 1;
    // Never read: every thread sees it. A counter of 0 has room for it.
    static_cast<void>(::write(end_.get(), &once, sizeof once));
    for (auto& thread : threads_) thread.join();
  }

  Result<void> start()
  {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    // Without SO_REUSEPORT, with which another program of this user could listen there too.
    if (end_.get() < 0 || bind(listener_.get(), name, bytes) != 0 ||
        listen(listener_.get(), most_waiting_connections) != 0 ||
        getsockname(listener_.get(), name, &bytes) != 0)
      return base::error(ErrorKind::internal, "no port of 127.0.0.1 can be had: {}",
                         std::generic_category().message(errno));
    port_ = ntohs(address.sin_port);
    const SignalsBlocked blocked;
    for (std::size_t i = 0; i < server_threads; ++i) threads_.emplace_back([this] { work(); });
    return {};
  }

  int port() const { return port_; }

 private:
  void work()
  {
    while (!has_ended()) {
      const Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (socket.get() >= 0)
        serve(socket.get());
      else if (errno != EAGAIN && errno != ECONNABORTED && has_ended_within(accept_pause))
        return;
    }
  }

  /// Waits for a connection or the end; whether it is the end.
  bool has_ended()
  {
    std::array<pollfd, 2> asked{{{.fd = end_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = listener_.get(), .events = POLLIN, .revents = 0}}};
    poll(asked.data(), asked.size(), -1);
    return asked[0].revents != 0;
  }

  bool has_ended_within(std::chrono::milliseconds longest)
  {
    pollfd asked{.fd = end_.get(), .events = POLLIN, .revents = 0};
    return poll(&asked, 1, static_cast<int>(longest.count())) > 0;
  }

  void serve(int socket)
  {
    set_patience(socket);
    const auto connection = tls_->accept(socket);
    if (!connection) return;
    Parser parser;
    auto wrong = read_request(*connection, parser);
    send(*connection, socket, wrong ? *std::move(wrong) : answer(parser.get()));
  }

  Answer answer(const Parser::value_type& from)
  {
    try {
      const auto found = from.find(http::field::authorization);
      return handler_(request_of(from),
                      found == from.end() ? std::string() : std::string(found->value()));
    } catch (const std::exception&) {
      return failure(500, "the twin has a fault of its own");
    }
  }

  const std::unique_ptr<crypto::TlsServer> tls_;
  const Handler handler_;
  const Descriptor end_{eventfd(0, EFD_CLOEXEC)};
  const Descriptor listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  int port_ = -1;
  std::vector<std::thread> threads_;
};

HttpsServer::HttpsServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}
HttpsServer::~HttpsServer() = default;

Result<std::unique_ptr<HttpsServer>> HttpsServer::start(const crypto::KeyPair& certificate,
                                                        Handler handler)
{
  auto tls = crypto::TlsServer::make(certificate);
  if (!tls) return base::pass_on(std::move(tls).error(), "while starting the twin");
  try {
    auto body = std::make_unique<Body>(std::move(*tls), std::move(handler));
    TRY(body->start());
    return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(body)));
  } catch (const std::system_error& problem) {
    return base::error(ErrorKind::internal, "the twin's threads cannot be had: {}", problem.what());
  }
}

int HttpsServer::port() const
{
  return body_->port();
}

}  // namespace coroner::twin
