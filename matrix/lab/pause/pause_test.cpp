// SPDX-License-Identifier: Apache-2.0
// The pause program as a sandbox sees it: it stays, reaps what is left to it, and ends when told.
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "harness/base/files.h"

namespace coroner::base {
namespace {

using namespace std::chrono_literals;

/// The value of `field` in /proc/<process>/status, without white space around it.
std::string status_of(pid_t process, const std::string& field)
{
  const auto text = "\n" + read_file("/proc/" + std::to_string(process) + "/status").value_or("");
  const auto at = text.find("\n" + field + ":\t");
  if (at == std::string::npos) return {};
  const auto start = at + field.size() + 3;
  return text.substr(start, text.find('\n', start) - start);
}

/// Starts the program and waits until it awaits its signals, so that none comes too early; -1 when
/// that never comes.
pid_t start()
{
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execl(LAB_PAUSE, "pause", nullptr);
    ::_exit(127);
  }
  // While it waits, the kernel shows the awaited signals as not blocked: sleeping is what tells.
  const auto is_waiting = [child]() -> Result<bool> {
    return status_of(child, "Name") == "lab_pause" && status_of(child, "State").starts_with("S");
  };
  if (!poll_until(is_waiting, "pause", 5ms, Deadline::in(20s))) return -1;
  return child;
}

TEST(Pause, it_ends_well_when_told_to)
{
  for (const int number : {SIGTERM, SIGINT}) {
    const auto process = start();
    ASSERT_GT(process, 0);
    ASSERT_EQ(::kill(process, number), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}

TEST(Pause, the_end_of_a_child_does_not_end_it)
{
  const auto process = start();
  ASSERT_GT(process, 0);
  ASSERT_EQ(::kill(process, SIGCHLD), 0);
  // The signal is taken once none is pending; only then would an end have come of it.
  const auto is_taken = [&]() -> Result<bool> {
    const auto pending = status_of(process, "ShdPnd");
    return pending.empty() || std::stoull(pending, nullptr, 16) == 0;
  };
  ASSERT_TRUE(poll_until(is_taken, "the signal", 5ms, Deadline::in(20s)));
  ASSERT_EQ(::kill(process, SIGTERM), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(process, &status, 0), process);
  EXPECT_TRUE(WIFEXITED(status)) << "it did not live until it was told to end";
}

}  // namespace
}  // namespace coroner::base
