// SPDX-License-Identifier: Apache-2.0
// cpp-httplib 0.11.4 with its bounds set, its threads counted and its exceptions kept here.
#include "harness/twin/https_server.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <httplib.h>
#include <pthread.h>
#include <signal.h>

#include "harness/base/deadline.h"
#include "harness/base/files.h"
#include "harness/twin/feed.h"

namespace coroner::twin {
namespace {

using base::ErrorKind;
using base::Result;
using namespace std::chrono_literals;

/// How long a client may say nothing in a request, or take nothing of an answer.
constexpr std::chrono::seconds client_patience{3};
constexpr unsigned private_mode = 0600;

/// httplib's own pool takes connections without bound; this one lets the kernel hold them back.
class BoundedPool : public httplib::TaskQueue {
 public:
  BoundedPool()
  {
    try {
      for (std::size_t i = 0; i < server_threads; ++i) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      shutdown();
      throw;
    }
  }

  ~BoundedPool() override { shutdown(); }

  void enqueue(std::function<void()> job) override
  {
    std::unique_lock lock(mutex_);
    // Each job ends within the bounds of a request or a watch, so this wait does too.
    has_room_.wait(lock, [this] { return jobs_.size() < most_waiting_connections; });
    jobs_.push_back(std::move(job));
    has_job_.notify_one();
  }

  void shutdown() override
  {
    {
      const std::scoped_lock lock(mutex_);
      is_closing_ = true;
      has_job_.notify_all();
    }
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
  }

