// SPDX-License-Identifier: Apache-2.0
// The twin as a whole: certificate, token, replay, server, and the memory of requests.
#include "harness/twin/twin.h"

#include <deque>
#include <mutex>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/crypto/certificate.h"
#include "harness/crypto/digest.h"
#include "harness/twin/https_server.h"
#include "harness/twin/replay.h"

namespace coroner::twin {
namespace {

using base::Result;

constexpr std::size_t token_bytes = 32;
constexpr std::chrono::days validity{1};

/// The last requests, and counts of all.
class Memory {
 public:
  explicit Memory(std::size_t passed_over) { statistics_.passed_over = passed_over; }

  void add(const Request& request, const Answer& answer)
  {
    constexpr int unauthorized = 401;
    const std::scoped_lock lock(mutex_);
    ++statistics_.requests;
    if (answer.status == unauthorized) ++statistics_.denied;
    if (answer.is_unrecorded) ++statistics_.unrecorded;
    if (seen_.size() == most_seen_requests) seen_.pop_front();
    seen_.push_back({request.method, request.path.substr(0, longest_path_bytes), answer.status,
                     answer.is_unrecorded});
  }

  Statistics statistics() const
  {
    const std::scoped_lock lock(mutex_);
    return statistics_;
  }

  std::vector<SeenRequest> seen() const
  {
    const std::scoped_lock lock(mutex_);
    return {seen_.begin(), seen_.end()};
  }

 private:
  mutable std::mutex mutex_;
  Statistics statistics_;
  std::deque<SeenRequest> seen_;
};

}  // namespace

class Twin::Body {
 public:
  Body(Recording recording, const evidence::Reader& bundle)
      : run_(base::printable(recording.run)),
        token_(crypto::random_hex(token_bytes)),
        // Hashes are compared: how long that takes says nothing of the token.
        authorization_hash_(crypto::sha256_hex("Bearer " + token_)),
        memory_(recording.passed_over),
        replay_(std::move(recording), bundle)
  {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() { replay_.close(); }

  Result<void> start()
  {
    TRY_ASSIGN(authority, crypto::make_authority("coroner twin", validity));
    TRY_ASSIGN(certificate, crypto::issue(authority,
                                          {.common_name = "coroner twin",
                                           .organizations = {},
                                           .dns_names = {"localhost"},
                                           .addresses = {"127.0.0.1"},
                                           .is_server = true},
                                          validity));
    authority_pem_ = authority.certificate_pem;
    TRY_ASSIGN(server, HttpsServer::start(certificate,
                                          [this](const auto& request, const auto& authorization) {
                                            return answer(request, authorization);
                                          }));
    server_ = std::move(server);
    return {};
  }

  kube::ClusterAccess access() const
  {
    kube::ClusterAccess access;
    access.origin = "the replay of " + run_;
    access.context = "replay";
    access.cluster = "replay";
    access.user = "replay";
    access.server = fmt::format("https://127.0.0.1:{}", server_->port());
    access.authority.pem = authority_pem_;
    access.token = token_;
    return access;
  }

  const Memory& memory() const { return memory_; }

 private:
  Answer answer(const Request& request, const std::string& authorization)
  {
    const bool is_known = crypto::sha256_hex(authorization) == authorization_hash_;
    auto answer = is_known ? replay_.answer(request) : failure(401, "Unauthorized");
    memory_.add(request, answer);
    return answer;
  }

  const std::string run_;
  const std::string token_;
  const std::string authorization_hash_;
  std::string authority_pem_;
  Memory memory_;
  Replay replay_;
  /// The last member: its threads end before what they use.
  std::unique_ptr<HttpsServer> server_;
};

Twin::Twin(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Twin::~Twin() = default;

Result<std::unique_ptr<Twin>> Twin::start(const evidence::Reader& bundle)
{
  auto recording = recording_of(bundle);
  if (!recording)
    return base::pass_on(std::move(recording).error(), "while reading a bundle to replay");
  auto body = std::make_unique<Body>(std::move(*recording), bundle);
  TRY(body->start());
  return std::unique_ptr<Twin>(new Twin(std::move(body)));
}

kube::ClusterAccess Twin::access() const
{
  return body_->access();
}

Statistics Twin::statistics() const
{
  return body_->memory().statistics();
}

std::vector<SeenRequest> Twin::seen() const
{
  return body_->memory().seen();
}

}  // namespace coroner::twin
