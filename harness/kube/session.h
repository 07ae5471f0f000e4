// SPDX-License-Identifier: Apache-2.0
// Session: requests to one server with credentials, pace and repeats; shared by client and watches.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/kube/client.h"
#include "harness/kube/status.h"
#include "harness/kube/transport.h"

namespace coroner::kube {

/// A request, what it is for, and what repeating it would do.
struct Errand {
  HttpRequest request;
  Safety safety = Safety::read;
  Purpose purpose;
  /// For creates: whether an earlier try arrived after all, asked before each repeat of one whose
  /// fate is unknown. Its answer then stands for the errand's.
  std::function<base::Result<std::optional<HttpAnswer>>()> look_back;
};

/// Thread-safe.
class Session {
 public:
  static base::Result<std::unique_ptr<Session>> open(ClusterAccess& access, const Options& options);

  /// The server's last answer, whatever its status; an Error when there is none.
  base::Result<HttpAnswer> send(const Errand& errand, const base::Deadline& deadline,
                                const std::stop_token& stop);

  /// The JSON object of a 2xx answer; an Error for every other answer.
  base::Result<nlohmann::json> send_for_json(const Errand& errand, const base::Deadline& deadline,
                                             const std::stop_token& stop);

  /// One try, no repeats but after a 401 with fresh credentials.
  base::Result<Outcome<LineStream>> stream(const Errand& errand, const base::Deadline& deadline,
                                           const std::stop_token& stop);

  /// Waits before try `attempt` + 1; an error when deadline or stop come first.
  base::Result<void> pause(int attempt, const base::Deadline& deadline,
                           const std::stop_token& stop);

  base::Error error(const HttpAnswer& answer, const Purpose& purpose) const;
  base::Error error(const Failure& failure, const Purpose& purpose) const;

  void count_read_back() { ++read_backs_; }
  void count_throttle() { ++throttles_; }
  Statistics statistics() const;
  const Options& options() const { return options_; }
  const std::string& server() const { return server_; }

 private:
  Session(std::string server, const Options& options, std::unique_ptr<Credentials> credentials,
          std::unique_ptr<Transport> transport);
  base::Result<Outcome<HttpAnswer>> once(const Errand& errand, const base::Deadline& deadline,
                                         const std::stop_token& stop);
  std::optional<std::chrono::milliseconds> repeat_after(const Outcome<HttpAnswer>& outcome,
                                                        Safety safety, int attempt);

  const std::string server_;
  const Options options_;
  const std::unique_ptr<Credentials> credentials_;
  const std::unique_ptr<Transport> transport_;
  RateLimit pace_;
  Backoff backoff_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> repeats_{0};
  std::atomic<std::uint64_t> throttles_{0};
  std::atomic<std::uint64_t> read_backs_{0};
};

}  // namespace coroner::kube
