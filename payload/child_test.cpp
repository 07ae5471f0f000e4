// SPDX-License-Identifier: Apache-2.0
#include "payload/child.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <unistd.h>

#include "payload/worker.h"

namespace coroner::payload {
namespace {

Deadline long_enough()
{
  return Deadline{std::chrono::seconds(30)};
}

TEST(Child, both_outputs_and_the_exit_code_are_told)
{
  const auto ran =
      run_program({"/bin/sh", "-c", "echo out; echo err >&2; exit 9"}, long_enough(), 100);
  EXPECT_EQ(ran.error, 0);
  EXPECT_EQ(ran.exit_code, 9);
  EXPECT_EQ(ran.output, "out\n");
  EXPECT_EQ(ran.error_output, "err\n");
  EXPECT_FALSE(ran.is_cut);
}

TEST(Child, a_flood_is_cut_and_does_not_block_the_program)
{
  const auto ran =
      run_program({"/bin/sh", "-c", "head -c 1000000 /dev/zero; exit 3"}, long_enough(), 1000);
  EXPECT_EQ(ran.output.size(), 1000U);
  EXPECT_TRUE(ran.is_cut);
  EXPECT_EQ(ran.exit_code, 3);
}

TEST(Child, what_does_not_end_is_ended)
{
  const auto ran = run_program({"/bin/sh", "-c", "echo begun; exec sleep 600"},
                               Deadline{std::chrono::seconds(1)}, 100);
  EXPECT_TRUE(ran.has_timed_out);
  EXPECT_EQ(ran.output, "begun\n");
  EXPECT_EQ(ran.exit_code, 128 + 9);
}

TEST(Child, what_cannot_start_says_why)
{
  EXPECT_EQ(run_program({"/nowhere/program"}, long_enough(), 100).error, ENOENT);
  EXPECT_EQ(run_program({"/"}, long_enough(), 100).error, EACCES);
}

TEST(Child, a_call_in_a_child_is_caught_alike)
{
  const auto ran = run_in_child(
      [] {
        write_all(STDOUT_FILENO, "hello");
        return 4;
      },
      long_enough(), 100);
  EXPECT_EQ(ran.output, "hello");
  EXPECT_EQ(ran.exit_code, 4);
}

}  // namespace
}  // namespace coroner::payload
