// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/state.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"

namespace coroner::lab {
namespace {

class StateFiles : public testing::Test {
 protected:
  std::filesystem::path folder() const { return folder_.path(); }

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "state-").value();
};

TEST_F(StateFiles, keep_what_is_known_of_a_cell)
{
  State state;
  state.name = "one";
  state.cell = "nixos";
  state.gpu = "simulated";
  state.gpu_count = 3;
  state.port = 40123;
  state.init = {42, 123456789012ULL, "boot"};
  state.is_complete = true;
  state.cgroups = {"/sys/fs/cgroup/coroner-one"};
  state.broken = {"GY005"};
  ASSERT_TRUE(write_state(folder(), state));
  const auto again = read_state(folder());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->gpu_count, 3);
  EXPECT_EQ(again->port, 40123);
  EXPECT_EQ(again->init.pid, 42);
  EXPECT_EQ(again->init.start_ticks, 123456789012ULL);
  EXPECT_TRUE(again->is_complete);
  EXPECT_EQ(again->cgroups, state.cgroups);
  EXPECT_EQ(again->broken, state.broken);
}

TEST_F(StateFiles, that_are_torn_are_refused_with_their_name)
{
  EXPECT_EQ(read_state(folder()).error().kind, base::ErrorKind::not_found);
  for (const char* torn : {"", "{", "[]", "{\"name\": \"x\"}", "null"}) {
    ASSERT_TRUE(base::write_file(folder() / "state.json", torn));
    const auto state = read_state(folder());
    ASSERT_FALSE(state) << torn;
    EXPECT_EQ(state.error().kind, base::ErrorKind::invalid);
    EXPECT_THAT(state.error().what, testing::HasSubstr("state.json"));
  }
}

TEST_F(StateFiles, keep_what_init_says_of_itself)
{
  ASSERT_TRUE(write_init_report(folder() / "init.json",
                                {"failed", "etcd \"ended\"\n", {{"etcd", 0}}, {{"etcd", 5}}}));
  const auto report = read_init_report(folder());
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->phase, "failed");
  EXPECT_EQ(report->failure, "etcd \"ended\"\n");
  EXPECT_EQ(report->restarts.at("etcd"), 5);
}

TEST(ProcessIdentity, is_alive_while_that_very_process_runs)
{
  const auto self = identify(::getpid());
  ASSERT_TRUE(self) << self.error().text();
  EXPECT_TRUE(self->is_alive());
  auto other = *self;
  ++other.start_ticks;
  EXPECT_FALSE(other.is_alive()) << "the number went to another process";
  other = *self;
  other.boot_id = "another boot";
  EXPECT_FALSE(other.is_alive());
  EXPECT_FALSE(ProcessIdentity{}.is_alive());
}

TEST(ProcessIdentity, of_a_process_that_ended_is_not_alive_before_it_is_collected)
{
  const pid_t child = ::fork();
  if (child == 0) ::pause();
  const auto identity = identify(child);
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->is_alive());
  ::kill(child, SIGKILL);
  siginfo_t ended = {};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(identity->is_alive()) << "a zombie";
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(identity->is_alive());
}

TEST_F(StateFiles, are_locked_by_one_command_at_a_time)
{
  const Places places{"matrix", folder(), {}, {}};
  auto first = std::optional<CellLock>(CellLock::take(places, "one").value());
  EXPECT_TRUE(CellLock::take(places, "two")) << "another cell is another lock";
  bool was_taken = false;
  std::jthread second([&] { was_taken = CellLock::take(places, "one").has_value(); });
  first.reset();
  second.join();
  EXPECT_TRUE(was_taken);
}

TEST_F(StateFiles, leave_no_lock_of_a_cell_that_is_not_there)
{
  const Places places{"matrix", folder(), {}, {}};
  const auto lock = places.cells() / "one.lock";
  ASSERT_TRUE(CellLock::take(places, "one"));
  EXPECT_FALSE(std::filesystem::exists(lock));
  ASSERT_TRUE(base::make_directories(places.cell("one")));
  ASSERT_TRUE(CellLock::take(places, "one"));
  EXPECT_TRUE(std::filesystem::exists(lock)) << "of a cell that is there it stays";
}

TEST_F(StateFiles, exclude_each_other_though_each_removes_the_lock)
{
  const Places places{"matrix", folder(), {}, {}};
  std::atomic<int> inside = 0;
  std::atomic<int> together = 0;
  {
    std::vector<std::jthread> commands;
    for (int i = 0; i < 4; ++i)
      commands.emplace_back([&] {
        for (int round = 0; round < 5; ++round) {
          const auto lock = CellLock::take(places, "one");
          if (!lock || inside.fetch_add(1) != 0) ++together;
          std::this_thread::yield();
          --inside;
        }
      });
  }
  EXPECT_EQ(together, 0);
}

}  // namespace
}  // namespace coroner::lab
