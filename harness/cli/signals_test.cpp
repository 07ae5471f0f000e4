// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/signals.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/base/deadline.h"

namespace coroner::cli {
namespace {

TEST(SignalStop, turns_the_first_signal_into_a_stop_and_tells_which)
{
  const SignalStop signals;
  EXPECT_FALSE(signals.token().stop_requested());
  EXPECT_EQ(signals.number(), 0);
  std::raise(SIGTERM);
  const auto stopped = base::poll_until(
      [&]() -> base::Result<bool> { return signals.token().stop_requested(); }, "the stop",
      std::chrono::milliseconds(1), base::Deadline::in(std::chrono::seconds(5)));
  EXPECT_TRUE(stopped);
  EXPECT_EQ(signals.number(), SIGTERM);
}

TEST(SignalStop, survives_a_reader_that_went_away)
{
  const SignalStop signals;
  std::array<int, 2> ends = {-1, -1};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  ::close(ends[1]);
}

}  // namespace
}  // namespace coroner::cli
