// SPDX-License-Identifier: Apache-2.0
#include "payload/supervisor.h"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "payload/run_test.h"

namespace coroner::payload {
namespace {

Options some_options(unsigned timeout_s = 30)
{
  Options options;
  options.command = Command::nvml;
  options.nonce = test_nonce;
  options.timeout_s = timeout_s;
  return options;
}

// In a process of its own, since the supervisor takes its process's signals.
Ran supervised(const Work& work, unsigned timeout_s = 30)
{
  const Options options = some_options(timeout_s);
  return run_body([&] { return supervise(options, STDOUT_FILENO, work); });
}

void hang()
{
  while (true) pause();
}

TEST(Supervisor, passes_lines_and_the_exit_code_on)
{
  const Ran ran = supervised([](Worker& worker) {
    worker.emit(worker.line(true).number("n", 1));
    worker.emit(worker.line(false).number("n", 2));
    return exit_failed;
  });
  ASSERT_EQ(ran.lines.size(), 2U);
  EXPECT_EQ(ran.lines[0], nlohmann::json::parse(R"({"schema":1,"kind":"nvml",
      "nonce":"0123456789abcdef","ok":true,"n":1})"));
  EXPECT_EQ(ran.lines[1].at("ok"), false);
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

TEST(Supervisor, a_hang_is_a_result_that_names_its_step)
{
  const Ran ran = supervised(
      [](Worker& worker) {
        worker.emit(worker.line(true));
        worker.step("a long name that is overwritten");
        worker.step("cuInit");
        hang();
        return exit_ok;
      },
      1);
  ASSERT_EQ(ran.lines.size(), 2U);
  EXPECT_EQ(ran.lines[1].at("error"), "timed_out");
  EXPECT_EQ(ran.lines[1].at("step"), "cuInit");
  EXPECT_EQ(ran.lines[1].at("limit_s"), 1);
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

TEST(Supervisor, a_crash_is_a_result_that_names_its_signal_and_step)
{
  const Ran ran = supervised([](Worker& worker) {
    worker.step("cuCtxCreate_v2");
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return exit_ok;
  });
  EXPECT_EQ(ran.line().at("error"), "crashed");
  EXPECT_EQ(ran.line().at("signal"), "SIGSEGV");
  EXPECT_EQ(ran.line().at("step"), "cuCtxCreate_v2");
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

TEST(Supervisor, being_asked_to_end_is_a_result)
{
  const Ran ran = supervised([](Worker& worker) {
    worker.step("waiting");
    kill(getppid(), SIGTERM);
    hang();
    return exit_ok;
  });
  EXPECT_EQ(ran.line().at("error"), "terminated");
  EXPECT_EQ(ran.line().at("signal"), "SIGTERM");
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

TEST(Supervisor, success_without_a_line_is_none)
{
  const Ran ran = supervised([](Worker&) { return exit_ok; });
  EXPECT_EQ(ran.line().at("error"), "silent");
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

TEST(Supervisor, what_a_library_prints_comes_between_no_lines)
{
  const Ran ran = supervised([](Worker& worker) {
    write_all(STDOUT_FILENO, "a library says hello\n");
    worker.emit(worker.line(true));
    return exit_ok;
  });
  EXPECT_EQ(ran.line().at("ok"), true);
  EXPECT_EQ(ran.child.error_output, "a library says hello\n");
}

TEST(Supervisor, half_a_line_of_a_dead_work_is_dropped)
{
  const Ran ran = run_body([] {
    constexpr int max_descriptors = 64;
    std::array<bool, max_descriptors> was_open{};
    for (int number = 0; number < max_descriptors; ++number) {
      was_open.at(static_cast<std::size_t>(number)) = fcntl(number, F_GETFD) >= 0;
    }
    return supervise(some_options(), STDOUT_FILENO, [&was_open](Worker& worker) {
      worker.emit(worker.line(true));
      // Dies while it writes into the supervisor's pipe, the one new descriptor that takes it.
      for (int number = 0; number < max_descriptors; ++number) {
        if (!was_open.at(static_cast<std::size_t>(number))) write_all(number, "{\"half");
      }
      raise(SIGKILL);
      return exit_ok;
    });
  });
  ASSERT_EQ(ran.lines.size(), 2U);
  EXPECT_EQ(ran.lines[0].at("ok"), true);
  EXPECT_EQ(ran.lines[1].at("error"), "crashed");
}

TEST(Supervisor, many_long_lines_come_through_whole)
{
  const Ran ran = supervised([](Worker& worker) {
    const std::string text(60'000, 'x');
    for (int index = 0; index < 8; ++index) {
      worker.emit(worker.line(true).text("t", text, text.size() + 2));
    }
    return exit_ok;
  });
  ASSERT_EQ(ran.lines.size(), 8U);
  for (const auto& line : ran.lines) EXPECT_EQ(line.at("t").get<std::string>().size(), 60'000U);
}

TEST(Supervisor, a_line_that_is_too_long_is_a_failed_one)
{
  const Ran ran = supervised([](Worker& worker) {
    worker.emit(worker.line(true).text("t", std::string(70'000, 'x'), 80'000));
    return exit_ok;
  });
  EXPECT_EQ(ran.line().at("error"), "too_long");
  EXPECT_EQ(ran.line().at("ok"), false);
}

TEST(Supervisor, children_of_a_hanging_work_end_with_it)
{
  // The grandchild holds standard error open: were it left alive, the run would not end.
  const Ran ran = supervised(
      [](Worker&) {
        if (fork() == 0) hang();
        hang();
        return exit_ok;
      },
      1);
  EXPECT_FALSE(ran.child.has_timed_out);
  EXPECT_EQ(ran.line().at("error"), "timed_out");
}

}  // namespace
}  // namespace coroner::payload
