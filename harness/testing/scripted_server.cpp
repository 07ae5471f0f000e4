// SPDX-License-Identifier: Apache-2.0
// Plain sockets, so that nothing corrects what a test wants to go wrong.
#include "harness/testing/scripted_server.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "harness/base/text.h"
#include "harness/crypto/tls_server.h"

namespace coroner::testing {
namespace {

using base::ErrorKind;

constexpr std::size_t largest_request_bytes = 8U << 20U;

/// One accepted connection, plain or TLS.
class Connection {
 public:
  Connection(int descriptor, const crypto::TlsServer* tls) : descriptor_(descriptor)
  {
    if (tls != nullptr) tls_ = tls->accept(descriptor);
    is_ready_ = tls == nullptr || tls_;
    if (is_ready_) return;
    // Unread bytes would turn the close into RST, which overtakes the alert.
    ::shutdown(descriptor, SHUT_WR);
    std::string ignored;
    while (read_some(ignored)) ignored.clear();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection()
  {
    tls_.reset();
    ::close(descriptor_);
  }

  bool is_ready() const { return is_ready_; }

  bool read_some(std::string& into)
  {
    constexpr std::size_t chunk_bytes = 16U << 10U;
    std::array<char, chunk_bytes> chunk = {};
    const auto got = tls_ ? static_cast<ssize_t>(tls_->read(chunk.data(), chunk.size()))
                          : ::recv(descriptor_, chunk.data(), chunk.size(), 0);
    if (got <= 0) return false;
    into.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }

  bool write_all(std::string_view bytes)
  {
    if (tls_) return tls_->write(bytes);
    while (!bytes.empty()) {
      const auto put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  /// The close that follows sends RST.
  void prepare_reset()
  {
    const linger at_once = {1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (tls_) tls_->abandon();
  }

 private:
  int descriptor_;
  std::unique_ptr<crypto::TlsConnection> tls_;
  bool is_ready_ = false;
};

std::string lower(std::string_view text)
{
  std::string copy(text);
  std::transform(copy.begin(), copy.end(), copy.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return copy;
}

/// As Go's servers answer TLS on a plain port; always true.
bool refuse_tls(Connection& connection)
{
  connection.write_all("HTTP/1.0 400 Bad Request\r\n\r\n");
  return true;
}

/// The next request; empty when the connection ends or sends what is no request.
std::optional<SeenRequest> read_request(Connection& connection, std::string& buffer)
{
  constexpr char tls_handshake = '\x16';
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (buffer.size() > largest_request_bytes || !connection.read_some(buffer) ||
        (buffer.front() == tls_handshake && refuse_tls(connection)))
      return std::nullopt;
  const auto lines = base::split(std::string_view(buffer).substr(0, end), '\n');
  const auto words = base::split(base::trim(lines[0]), ' ');
  if (words.size() != 3) return std::nullopt;
  SeenRequest request;
  request.method = words[0];
  const auto question = words[1].find('?');
  request.path = words[1].substr(0, question);
  if (question != std::string::npos) request.query = words[1].substr(question + 1);
  for (std::size_t index = 1; index < lines.size(); ++index) {
    const auto colon = lines[index].find(':');
    if (colon != std::string::npos)
      request.headers[lower(lines[index].substr(0, colon))] =
          std::string(base::trim(std::string_view(lines[index]).substr(colon + 1)));
  }
  const auto length = request.headers.find("content-length");
  const std::size_t body_bytes =
      length == request.headers.end()
          ? 0
          : std::min<std::size_t>(std::stoul(length->second), largest_request_bytes);
  buffer.erase(0, end + 4);
  while (buffer.size() < body_bytes)
    if (!connection.read_some(buffer)) return std::nullopt;
  request.body = buffer.substr(0, body_bytes);
  buffer.erase(0, body_bytes);
  return request;
}

base::Result<int> listen_on(const ScriptedServer::Listen& where)
{
  const bool is_unix = !where.unix_socket.empty();
  const int descriptor = ::socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un path = {};
  path.sun_family = AF_UNIX;
  if (where.unix_socket.size() >= sizeof path.sun_path)
    return base::error(ErrorKind::invalid, "the socket's path is too long");
  std::memcpy(static_cast<void*>(path.sun_path), where.unix_socket.c_str(),
              where.unix_socket.size() + 1);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* chosen = is_unix ? reinterpret_cast<const sockaddr*>(&path)
                               : reinterpret_cast<const sockaddr*>(&address);
  const socklen_t size = is_unix ? sizeof path : sizeof address;
  constexpr int backlog = 64;
  if (descriptor < 0 || ::bind(descriptor, chosen, size) != 0 || ::listen(descriptor, backlog) != 0)
    return base::error(ErrorKind::internal, "the scripted server cannot listen: {}",
                       std::strerror(errno));
  return descriptor;
}

int port_of(int descriptor)
{
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace

class ScriptedServer::Body {
 public:
  Body(Handler handler, Listen listen, std::unique_ptr<crypto::TlsServer> tls, int listener)
      : handler_(std::move(handler)),
        listen_(std::move(listen)),
        tls_(std::move(tls)),
        listener_(listener),
        port_(listen_.unix_socket.empty() ? port_of(listener) : 0),
        acceptor_([this](const std::stop_token& stop) { accept_all(stop); })
  {}

  ~Body()
  {
    acceptor_.request_stop();
    acceptor_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
    }
    for (auto& worker : workers_) worker.request_stop();
    workers_.clear();
    ::close(listener_);
  }

  const Listen& where() const { return listen_; }
  int port() const { return port_; }

  std::vector<SeenRequest> seen() const
  {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

  int connections() const
  {
    const std::scoped_lock lock(mutex_);
    return connections_;
  }

 private:
  void accept_all(const std::stop_token& stop)
  {
    constexpr int poll_ms = 20;
    while (!stop.stop_requested()) {
      pollfd waiting = {listener_, POLLIN, 0};
      if (::poll(&waiting, 1, poll_ms) <= 0) continue;
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) continue;
      const std::scoped_lock lock(mutex_);
      ++connections_;
      open_.push_back(descriptor);
      workers_.emplace_back(
          [this, descriptor](const std::stop_token& stopped) { serve(descriptor, stopped); });
    }
  }

  void serve(int descriptor, const std::stop_token& stop)
  {
    {
      Connection connection(descriptor, tls_.get());
      std::string buffer;
      bool goes_on = connection.is_ready();
      while (goes_on && !stop.stop_requested()) {
        auto request = read_request(connection, buffer);
        if (!request) break;
        goes_on = send(connection, handled(*request), stop);
      }
      const std::scoped_lock lock(mutex_);
      open_.remove(descriptor);
    }
  }

  Reply handled(const SeenRequest& request)
  {
    const std::scoped_lock lock(mutex_);
    seen_.push_back(request);
    return handler_(request);
  }

  static bool send(Connection& connection, const Reply& reply, const std::stop_token& stop)
  {
    for (const auto& piece : reply.pieces) {
      if (piece.pause_before.count() > 0 && !base::wait_for(piece.pause_before, stop)) return false;
      if (!connection.write_all(piece.bytes)) return false;
    }
    if (reply.end == Reply::End::reset) connection.prepare_reset();
    if (reply.end == Reply::End::hold) {
      std::string ignored;
      while (connection.read_some(ignored)) ignored.clear();
    }
    return reply.end == Reply::End::keep;
  }

  const Handler handler_;
  const Listen listen_;
  const std::unique_ptr<crypto::TlsServer> tls_;
  const int listener_;
  const int port_;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  std::list<int> open_;
  int connections_ = 0;
  std::list<std::jthread> workers_;
  std::jthread acceptor_;
};

ScriptedServer::ScriptedServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}
ScriptedServer::~ScriptedServer() = default;

base::Result<std::unique_ptr<ScriptedServer>> ScriptedServer::start(Handler handler, Listen listen)
{
  std::unique_ptr<crypto::TlsServer> tls;
  if (listen.tls) {
    // A client that went away must not end the test.
    std::signal(SIGPIPE, SIG_IGN);
    TRY_ASSIGN(made, crypto::TlsServer::make({listen.tls->certificate_pem, listen.tls->key_pem},
                                             listen.tls->client_authority_pem));
    tls = std::move(made);
  }
  TRY_ASSIGN(listener, listen_on(listen));
  return std::unique_ptr<ScriptedServer>(new ScriptedServer(
      std::make_unique<Body>(std::move(handler), std::move(listen), std::move(tls), listener)));
}

std::string ScriptedServer::url() const
{
  return (body_->where().tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port());
}

int ScriptedServer::port() const
{
  return body_->port();
}

std::vector<SeenRequest> ScriptedServer::seen() const
{
  return body_->seen();
}

int ScriptedServer::connections() const
{
  return body_->connections();
}

Reply reply(int status, const std::string& body, const std::string& content_type,
            const std::vector<std::string>& headers)
{
  auto head = fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n", status, body.size());
  if (!content_type.empty()) head += "Content-Type: " + content_type + "\r\n";
  for (const auto& header : headers) head += header + "\r\n";
  return {{{head + "\r\n" + body, {}}}, Reply::End::keep};
}

Reply cut_after(const Reply& whole, std::size_t bytes)
{
  std::string all;
  for (const auto& piece : whole.pieces) all += piece.bytes;
  return {{{all.substr(0, bytes), {}}}, Reply::End::reset};
}

Reply lines_reply(const std::vector<std::string>& lines, Reply::End end)
{
  Reply stream{{{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n",
                 {}}},
               end};
  for (const auto& line : lines)
    stream.pieces.push_back({fmt::format("{:x}\r\n{}\r\n", line.size(), line), {}});
  if (end == Reply::End::keep) stream.pieces.push_back({"0\r\n\r\n", {}});
  return stream;
}

}  // namespace coroner::testing
