// SPDX-License-Identifier: Apache-2.0
// Deadline: the point in time at which a wait gives up; every wait takes one.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string_view>

#include "harness/base/result.h"

namespace coroner::base {

/// A point on the steady clock. Cheap to copy; passed down so that nested waits share one limit.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline in(Clock::duration from_now) { return Deadline(Clock::now() + from_now); }

  bool has_passed() const { return Clock::now() >= end_; }

  /// Time left, never negative.
  std::chrono::milliseconds left() const
  {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
    return rest.count() > 0 ? rest : std::chrono::milliseconds{0};
  }

  /// The earlier of this deadline and `from_now`.
  Deadline at_most(Clock::duration from_now) const
  {
    return Deadline(std::min(end_, Clock::now() + from_now));
  }

  Clock::time_point end() const { return end_; }

 private:
  explicit Deadline(Clock::time_point end) : end_(end) {}
  Clock::time_point end_;
};

/// Waits up to `pause` or until `stop`, whichever is first; false when stopped.
bool wait_for(std::chrono::milliseconds pause, const std::stop_token& stop);

/// Calls `probe` every `interval` until it gives true. Errors of the probe end the wait.
/// ErrorKind::timed_out names `what` when the deadline passes or `stop` is requested.
Result<void> poll_until(const std::function<Result<bool>()>& probe, std::string_view what,
                        std::chrono::milliseconds interval, const Deadline& deadline,
                        const std::stop_token& stop = {});

}  // namespace coroner::base
