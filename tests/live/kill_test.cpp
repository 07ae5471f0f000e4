// SPDX-License-Identifier: Apache-2.0
// kill -9 of any process of a cell, at any moment: up and down work afterwards, and nothing leaks.
#include <csignal>
#include <random>
#include <thread>

#include "tests/live/live.h"
#include <gmock/gmock.h>

#include "harness/base/text.h"

namespace coroner::live {
namespace {

using namespace std::chrono_literals;

/// One boot is over after about this on two cores; kills fall before and after.
constexpr unsigned long longest_delay_ms = 9000;

class Kill : public LiveTest {
 protected:
  void SetUp() override
  {
    LiveTest::SetUp();
    seed_ = number_from_environment("CORONER_SEED", std::random_device{}());
    random_.seed(seed_);
    RecordProperty("seed", std::to_string(seed_));
  }

  unsigned long pick(unsigned long below) { return random_() % below; }

  /// Boots in the background, and kills one of `victims()` after `delay`; what was killed.
  std::string boot_and_kill(const std::string& name, std::chrono::milliseconds delay,
                            const std::function<std::vector<pid_t>()>& victims)
  {
    std::jthread booting([&name] { coroner({"lab", "up", "nixos", "--name", name}); });
    const auto end = base::Deadline::in(delay);
    base::wait_for(end.left(), {});
    std::vector<pid_t> candidates;
    // Before the first process is there, there is nothing to kill.
    (void)base::poll_until(
        [&]() -> base::Result<bool> {
          candidates = victims();
          return !candidates.empty();
        },
        "a process to kill", 5ms, base::Deadline::in(20s));
    if (candidates.empty()) return "nothing";
    const auto pid = candidates.at(pick(candidates.size()));
    const auto words = base::read_file(fmt::format("/proc/{}/comm", pid)).value_or("ended\n");
    traces_ = traces_of(name);
    ::kill(pid, SIGKILL);
    return std::string(base::trim(words));
  }

  /// What every kill must leave possible.
  void expect_recovery(const std::string& name)
  {
    const auto again = coroner({"lab", "up", "nixos", "--name", name});
    ASSERT_EQ(again.exit_code, 0) << again.errors;
    const auto traces = traces_of(name);
    const auto end = coroner({"lab", "down", name});
    ASSERT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(leftovers(traces), std::vector<std::string>{});
  }

  unsigned long seed_ = 0;
  std::mt19937_64 random_;
  Traces traces_;
};

TEST_F(Kill, of_any_process_at_any_moment_leaves_up_and_down_working)
{
  const auto kills = number_from_environment("CORONER_KILLS", 5);
  const auto name = own_name("kill");
  for (unsigned long i = 0; i < kills; ++i) {
    const std::chrono::milliseconds delay(pick(longest_delay_ms));
    const auto killed = boot_and_kill(name, delay, [&name] { return processes_of(name); });
    const auto story = fmt::format("kill {} of {} with CORONER_SEED={}: {} after {} ms", i + 1,
                                   kills, seed_, killed, delay.count());
    SCOPED_TRACE(story);
    std::fprintf(stderr, "%s\n", story.c_str());
    expect_recovery(name);
    if (HasFatalFailure()) return;
  }
}

TEST_F(Kill, of_the_booting_command_itself_leaves_up_and_down_working)
{
  const auto name = own_name("kill-up");
  const std::chrono::milliseconds delay(pick(longest_delay_ms / 3));
  boot_and_kill(name, delay, [&name] { return callers_of(name); });
  SCOPED_TRACE(fmt::format("CORONER_SEED={}: up itself after {} ms", seed_, delay.count()));
  // What was booted may live on; down must find it without a word of what it was.
  const auto end = coroner({"lab", "down", name});
  EXPECT_TRUE(end.exit_code == 0 || end.exit_code == 3) << end.errors;
  EXPECT_EQ(leftovers(traces_.name.empty() ? Traces{name, {}, 0} : traces_),
            std::vector<std::string>{});
  expect_recovery(name);
}

TEST_F(Kill, of_a_service_is_answered_by_its_restart)
{
  const auto cell = shared("nixos");
  for (const auto pid : processes_of(cell.name)) {
    const auto words = base::read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("");
    if (words.find("/kube-scheduler") != std::string::npos) ::kill(pid, SIGKILL);
  }
  const auto end = run_pod(cell, smoke_pod("later", "echo scheduled"));
  EXPECT_EQ(end.log, "scheduled\n") << end.story;
  EXPECT_EQ(coroner({"lab", "up", "nixos", "--name", cell.name}).exit_code, 0);
}

TEST_F(Kill, by_a_persons_interrupt_removes_what_was_booted)
{
  const auto name = own_name("interrupt");
  base::Finished ended;
  {
    std::jthread booting([&] { ended = coroner({"lab", "up", "nixos", "--name", name}); });
    (void)base::poll_until([&]() -> base::Result<bool> { return processes_of(name).size() > 2; },
                           "the cell's first processes", 5ms, base::Deadline::in(60s));
    traces_ = traces_of(name);
    for (const auto pid : callers_of(name))
      if (base::read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("").find("up") !=
          std::string::npos)
        ::kill(pid, SIGINT);
  }
  EXPECT_EQ(ended.exit_code, 130) << ended.errors;
  EXPECT_EQ(leftovers(traces_), std::vector<std::string>{});
}

}  // namespace
}  // namespace coroner::live
