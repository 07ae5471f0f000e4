// SPDX-License-Identifier: Apache-2.0
// When a request may be repeated, how long to wait before it, and how fast requests may follow.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string_view>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/kube/transport.h"

namespace coroner::kube {

/// Bounds of repeating; the defaults are those of client-go's reflector back-off and rest client.
struct RetryOptions {
  std::chrono::milliseconds first_pause{800};
  std::chrono::milliseconds largest_pause{std::chrono::seconds{30}};
  int attempts = 10;         ///< Of a request that was answered with 429 or 5xx, or was cut off.
  int connect_attempts = 3;  ///< Where there was no connection at all.
  std::uint64_t seed = 0;    ///< Of the jitter; 0 takes one from the system.
};

/// What repeating a request would do.
enum class Safety {
  read,        ///< Nothing: GET, access reviews, dry runs.
  idempotent,  ///< The same again: patch, replace, delete by name.
  create,      ///< Maybe two: only after a look at whether the first one arrived.
};

/// Pauses with full jitter: uniform in [0, first × 2^n], at most largest. Thread-safe.
class Backoff {
 public:
  explicit Backoff(const RetryOptions& options);

  /// The pause before attempt `attempt` + 1 (the first attempt is 1).
  std::chrono::milliseconds pause_after(int attempt);

 private:
  const RetryOptions options_;
  std::mutex mutex_;
  std::mt19937_64 random_;
};

/// A bucket of tokens: `burst` at once, then `per_second`. Thread-safe.
class RateLimit {
 public:
  RateLimit(double per_second, double burst);

  /// Waits for a token. ErrorKind::timed_out when none comes before the deadline or stop.
  base::Result<void> take(const base::Deadline& deadline, const std::stop_token& stop);

 private:
  std::chrono::milliseconds reserve();
  const double per_second_;
  const double burst_;
  std::mutex mutex_;
  double tokens_;
  base::Deadline::Clock::time_point filled_at_;
};

/// Whether an answer's status asks for another try of a request of this safety. 429 always (the
/// server did nothing), 5xx where repeating is harmless or will be looked after.
bool is_worth_repeating(int status, Safety safety);

/// The same of a failed transfer.
bool is_worth_repeating(FailureKind kind, Safety safety);

/// The Retry-After header in whole seconds (RFC 9110 10.2.3; dates are left to the back-off).
std::optional<std::chrono::milliseconds> retry_after(const HttpAnswer& answer);

}  // namespace coroner::kube
