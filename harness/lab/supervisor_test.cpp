// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/supervisor.h"

#include <csignal>

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "harness/base/files.h"
#include "harness/lab/launch.h"

namespace coroner::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SupervisorTest : public testing::Test {
 protected:
  void TearDown() override
  {
    if (!supervisor_) return;
    for (const auto& [name, pid] : supervisor_->report().pids)
      if (pid > 0) ::kill(pid, SIGKILL);
    for (const auto& [name, pid] : supervisor_->report().pids)
      if (pid > 0) ::waitpid(pid, nullptr, 0);
  }

  static Service shell(const std::string& name, const std::string& script,
                       const std::vector<std::string>& needs = {})
  {
    return {name, {"/bin/sh", "-c", script}, {}, needs};
  }

  void supervise(std::vector<Service> services)
  {
    supervisor_.emplace(std::move(services), folder_.path());
    supervisor_->start_what_can_start();
  }

  int pid(const std::string& name) const { return supervisor_->report().pids.at(name); }
  int restarts(const std::string& name) const { return supervisor_->report().restarts.at(name); }

  /// Waits for the end of a service, as init does, and tells the supervisor.
  void see_end_of(const std::string& name)
  {
    int status = 0;
    const auto ended = pid(name);
    ASSERT_GT(ended, 0);
    ASSERT_EQ(::waitpid(ended, &status, 0), ended);
    supervisor_->note_end(ended, status);
  }

  std::string log(const std::string& name) const
  {
    return base::read_file(folder_.path() / (name + ".log")).value_or("");
  }

  std::filesystem::path folder() const { return folder_.path(); }

  std::optional<Supervisor> supervisor_;

 private:
  base::ScopedDirectory folder_ =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "supervisor-").value();
};

TEST_F(SupervisorTest, tells_of_a_full_disk_that_a_stack_trace_hides)
{
  supervise(
      {shell("one",
             "echo first; echo 'panic: write 0.tmp: no space left on device'; seq 1 9; exit 2"),
       shell("two", "sleep 100", {"file:/no/such/file"})});
  see_end_of("one");
  EXPECT_THAT(supervisor_->failure(),
              HasSubstr("its log:\npanic: write 0.tmp: no space left on device\n4\n5"));
}

TEST_F(SupervisorTest, tells_of_a_full_disk_that_another_service_met)
{
  supervise({shell("one", "echo 'plugin not loaded: no space left on device'; sleep 100"),
             shell("two", "while [ ! -s " + (folder() / "one.log").string() +
                              " ]; do sleep 0.02; done; echo no such runtime; exit 1"),
             shell("three", "sleep 100", {"file:/no/such/file"})});
  see_end_of("two");
  EXPECT_THAT(
      supervisor_->failure(),
      HasSubstr("no such runtime\none had said: plugin not loaded: no space left on device"));
}

TEST_F(SupervisorTest, starts_services_and_reports_their_processes)
{
  supervise({shell("one", "sleep 100"), shell("two", "sleep 100")});
  EXPECT_GT(pid("one"), 0);
  EXPECT_NE(pid("one"), pid("two"));
  EXPECT_TRUE(supervisor_->has_started_all());
  EXPECT_EQ(restarts("one"), 0);
  EXPECT_EQ(supervisor_->failure(), "");
}

TEST_F(SupervisorTest, does_not_start_twice_what_runs)
{
  supervise({shell("one", "sleep 100")});
  const auto first = pid("one");
  supervisor_->start_what_can_start();
  EXPECT_EQ(pid("one"), first);
}

TEST_F(SupervisorTest, waits_for_a_file_that_a_service_needs)
{
  const auto file = folder() / "ready";
  supervise({shell("late", "sleep 100", {"file:" + file.string()})});
  EXPECT_EQ(pid("late"), 0);
  EXPECT_FALSE(supervisor_->has_started_all());
  ASSERT_TRUE(base::write_file(file, ""));
  supervisor_->start_what_can_start();
  EXPECT_GT(pid("late"), 0);
}

TEST_F(SupervisorTest, waits_for_every_need)
{
  const auto listener = Listener::open(0);
  ASSERT_TRUE(listener);
  const auto open = "port:" + std::to_string(listener->port());
  supervise({shell("one", "sleep 100", {open}),
             shell("two", "sleep 100", {open, "file:" + (folder() / "never").string()})});
  EXPECT_GT(pid("one"), 0);
  EXPECT_EQ(pid("two"), 0);
}

TEST_F(SupervisorTest, waits_until_somebody_listens_on_a_socket)
{
  const auto path = (folder() / "socket").string();
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  supervise({shell("client", "sleep 100", {"socket:" + path})});
  EXPECT_EQ(pid("client"), 0) << "the file is there, but nobody listens";
  ASSERT_EQ(::listen(listener, 1), 0);
  supervisor_->start_what_can_start();
  EXPECT_GT(pid("client"), 0);
  ::close(listener);
}