 private:
  void work()
  {
    while (true) {
      std::unique_lock lock(mutex_);
      has_job_.wait(lock, [this] { return !jobs_.empty() || is_closing_; });
      if (jobs_.empty()) return;
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      has_room_.notify_one();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable has_job_;
  std::condition_variable has_room_;
  std::deque<std::function<void()>> jobs_;
  bool is_closing_ = false;
  std::vector<std::thread> threads_;
};

Request request_of(const httplib::Request& from)
{
  Request request{.method = from.method, .path = from.target.substr(0, from.target.find('?'))};
  for (const auto& [name, value] : from.params) request.parameters.emplace(name, value);
  return request;
}

/// False when the body is larger than may be.
bool read_body(const httplib::Request& from, const httplib::ContentReader& reader,
               std::string& body)
{
  // Without these there is none (RFC 9112 6.3); httplib would wait for one.
  if (!from.has_header("Content-Length") && !from.has_header("Transfer-Encoding")) return true;
  bool fits = true;
  reader([&](const char* bytes, std::size_t count) {
    fits = body.size() + count <= largest_request_body_bytes;
    if (fits) body.append(bytes, count);
    return fits;
  });
  return fits;
}

void send(Answer answer, httplib::Response& response)
{
  response.status = answer.status;
  if (answer.retry_after_seconds)
    response.set_header("Retry-After", std::to_string(*answer.retry_after_seconds));
  if (!answer.feed) {
    response.set_content(std::move(answer.body), answer.content_type);
    return;
  }
  response.set_chunked_content_provider(
      answer.content_type, [feed = answer.feed](std::size_t, httplib::DataSink& sink) {
        const auto lines = feed->next();
        if (!lines) {
          sink.done();
          return true;
        }
        return lines->empty() ? sink.is_writable() : sink.write(lines->data(), lines->size());
      });
}

/// Blocks signals while a thread is made, which then never takes one: in httplib an interrupted
/// accept() ends the server.
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

/// httplib reads certificates from files only, unless one speaks OpenSSL to it.
Result<std::unique_ptr<httplib::SSLServer>> server_with(const crypto::KeyPair& certificate)
{
  std::error_code problem;
  const auto parent = std::filesystem::temp_directory_path(problem);
  if (problem)
    return base::error(ErrorKind::internal, "there is no folder for temporary files: {}",
                       problem.message());
  TRY_ASSIGN(folder, base::ScopedDirectory::make(parent, "coroner-twin-"));
  const auto certificate_file = folder.path() / "certificate.pem";
  const auto key_file = folder.path() / "key.pem";
  TRY(base::write_file(certificate_file, certificate.certificate_pem, private_mode));
  TRY(base::write_file(key_file, certificate.key_pem, private_mode));
  auto server = std::make_unique<httplib::SSLServer>(certificate_file.c_str(), key_file.c_str());
  if (!server->is_valid())
    return base::error(ErrorKind::internal, "the twin's certificate cannot be used");
  return server;
}

}  // namespace

class HttpsServer::Body {
 public:
  Body(std::unique_ptr<httplib::SSLServer> server, Handler handler)
      : server_(std::move(server)), handler_(std::move(handler))
  {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  ~Body()
  {
    if (!thread_.joinable()) return;
    // A stop before the server runs would be lost, and the thread would never end.
    static_cast<void>(wait_until_decided(60s));
    server_->stop();
    thread_.join();
  }

  Result<void> start()
  {
    set_bounds();
    set_handlers();
    port_ = server_->bind_to_any_port("127.0.0.1");
    if (port_ <= 0) return base::error(ErrorKind::internal, "no port of 127.0.0.1 can be had");
    {
      const SignalsBlocked blocked;
      pool_ = std::make_unique<BoundedPool>();
      thread_ = std::thread([this] {
        server_->listen_after_bind();
        has_ended_ = true;
      });
    }
    TRY(wait_until_decided(10s));
    if (has_ended_) return base::error(ErrorKind::internal, "the twin cannot listen");
    return {};
  }

  int port() const { return port_; }

 private:
  /// Until the server runs or has given up.
  Result<void> wait_until_decided(std::chrono::seconds longest)
  {
    return base::poll_until(
        [this]() -> Result<bool> { return has_ended_ || server_->is_running(); },
        "the twin to listen", 1ms, base::Deadline::in(longest));
  }

  void set_bounds()
  {
    // httplib asks once, and deletes what it is given.
    server_->new_task_queue = [this] { return pool_.release(); };
    server_->set_keep_alive_max_count(1);
    server_->set_read_timeout(client_patience);
    server_->set_write_timeout(client_patience);
    server_->set_payload_max_length(largest_request_body_bytes);
    server_->set_tcp_nodelay(true);
    // The default lets another program of this user listen on the same port (SO_REUSEPORT).
    server_->set_socket_options([](socket_t) {});
  }

  void answer(const httplib::Request& from, Request request, httplib::Response& response)
  {
    send(handler_(request, from.get_header_value("Authorization")), response);
  }

  void set_handlers()
  {
    // Before the path meets httplib's regular expressions, which recurse by its length.
    server_->set_pre_routing_handler([](const auto& request, auto& response) {
      if (request.target.size() <= longest_target_bytes)
        return httplib::Server::HandlerResponse::Unhandled;
      send(failure(414, "the request's path is too long"), response);
      return httplib::Server::HandlerResponse::Handled;
    });
    server_->set_error_handler([](const auto&, auto& response) {
      if (response.body.empty())
        send(failure(response.status, "the request cannot be read"), response);
    });
    server_->set_exception_handler([](const auto&, auto& response, std::exception_ptr) {
      send(failure(500, "the twin has a fault of its own"), response);
    });
    server_->Get(".*", [this](const httplib::Request& from, httplib::Response& response) {
      answer(from, request_of(from), response);
    });
    const auto with_body = [this](const httplib::Request& from, httplib::Response& response,
                                  const httplib::ContentReader& reader) {
      auto request = request_of(from);
      if (!read_body(from, reader, request.body))
        return send(failure(413, "the request's body is too large"), response);
      answer(from, std::move(request), response);
    };
    server_->Post(".*", with_body);
    server_->Put(".*", with_body);
    server_->Patch(".*", with_body);
    server_->Delete(".*", with_body);
  }

  const std::unique_ptr<httplib::SSLServer> server_;
  const Handler handler_;
  int port_ = -1;
  std::unique_ptr<BoundedPool> pool_;
  std::atomic<bool> has_ended_{false};
  std::thread thread_;
};

HttpsServer::HttpsServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}
HttpsServer::~HttpsServer() = default;

Result<std::unique_ptr<HttpsServer>> HttpsServer::start(const crypto::KeyPair& certificate,
                                                        Handler handler)
{
  auto server = server_with(certificate);
  if (!server) return base::pass_on(std::move(server).error(), "while starting the twin");
  try {
    auto body = std::make_unique<Body>(std::move(*server), std::move(handler));
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
