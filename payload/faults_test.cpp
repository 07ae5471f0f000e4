// SPDX-License-Identifier: Apache-2.0
// A vector addition on a CUDA driver that goes wrong: a pass is impossible, and the line says why.
#include <gtest/gtest.h>
#include <unistd.h>

#include "payload/proof.h"
#include "payload/run_test.h"
#include "payload/worker.h"

namespace coroner::payload {
namespace {

using nlohmann::json;

constexpr std::uint64_t elements = 5000;

Ran run_with(const std::string& fault, const std::string& timeout_s = "30")
{
  return run_body([&] {
    setenv("LD_LIBRARY_PATH", PAYLOAD_FOLDER "/fake", 1);
    setenv("FAKE_CUDA_FAULT", fault.c_str(), 1);
    execl(PAYLOAD_FOLDER "/coroner-payload", "coroner-payload", "vectoradd", "--nonce", test_nonce,
          "--elements", std::to_string(elements).c_str(), "--timeout", timeout_s.c_str(), nullptr);
    return 99;
  });
}

TEST(Faults, a_driver_that_computes_right_passes)
{
  const Ran ran = run_with("no fault");
  const json line = ran.line();
  ASSERT_TRUE(line.is_object()) << ran.child.output << ran.child.error_output;
  EXPECT_EQ(ran.child.exit_code, exit_ok);
  EXPECT_EQ(line.at("ok"), true);
  EXPECT_EQ(line.at("simulated"), false);
  EXPECT_EQ(line.at("checksum"), hexadecimal(proof::checksum(test_nonce, 0, elements), 16));
  EXPECT_EQ(line.at("cuda_version"), "12.4");
  EXPECT_EQ(line.at("launches"), timed_launches);
  EXPECT_EQ(line.at("bytes_per_launch"), elements * 12);
  // 10 ms for ten launches, as the fake's clock has it.
  EXPECT_DOUBLE_EQ(line.at("bytes_per_second").get<double>(), elements * 12 * 1000.0);
}

TEST(Faults, one_wrong_element_of_all_fails_and_is_named)
{
  const json line = run_with("wrong").line();
  EXPECT_EQ(line.at("ok"), false);
  EXPECT_EQ(line.at("error"), "wrong_result");
  EXPECT_EQ(line.at("mismatches"), 1);
  EXPECT_EQ(line.at("first_mismatch").at("index"), elements - 1);
  EXPECT_NE(line.at("checksum"), hexadecimal(proof::checksum(test_nonce, 0, elements), 16));
}

TEST(Faults, a_kernel_that_never_ran_leaves_no_element_right)
{
  const Ran ran = run_with("stale");
  EXPECT_EQ(ran.line().at("error"), "wrong_result");
  EXPECT_EQ(ran.line().at("mismatches"), elements);
  EXPECT_TRUE(ran.line().at("first_mismatch").at("found").is_null());
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

TEST(Faults, a_driver_that_hangs_is_named_by_its_call)
{
  const Ran ran = run_with("hang", "1");
  EXPECT_EQ(ran.line().at("error"), "timed_out");
  EXPECT_EQ(ran.line().at("step"), "cuInit");
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

TEST(Faults, a_driver_that_crashes_is_named_by_its_call)
{
  const Ran ran = run_with("crash");
  EXPECT_EQ(ran.line().at("error"), "crashed");
  EXPECT_EQ(ran.line().at("signal"), "SIGSEGV");
  EXPECT_EQ(ran.line().at("step"), "cuInit");
}

TEST(Faults, what_a_driver_prints_forges_no_result)
{
  const Ran ran = run_with("noise");
  EXPECT_EQ(ran.line().at("nonce"), test_nonce);
  EXPECT_NE(ran.child.error_output.find("\"ok\":true"), std::string::npos);
}

TEST(Faults, a_kernel_that_will_not_build_comes_with_the_compilers_log)
{
  const json line = run_with("jit").line();
  EXPECT_EQ(line.at("call"), "cuModuleLoadDataEx");
  EXPECT_EQ(line.at("code"), 218);
  EXPECT_EQ(line.at("name"), "CUDA_ERROR_INVALID_PTX");
  EXPECT_EQ(line.at("log"), "line 7: no such instruction");
  EXPECT_EQ(line.at("gpu").at("uuid"), "GPU-abababab-abab-abab-abab-abababababab");
}

TEST(Faults, a_launch_that_fails_is_found_when_it_is_waited_for)
{
  const json line = run_with("lost").line();
  EXPECT_EQ(line.at("call"), "cuCtxSynchronize");
  EXPECT_EQ(line.at("code"), 719);
  EXPECT_FALSE(line.contains("checksum"));
}

TEST(Faults, a_driver_that_counts_no_gpu_is_no_pass)
{
  const Ran ran = run_with("none");
  EXPECT_EQ(ran.line().at("error"), "no_such_device");
  EXPECT_EQ(ran.child.exit_code, exit_failed);
}

}  // namespace
}  // namespace coroner::payload
