// SPDX-License-Identifier: Apache-2.0
// External commands end when they must and give back what they said.
#include "harness/base/command.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "harness/base/files.h"

namespace coroner::base {
namespace {

using namespace std::chrono_literals;

TEST(Command, gives_exit_code_and_both_outputs)
{
  const auto ended =
      run({.arguments = {"sh", "-c", "echo out; echo err >&2; exit 3"}}, Deadline::in(20s));
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(ended->exit_code, 3);
  EXPECT_EQ(ended->output, "out\n");
  EXPECT_EQ(ended->errors, "err\n");
}

TEST(Command, a_missing_program_is_named)
{
  const auto ended = run({.arguments = {"no-such-program-here"}}, Deadline::in(20s));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::not_found);
  EXPECT_NE(ended.error().what.find("no-such-program-here"), std::string::npos);
}

TEST(Command, what_outlives_its_deadline_is_ended_with_its_children)
{
  const auto directory = ScopedDirectory::make("/tmp", "coroner-test-");
  const auto mark = directory->path() / "pid";
  const auto ended =
      run({.arguments = {"sh", "-c", "sleep 600 & echo $! > " + mark.string() + "; wait"}},
          Deadline::in(500ms));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::timed_out);
  const auto child = std::stoi(*read_file(mark));
  const auto gone = poll_until(
      [child]() -> Result<bool> {
        const auto status = read_file("/proc/" + std::to_string(child) + "/stat");
        return !status || status->find(") Z") != std::string::npos;
      },
      "the child's end", 10ms, Deadline::in(10s));
  EXPECT_TRUE(gone);
}

TEST(Command, a_program_writes_into_closed_pipes_as_it_is_used_to)
{
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const auto ended = run({.arguments = {"sh", "-c", "kill -PIPE $$; echo survived"}},
                         Deadline::in(std::chrono::seconds(5)));
  std::signal(SIGPIPE, before);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->exit_code, 128 + SIGPIPE);
  EXPECT_EQ(ended->output, "");
}

TEST(Command, a_stop_request_ends_it)
{
  std::stop_source source;
  const std::jthread asks([&source] { source.request_stop(); });
  const auto ended = run({.arguments = {"sleep", "600"}}, Deadline::in(60s), source.get_token());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::timed_out);
}

TEST(Command, a_flood_of_output_is_bounded)
{
  const auto ended = run({.arguments = {"head", "-c", "9000000", "/dev/zero"}}, Deadline::in(30s));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->output.size(), largest_output_bytes);
  EXPECT_TRUE(ended->was_cut);
}

TEST(Command, output_can_go_to_a_log_and_the_environment_is_extended)
{
  const auto directory = ScopedDirectory::make("/tmp", "coroner-test-");
  const auto log = directory->path() / "log";
  const auto ended = run({.arguments = {"sh", "-c", "echo $WORD"},
                          .environment = {{"WORD", "seen"}},
                          .directory = {},
                          .log = log},
                         Deadline::in(20s));
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(*read_file(log), "seen\n");
}

TEST(Files, a_tree_goes_without_following_links)
{
  const auto outside = ScopedDirectory::make("/tmp", "coroner-test-");
  ASSERT_TRUE(write_file(outside->path() / "kept", "x"));
  {
    const auto inside = ScopedDirectory::make("/tmp", "coroner-test-");
    std::filesystem::create_directory_symlink(outside->path(), inside->path() / "link");
    ASSERT_TRUE(make_directories(inside->path() / "a" / "b"));
  }
  EXPECT_EQ(*read_file(outside->path() / "kept"), "x");
}

TEST(Files, an_oversized_file_is_refused_by_name)
{
  const auto directory = ScopedDirectory::make("/tmp", "coroner-test-");
  ASSERT_TRUE(write_file(directory->path() / "big", std::string(1000, 'x')));
  const auto got = read_file(directory->path() / "big", 999);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::invalid);
  EXPECT_EQ(read_tail(directory->path() / "big", 10)->size(), 10U);
}

}  // namespace
}  // namespace coroner::base
