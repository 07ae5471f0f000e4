// SPDX-License-Identifier: Apache-2.0
#include "payload/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "payload/run_test.h"

namespace coroner::payload {
namespace {

using nlohmann::json;
using testing::ElementsAre;

json read(const JsonObject& object)
{
  return json::parse(object.str());
}

json read(const JsonList& list)
{
  return json::parse(list.str());
}

TEST(InspectDriver, the_modules_version_and_flavour_are_read)
{
  const TestFolder folder;
  folder.write(
      "/proc/driver/nvidia/version",
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build\n"
      "GCC version:  gcc 13\n");
  folder.write("/sys/module/nvidia/version", "580.159.04\n");
  folder.write("/proc/modules",
               "ext4 1 1 - Live 0x0\nnvidia_uvm 9 0 - Live 0x0\nnvidia 5 1 nvidia_uvm, Live 0x0\n");
  const json driver = read(inspect_driver(Root(folder.path()), "(none)"));
  EXPECT_EQ(driver.at("is_loaded"), true);
  EXPECT_EQ(driver.at("flavour"), "open");
  EXPECT_EQ(driver.at("version"), "580.159.04");
  EXPECT_EQ(driver.at("module_version"), "580.159.04");
  EXPECT_EQ(driver.at("modules").size(), 2U);
  EXPECT_TRUE(driver.at("simulated_driver").is_null());
}

TEST(InspectDriver, absent_is_told_from_unreadable)
{
  const TestFolder folder;
  const json unreadable = read(inspect_driver(Root(folder.path()), "nvidia-1.2.simulated"));
  EXPECT_EQ(unreadable.at("is_loaded"), false);
  EXPECT_EQ(unreadable.at("modules_are_readable"), false);
  EXPECT_EQ(unreadable.at("simulated_driver"), "1.2");
  folder.write("/proc/modules", "nouveau 5 1 - Live 0x0\n");
  const json absent = read(inspect_driver(Root(folder.path()), ""));
  EXPECT_EQ(absent.at("is_loaded"), false);
  EXPECT_EQ(absent.at("modules_are_readable"), true);
  EXPECT_EQ(absent.at("modules")[0].at("name"), "nouveau");
}

void write_pci(const TestFolder& folder, const std::string& address, const std::string& vendor,
               const std::string& device_class)
{
  const std::string path = "/sys/bus/pci/devices/" + address;
  folder.write(path + "/vendor", vendor + "\n");
  folder.write(path + "/device", "0x2c05\n");
  folder.write(path + "/class", device_class + "\n");
}

TEST(InspectPci, display_controllers_and_nvidias_bridges_are_told)
{
  const TestFolder folder;
  write_pci(folder, "0000:01:00.0", "0x10de", "0x030200");
  write_pci(folder, "0000:01:00.1", "0x10de", "0x040300");  // its sound
  write_pci(folder, "0000:02:00.0", "0x10de", "0x068000");  // an NVSwitch
  write_pci(folder, "0000:03:00.0", "0x8086", "0x068000");
  write_pci(folder, "0000:04:00.0", "0x1002", "0x030000");
  folder.link("/sys/bus/pci/devices/0000:01:00.0/driver", "../../../bus/pci/drivers/vfio-pci");
  const json pci = read(inspect_pci(Root(folder.path())));
  EXPECT_EQ(pci.at("is_readable"), true);
  ASSERT_EQ(pci.at("controllers").size(), 3U);
  EXPECT_EQ(pci.at("controllers")[0],
            json::parse(R"({"address":"0000:01:00.0","vendor":"10de","device":"2c05",
                            "class":"030200","driver":"vfio-pci"})"));
  EXPECT_TRUE(pci.at("controllers")[2].at("driver").is_null());
  EXPECT_EQ(read(inspect_pci(Root(folder.path("/none")))).at("is_readable"), false);
}

TEST(InspectDevices, say_what_opening_them_gives)
{
  const TestFolder folder;
  folder.write("/dev/nvidia0", "", 0600);
  folder.write("/dev/nvidia-caps/nvidia-cap1", "", 0444);
  folder.write("/dev/null2", "");
  folder.link("/dev/nvidiactl", "/nowhere");
  const json devices = read(inspect_devices(Root(folder.path())));
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].at("path"), "/dev/nvidia0");
  EXPECT_EQ(devices[0].at("mode"), "0600");
  EXPECT_EQ(devices[0].at("open"), "ok");
  EXPECT_EQ(devices[1], json::parse(R"({"path":"/dev/nvidiactl","open":"ENOENT"})"));
  EXPECT_EQ(devices[2].at("path"), "/dev/nvidia-caps/nvidia-cap1");
}

TEST(InspectDevices, a_machine_full_of_them_stays_within_its_share)
{
  const TestFolder folder;
  for (int index = 0; index < 500; ++index) {
    folder.write("/dev/nvidia-caps/nvidia-cap" + std::to_string(index), "");
  }
  const JsonList devices = inspect_devices(Root(folder.path()));
  EXPECT_LE(devices.str().size(), max_devices_bytes + 2);
  EXPECT_EQ(json::parse(devices.str()).size() + devices.omitted(), 500U);
}

