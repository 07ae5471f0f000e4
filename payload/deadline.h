// SPDX-License-Identifier: Apache-2.0
// The point in time at which a wait gives up, and a watch for what took how long.
#pragma once

#include <algorithm>
#include <chrono>

namespace coroner::payload {

using Clock = std::chrono::steady_clock;

class Deadline {
 public:
  explicit Deadline(Clock::duration from_now) : end_(Clock::now() + from_now) {}

  /// Time left for poll(2), never negative.
  [[nodiscard]] int left_ms() const
  {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
    return static_cast<int>(std::max<long long>(left, 0));
  }
  [[nodiscard]] bool has_passed() const { return left_ms() == 0; }

 private:
  Clock::time_point end_;
};

/// Seconds since it was made or last asked with lap_s().
class Stopwatch {
 public:
  double lap_s()
  {
    const auto now = Clock::now();
    const std::chrono::duration<double> passed = now - begin_;
    begin_ = now;
    return passed.count();
  }

 private:
  Clock::time_point begin_ = Clock::now();
};

}  // namespace coroner::payload
