// SPDX-License-Identifier: Apache-2.0
// nvidia-smi's outputs and exit codes.
#include "matrix/lab/driver/smi/program.h"

#include <gtest/gtest.h>

namespace coroner::driver::smi {
namespace {

using nvml::Status;

Reading two_gpus()
{
  GpuState first{0,
                 "NVIDIA GeForce RTX 5070 Ti",
                 "GPU-51517175-a",
                 "00000000:01:00.0",
                 "[N/A]",
                 "",
                 12,
                 0,
                 16303,
                 0,
                 false,
                 false};
  GpuState second{
      1,    "NVIDIA H200", "GPU-51517175-b", "00000000:02:00.0", "simulated", "", 9, 0, 143771, 0,
      true, true};
  return {Status::success, "", true, {"570.211.01", 12080, {first, second}}};
}

Outcome run_with(const std::vector<std::string>& arguments, Reading reading)
{
  return run(arguments, {"570.211.01", "Fri Nov 20 21:56:41 2026", [reading] { return reading; }});
}

TEST(NvidiaSmi, table_has_the_real_width_and_says_that_it_is_simulated)
{
  const Outcome outcome = run_with({}, two_gpus());
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.output.find(simulated_line), std::string::npos);
  EXPECT_NE(
      outcome.output.find("|   1  NVIDIA H200                    On  |   00000000:02:00.0 Off |"
                          "                    0 |"),
      std::string::npos)
      << outcome.output;
  EXPECT_NE(outcome.output.find("0MiB / 143771MiB |"), std::string::npos);
  std::size_t begin = outcome.output.find('\n') + 1;
  while (begin < outcome.output.size()) {
    const std::size_t end = outcome.output.find('\n', begin);
    const bool is_whole = end == begin || end - begin == 91;
    EXPECT_TRUE(is_whole) << outcome.output.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST(NvidiaSmi, lists_gpus)
{
  EXPECT_EQ(run_with({"-L"}, two_gpus()).output,
            "GPU 0: NVIDIA GeForce RTX 5070 Ti (UUID: GPU-51517175-a)\n"
            "GPU 1: NVIDIA H200 (UUID: GPU-51517175-b)\n");
  EXPECT_EQ(run_with({"-L", "-i", "1"}, two_gpus()).output,
            "GPU 1: NVIDIA H200 (UUID: GPU-51517175-b)\n");
}

TEST(NvidiaSmi, answers_queries_as_csv)
{
  const std::string fields =
      "--query-gpu=name,uuid,driver_version,memory.total,compute_cap,pci.bus_id,index";
  EXPECT_EQ(run_with({fields, "--format=csv", "--id=0"}, two_gpus()).output,
            "name, uuid, driver_version, memory.total [MiB], compute_cap, pci.bus_id, index\n"
            "NVIDIA GeForce RTX 5070 Ti, GPU-51517175-a, 570.211.01, 16303 MiB, 12.0, "
            "00000000:01:00.0, 0\n");
  EXPECT_EQ(
      run_with({"--query-gpu=memory.total", "--format=csv,noheader,nounits"}, two_gpus()).output,
      "16303\n143771\n");
  const Outcome wrong = run_with({"--query-gpu=name,bogus", "--format=csv"}, two_gpus());
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(wrong.output, "Field \"bogus\" is not a valid field to query.\n\n");
}

TEST(NvidiaSmi, refuses_unknown_options)
{
  const Outcome outcome = run_with({"--bogus"}, two_gpus());
  EXPECT_EQ(outcome.exit_code, 255);
  EXPECT_NE(outcome.output.find("Option --bogus is not recognized"), std::string::npos);
}

struct Failure {
  Reading reading;
  int exit_code;
  const char* words;
};

TEST(NvidiaSmi, fails_with_the_real_words_and_exit_codes)
{
  const Failure failures[] = {
      {{Status::unknown, "Unknown Error", true, {}},
       255,
       "Failed to initialize NVML: Unknown Error\n"},
      {{Status::driver_not_loaded, "Driver Not Loaded", true, {}},
       9,
       "couldn't communicate with the NVIDIA driver"},
      {{Status::no_permission, "Insufficient Permissions", true, {}},
       4,
       "Failed to initialize NVML: Insufficient Permissions\n"},
      {{Status::version_mismatch, "Driver/library version mismatch", true, {}},
       18,
       "Driver/library version mismatch\nNVML library version: 570.211\n"},
      {{Status::unknown, "", false, {}}, 12, "couldn't find libnvidia-ml.so library"},
      {{Status::success, "", true, {"570.211.01", 12080, {}}}, 6, "No devices were found\n"}};
  for (const Failure& failure : failures) {
    const Outcome outcome = run_with({}, failure.reading);
    EXPECT_EQ(outcome.exit_code, failure.exit_code);
    EXPECT_NE(outcome.output.find(failure.words), std::string::npos) << outcome.output;
  }
}

TEST(NvidiaSmi, prints_versions)
{
  EXPECT_NE(run_with({"--version"}, two_gpus()).output.find("NVML version        : 570.211\n"),
            std::string::npos);
  EXPECT_NE(run_with({"-h"}, two_gpus()).output.find("-- v570.211.01"), std::string::npos);
}

}  // namespace
}  // namespace coroner::driver::smi
