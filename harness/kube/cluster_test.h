// SPDX-License-Identifier: Apache-2.0
// TestCluster: a client connected to a scripted server, with short pauses; for tests of this room.
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "harness/kube/client.h"
#include "harness/testing/scripted_server.h"

namespace coroner::kube {

/// Options under which every retry happens at once and nothing is held back.
inline Options quick_options()
{
  Options options;
  options.retry = {.first_pause = std::chrono::milliseconds{1},
                   .largest_pause = std::chrono::milliseconds{2},
                   .attempts = 5,
                   .seed = 1};
  options.requests_per_second = 100'000;
  options.burst_requests = 100'000;
  return options;
}

/// A handler that gives `replies` one after the other and the last one from then on.
inline testing::ScriptedServer::Handler in_order(std::vector<testing::Reply> replies)
{
  return [replies = std::move(replies),
          next = std::size_t{0}](const testing::SeenRequest&) mutable -> testing::Reply {
    const auto index = next < replies.size() ? next : replies.size() - 1;
    ++next;
    return replies.at(index);
  };
}

/// The parts of Options that tests change, over quick_options().
struct Changes {
  RetryOptions retry = quick_options().retry;
  std::chrono::milliseconds idle{std::chrono::seconds{30}};
  std::chrono::milliseconds refresh{std::chrono::seconds{30}};
};

class TestCluster {
 public:
  explicit TestCluster(testing::ScriptedServer::Handler handler, const Changes& changes = {})
      : server_(start(std::move(handler)))
  {
    auto options = quick_options();
    options.retry = changes.retry;
    options.idle = changes.idle;
    options.refresh = changes.refresh;
    options.poll = std::chrono::milliseconds{5};
    ClusterAccess access;
    access.server = server_->url();
    access.token = "test-token";
    auto connected = connect(access, options);
    if (!connected) throw std::runtime_error(connected.error().text());
    cluster_ = std::move(*connected);
  }

  Cluster* operator->() { return cluster_.get(); }
  Cluster& operator*() { return *cluster_; }
  const testing::ScriptedServer& server() const { return *server_; }

  /// Far enough away for a loaded machine; no test waits for it.
  static base::Deadline soon() { return base::Deadline::in(std::chrono::seconds{20}); }

 private:
  static std::unique_ptr<testing::ScriptedServer> start(testing::ScriptedServer::Handler handler)
  {
    auto server = testing::ScriptedServer::start(std::move(handler));
    if (!server) throw std::runtime_error(server.error().text());
    return std::move(*server);
  }

  std::unique_ptr<testing::ScriptedServer> server_;
  std::unique_ptr<Cluster> cluster_;
};

}  // namespace coroner::kube
