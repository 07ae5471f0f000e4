// SPDX-License-Identifier: Apache-2.0
// The handler only notes the number and writes a byte; a thread of this object does the rest.
#include "harness/cli/signals.h"

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace coroner::cli {
namespace {

constexpr std::array<int, 3> caught = {SIGINT, SIGTERM, SIGHUP};

// A signal handler can reach nothing but objects of static storage.
std::atomic<int> received = 0;
std::atomic<int> wake_descriptor = -1;

void note(int number)
{
  received = number;
  std::signal(number, SIG_DFL);
  const char byte = 'x';
  (void)!::write(wake_descriptor, &byte, 1);
}

std::array<int, 2> pipe_ends = {-1, -1};
std::jthread waiter;

}  // namespace

SignalStop::SignalStop()
{
  received = 0;
  if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return;
  wake_descriptor = pipe_ends[1];
  waiter = std::jthread([source = source_]() mutable {
    char byte = 0;
    if (::read(pipe_ends[0], &byte, 1) == 1 && byte == 'x') source.request_stop();
  });
  for (const int number : caught) std::signal(number, note);
  // Neither `| head` nor a server that hangs up may keep a run from cleaning up: writes fail
  // instead.
  std::signal(SIGPIPE, SIG_IGN);
}

SignalStop::~SignalStop()
{
  for (const int number : caught) std::signal(number, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
  const char byte = 'q';
  (void)!::write(pipe_ends[1], &byte, 1);
  if (waiter.joinable()) waiter.join();
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

int SignalStop::number() const
{
  return received;
}

}  // namespace coroner::cli
