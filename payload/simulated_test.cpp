// SPDX-License-Identifier: Apache-2.0
// The built program on simulated GPUs, in namespaces with device nodes and a driver of their own.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "payload/proof.h"
#include "payload/run_test.h"
#include "payload/worker.h"

namespace coroner::payload {
namespace {

using nlohmann::json;
using testing::StartsWith;

constexpr int no_namespaces = 77;

// What the program finds.
struct World {
  std::string domain_name = "nvidia-570.211.01.simulated";
  bool has_library = true;
  bool has_devices = true;
  unsigned gpus = 2;
};

bool enter(const World& world)
{
  if (unshare(CLONE_NEWNS | CLONE_NEWUTS) != 0) return false;
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (mount("none", "/dev", "tmpfs", 0, nullptr) != 0) return false;
  const auto node = [](const std::string& name, unsigned major, unsigned minor) {
    mknod(("/dev/" + name).c_str(), S_IFCHR | 0666, makedev(major, minor));
  };
  if (world.has_devices) {
    node("nvidiactl", 195, 255);
    node("nvidia-uvm", 238, 0);
    for (unsigned minor = 0; minor < world.gpus; ++minor)
      node("nvidia" + std::to_string(minor), 195, minor);
  }
  // Read-only, so that the driver's libraries cannot make the nodes that are missing on purpose.
  if (mount("none", "/dev", nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) return false;
  return setdomainname(world.domain_name.c_str(), world.domain_name.size()) == 0;
}

class Simulated : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override
  {
    if (geteuid() != 0) GTEST_SKIP() << "needs root for namespaces and device nodes";
    program_ = std::string(PAYLOAD_FOLDER) + "/" + GetParam();
    if (!std::filesystem::exists(program_)) GTEST_SKIP() << program_ << " was not built";
    const Ran installed = run_words({DRIVER_INSTALL, "matrix/lab/driver/profiles/two-mixed.yaml",
                                     "-", DRIVER_ARTIFACTS, folder_.path(), folder_.path()});
    ASSERT_EQ(installed.child.exit_code, 0) << installed.child.error_output;
  }

  Ran run(const World& world, std::vector<std::string> words)
  {
    words.insert(words.begin(), program_);
    for (const char* word : {"--nonce", test_nonce}) words.emplace_back(word);
    Ran ran = run_body([&] {
      if (!enter(world)) return no_namespaces;
      setenv("LD_LIBRARY_PATH", world.has_library ? folder_.path().c_str() : "/none", 1);
      setenv("PATH", folder_.path().c_str(), 1);
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      execv(arguments[0], arguments.data());
      return 99;
    });
    return ran;
  }

  TestFolder folder_;
  std::string program_;
};

#define SKIP_WITHOUT_NAMESPACES(ran) \
  if ((ran).child.exit_code == no_namespaces) GTEST_SKIP() << "namespaces cannot be made here"

TEST_P(Simulated, every_gpu_adds_and_proves_it)
{
  const Ran ran = run({}, {"vectoradd", "--all"});
  SKIP_WITHOUT_NAMESPACES(ran);
  ASSERT_EQ(ran.lines.size(), 2U) << ran.child.output << ran.child.error_output;
  EXPECT_EQ(ran.child.exit_code, exit_ok);
  for (unsigned device = 0; device < 2; ++device) {
    const json& line = ran.lines[device];
    EXPECT_EQ(line.at("ok"), true);
    EXPECT_EQ(line.at("simulated"), true);
    EXPECT_EQ(line.at("device"), device);
    EXPECT_EQ(line.at("elements"), default_simulated_elements);
    EXPECT_EQ(line.at("mismatches"), 0);
    EXPECT_EQ(line.at("checksum"),
              hexadecimal(proof::checksum(test_nonce, device, default_simulated_elements), 16));
    EXPECT_GT(line.at("bytes_per_second"), 0);
    EXPECT_GT(line.at("seconds").at("kernel"), 0);
    EXPECT_THAT(line.at("gpu").at("uuid").get<std::string>(), StartsWith("GPU-51517175-"));
  }
}

TEST_P(Simulated, a_number_of_elements_that_fills_no_block_is_added_whole)
{
  const Ran ran = run({}, {"vectoradd", "--elements", "1000", "--device", "1"});
  SKIP_WITHOUT_NAMESPACES(ran);
  EXPECT_EQ(ran.line().at("checksum"), hexadecimal(proof::checksum(test_nonce, 1, 1000), 16));
  EXPECT_EQ(ran.line().at("ok"), true);
}

TEST_P(Simulated, more_than_a_chunk_is_added_in_order)
{
  const std::uint64_t elements = chunk_elements + 77;
  const Ran ran = run({}, {"vectoradd", "--elements", std::to_string(elements)});
  SKIP_WITHOUT_NAMESPACES(ran);
  EXPECT_EQ(ran.line().at("checksum"), hexadecimal(proof::checksum(test_nonce, 0, elements), 16));
}

struct Failing {
  const char* name;
  World world;
  const char* command;
  json part;  // of the line
};

TEST_P(Simulated, each_failure_names_the_call_and_its_real_code)
{
  const std::string loaded = World{}.domain_name;
  const Failing rows[] = {
      {"no library",
       {loaded, false},
       "vectoradd",
       {{"error", "library_missing"},
        {"call", "dlopen"},
        {"library", "libcuda.so.1"},
        {"problem", "libcuda.so.1: cannot open shared object file: No such file or directory"}}},
      {"no library",
       {loaded, false},
       "nvml",
       {{"error", "library_missing"}, {"library", "libnvidia-ml.so.1"}}},
      {"no devices",
       {loaded, true, false},
       "vectoradd",
       {{"error", "call_failed"},
        {"call", "cuInit"},
        {"code", 100},
        {"name", "CUDA_ERROR_NO_DEVICE"}}},
      {"no devices",
       {loaded, true, false},
       "nvml",
       {{"error", "call_failed"},
        {"call", "nvmlInit_v2"},
        {"code", 9},
        {"name", "NVML_ERROR_DRIVER_NOT_LOADED"}}},
      {"another module",
       {"nvidia-580.1.simulated"},
       "vectoradd",
       {{"call", "cuInit"}, {"code", 803}, {"name", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"}}},
      {"another module",
       {"nvidia-580.1.simulated"},
       "nvml",
       {{"code", 18}, {"name", "NVML_ERROR_LIB_RM_VERSION_MISMATCH"}}},
      {"no GPU", {loaded, true, true, 0}, "nvml", {{"error", "no_gpu"}, {"count", 0}}},
  };
  for (const Failing& row : rows) {
    const Ran ran = run(row.world, {row.command});
    SKIP_WITHOUT_NAMESPACES(ran);
    const json line = ran.line();
    ASSERT_TRUE(line.is_object()) << row.name << ": " << ran.child.output << ran.child.error_output;
    EXPECT_EQ(ran.child.exit_code, exit_failed) << row.name;
    EXPECT_EQ(line.at("ok"), false) << row.name;
    for (const auto& [key, value] : row.part.items()) {
      EXPECT_EQ(line.value(key, json()), value) << row.name << ' ' << line;
    }
  }
}

TEST_P(Simulated, a_device_that_is_not_there_is_no_crash)
{
  const Ran ran = run({}, {"vectoradd", "--device", "7"});
  SKIP_WITHOUT_NAMESPACES(ran);
  EXPECT_EQ(ran.line().at("error"), "no_such_device");
  EXPECT_EQ(ran.line().at("count"), 2);
}

TEST_P(Simulated, nvml_tells_the_gpus)
{
  const Ran ran = run({}, {"nvml"});
  SKIP_WITHOUT_NAMESPACES(ran);
  const json line = ran.line();
  EXPECT_EQ(line.at("ok"), true);
  EXPECT_EQ(line.at("driver_version"), "570.211.01");
  EXPECT_EQ(line.at("simulated"), true);
  ASSERT_EQ(line.at("gpus").size(), 2U);
  EXPECT_EQ(line.at("gpus")[0].at("name"), "NVIDIA GeForce RTX 5070 Ti");
  EXPECT_EQ(line.at("gpus")[1].at("compute_capability"), "6.1");
  EXPECT_EQ(line.at("gpus")[1].at("pci_bus_id"), "00000000:02:00.0");
  EXPECT_EQ(line.at("gpus")[1].at("mig_mode"), "not_supported");
}

TEST_P(Simulated, inspect_and_nvidia_smi_see_the_same_driver)
{
  const Ran inspected = run({}, {"inspect"});
  SKIP_WITHOUT_NAMESPACES(inspected);
  const json line = inspected.line();
  EXPECT_EQ(line.at("driver").at("simulated_driver"), "570.211.01");
  EXPECT_EQ(line.at("devices").size(), 4U);
  for (const json& device : line.at("devices")) EXPECT_EQ(device.at("open"), "ENXIO");
  EXPECT_EQ(line.at("libraries").at("resolved")[0].at("version"), "570.211.01");
  EXPECT_EQ(line.at("libraries").at("resolved")[0].at("path"), folder_.path("/libnvidia-ml.so.1"));
  const Ran smi = run({}, {"smi"});
  EXPECT_EQ(smi.line().at("ok"), true);
  EXPECT_THAT(smi.line().at("output").get<std::string>(), testing::HasSubstr("570.211.01"));
}

INSTANTIATE_TEST_SUITE_P(Builds, Simulated, testing::Values("coroner-payload", own_portable),
                         [](const auto& build) {
                           return build.index == 0 ? "of_the_host" : "portable";
                         });

}  // namespace
}  // namespace coroner::payload