TEST(InspectLibraries, links_into_a_store_that_is_not_mounted_are_found)
{
  const TestFolder folder;
  folder.link("/run/opengl-driver/lib/libnvidia-ml.so.1", "/nix/store/abc/lib/libnvidia-ml.so.1");
  folder.link("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "libcuda.so.570");
  folder.link("/usr/lib/x86_64-linux-gnu/libother.so.1", "nowhere");
  folder.write("/usr/lib64/libcuda.so.1", "");
  const Options options{.command = Command::inspect, .nonce = test_nonce};
  SharedStep step{};
  Worker worker(options, -1, step);
  const json libraries = read(inspect_libraries(Root(folder.path()), worker));
  EXPECT_THAT(libraries.at("on_disk"), ElementsAre("/usr/lib64/libcuda.so.1"));
  ASSERT_EQ(libraries.at("dangling_links").size(), 2U);
  EXPECT_EQ(libraries.at("dangling_links")[0],
            json::parse(R"({"path":"/run/opengl-driver/lib/libnvidia-ml.so.1",
                            "target":"/nix/store/abc/lib/libnvidia-ml.so.1"})"));
  EXPECT_EQ(libraries.at("dangling_links")[1].at("path"), "/usr/lib/x86_64-linux-gnu/libcuda.so.1");
  EXPECT_EQ(libraries.at("has_loader_cache"), false);
  EXPECT_EQ(libraries.at("resolved").size(), 3U);
}

TEST(InspectMounts, only_those_that_matter_are_told)
{
  const TestFolder folder;
  folder.write("/proc/self/mountinfo",
               "1 0 0:1 / / rw - overlay overlay rw\n"
               "2 1 0:2 / /proc rw - proc proc rw\n"
               "3 1 0:3 /nix/store /nix/store ro - ext4 /dev/root rw\n"
               "4 1 0:4 /usr/lib/libcuda.so.570 /usr/lib/x ro - ext4 /dev/root rw\n"
               "5 1 0:5 / /sys/fs/cgroup ro - cgroup2 cgroup rw\nnonsense\n");
  const json mounts = read(inspect_mounts(Root(folder.path())));
  ASSERT_EQ(mounts.size(), 4U);
  EXPECT_EQ(mounts[1].at("point"), "/nix/store");
  EXPECT_EQ(mounts[2].at("root"), "/usr/lib/libcuda.so.570");
}

TEST(InspectConfinement, is_read_from_the_kernels_words)
{
  const TestFolder folder;
  folder.write("/proc/self/status",
               "Groups:\t4 27 \nCapPrm:\t0000000000000000\nCapEff:\t0000000000000001\n"
               "CapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n");
  folder.write("/proc/self/cgroup", "0::/kubepods\n");
  folder.write("/var/run/secrets/kubernetes.io/serviceaccount/token", "eyJ-must-never-show");
  folder.write("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "smoke");
  const JsonObject result = inspect_confinement(Root(folder.path()));
  const json read_back = read(result);
  EXPECT_THAT(read_back.at("groups"), ElementsAre("4", "27"));
  EXPECT_EQ(read_back.at("capabilities_effective"), "0000000000000001");
  EXPECT_EQ(read_back.at("no_new_privileges"), true);
  EXPECT_EQ(read_back.at("seccomp"), "filter");
  EXPECT_EQ(read_back.at("has_service_account_token"), true);
  EXPECT_EQ(read_back.at("namespace"), "smoke");
  EXPECT_EQ(read_back.at("cgroup").at("version"), "v2");
  EXPECT_THAT(result.str(), testing::Not(testing::HasSubstr("must-never-show")));
}

TEST(InspectMachine, limits_are_read_for_both_versions_of_cgroups)
{
  const TestFolder folder;
  folder.write("/proc/meminfo", "MemTotal:  8 kB\nMemAvailable: 4 kB\n");
  folder.write("/proc/cmdline", "quiet key=secret\n");
  const Root root(folder.path());
  EXPECT_TRUE(read(inspect_machine(root)).at("memory_limit_bytes").is_null());
  folder.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_TRUE(read(inspect_machine(root)).at("memory_limit_bytes").is_null());
  folder.write("/sys/fs/cgroup/memory.max", "1048576\n");
  const json machine = read(inspect_machine(root));
  EXPECT_EQ(machine.at("memory_limit_bytes"), 1048576);
  EXPECT_EQ(machine.at("memory_total_bytes"), 8192);
  EXPECT_EQ(machine.at("command_line"), "quiet key=redacted");
  EXPECT_TRUE(machine.at("device_tree_model").is_null());
}

TEST(InspectEnvironment, puts_what_concerns_gpus_first_and_withholds_secrets)
{
  std::vector<std::string> entries = {"HOME=/", "NOT_AN_ENTRY", "MY_TOKEN=abc=def",
                                      "NVIDIA_VISIBLE_DEVICES=all"};
  std::vector<char*> environment;
  for (std::string& entry : entries) environment.push_back(entry.data());
  environment.push_back(nullptr);
  const json list = read(inspect_environment(environment.data()));
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0], json::parse(R"({"name":"NVIDIA_VISIBLE_DEVICES","value":"all"})"));
  EXPECT_EQ(list[3], json::parse(R"({"name":"MY_TOKEN","value":"redacted","redacted":true})"));
}

}  // namespace
}  // namespace coroner::payload