TEST_F(SupervisorTest, writes_both_outputs_to_the_services_log)
{
  supervise({shell("talks", "echo out; echo err >&2; exec sleep 100")});
  ASSERT_TRUE(base::poll_until([this]() -> base::Result<bool> { return log("talks").size() >= 8; },
                               "the log", 5ms, base::Deadline::in(10s)));
  EXPECT_EQ(log("talks"), "out\nerr\n");
}

TEST_F(SupervisorTest, gives_a_service_its_environment)
{
  auto service = shell("asks", "echo \"$GREETING\"; exec sleep 100");
  service.environment["GREETING"] = "good day";
  supervise({service});
  ASSERT_TRUE(base::poll_until([this]() -> base::Result<bool> { return !log("asks").empty(); },
                               "the log", 5ms, base::Deadline::in(10s)));
  EXPECT_EQ(log("asks"), "good day\n");
}

TEST_F(SupervisorTest, starts_again_what_ended_after_the_boot)
{
  supervise({shell("brief", "sleep 100"), shell("other", "sleep 100")});
  const auto first = pid("brief");
  ::kill(first, SIGKILL);
  see_end_of("brief");
  EXPECT_EQ(supervisor_->failure(), "");
  EXPECT_EQ(pid("brief"), 0);
  supervisor_->start_what_can_start();
  EXPECT_NE(pid("brief"), first);
  EXPECT_EQ(restarts("brief"), 1);
  EXPECT_EQ(restarts("other"), 0);
}

TEST_F(SupervisorTest, gives_up_a_service_that_ends_more_often_than_the_limit)
{
  supervise({shell("brief", "echo round; exit 3")});
  for (int end = 1; end <= most_restarts; ++end) {
    see_end_of("brief");
    EXPECT_EQ(supervisor_->failure(), "") << "end " << end;
    supervisor_->start_what_can_start();
  }
  see_end_of("brief");
  EXPECT_THAT(supervisor_->failure(), HasSubstr("brief ended with exit code 3 again and again"));
  EXPECT_THAT(supervisor_->failure(), HasSubstr("round\nround"));
  EXPECT_EQ(supervisor_->report().failure, supervisor_->failure());
}

TEST_F(SupervisorTest, gives_up_at_once_what_ends_while_others_still_wait_to_start)
{
  supervise({shell("etcd", "i=0; while [ $i -lt 9 ]; do echo line $i; i=$((i+1)); done; exit 1"),
             shell("late", "sleep 100", {"file:/no/such/file"})});
  see_end_of("etcd");
  EXPECT_THAT(supervisor_->failure(),
              HasSubstr("etcd ended with exit code 1 while the cell booted"));
  EXPECT_THAT(supervisor_->failure(),
              testing::EndsWith("line 3\nline 4\nline 5\nline 6\nline 7\nline 8"));
  EXPECT_THAT(supervisor_->failure(), testing::Not(HasSubstr("line 2"))) << "only the last lines";
}

TEST_F(SupervisorTest, names_the_signal_that_ended_a_service)
{
  supervise({shell("etcd", "sleep 100"), shell("late", "", {"file:/no/such/file"})});
  ::kill(pid("etcd"), SIGKILL);
  see_end_of("etcd");
  EXPECT_THAT(supervisor_->failure(), HasSubstr("etcd was ended by signal 9 (Killed)"));
}

TEST_F(SupervisorTest, says_that_a_program_is_not_there)
{
  supervise({{"ghost", {"/no/such/program"}, {}, {}}, shell("late", "", {"file:/no/such/file"})});
  see_end_of("ghost");
  EXPECT_THAT(supervisor_->failure(), HasSubstr("cannot start /no/such/program: No such file"));
}

TEST_F(SupervisorTest, makes_the_words_of_a_log_harmless)
{
  supervise({shell("wild", "printf 'red \\033[31m text\\n'; exit 1"),
             shell("late", "", {"file:/no/such/file"})});
  see_end_of("wild");
  EXPECT_THAT(supervisor_->failure(), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(supervisor_->failure(), HasSubstr("\\x1b[31m"));
}

TEST_F(SupervisorTest, does_not_count_a_restart_that_was_asked_for)
{
  supervise({shell("one", "sleep 100")});
  for (int round = 0; round < 2 * most_restarts; ++round) {
    const auto before = pid("one");
    supervisor_->restart("one");
    see_end_of("one");
    supervisor_->start_what_can_start();
    EXPECT_NE(pid("one"), before);
  }
  EXPECT_EQ(supervisor_->failure(), "");
  EXPECT_EQ(restarts("one"), 2 * most_restarts);
}

TEST_F(SupervisorTest, ignores_unknown_names_and_orphans)
{
  supervise({shell("one", "sleep 100")});
  const auto before = pid("one");
  supervisor_->restart("nobody");
  supervisor_->note_end(before + 100'000, 0);
  EXPECT_EQ(pid("one"), before);
  EXPECT_EQ(supervisor_->failure(), "");
}

}  // namespace
}  // namespace coroner::lab
