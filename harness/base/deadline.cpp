// SPDX-License-Identifier: Apache-2.0
// The one place that waits for time to pass.
#include "harness/base/deadline.h"

#include <condition_variable>
#include <mutex>

namespace coroner::base {

bool wait_for(std::chrono::milliseconds pause, const std::stop_token& stop)
{
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, pause, [&stop] { return stop.stop_requested(); });
  return !stop.stop_requested();
}

Result<void> poll_until(const std::function<Result<bool>()>& probe, std::string_view what,
                        std::chrono::milliseconds interval, const Deadline& deadline,
                        const std::stop_token& stop)
{
  while (true) {
    TRY_ASSIGN(reached, probe());
    if (reached) return {};
    if (deadline.has_passed())
      return error(ErrorKind::timed_out, "{} did not happen in time", what);
    if (!wait_for(std::min(interval, deadline.left()), stop))
      return error(ErrorKind::timed_out, "interrupted while waiting for {}", what);
  }
}

}  // namespace coroner::base
