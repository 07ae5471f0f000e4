// SPDX-License-Identifier: Apache-2.0
// The kernel's word, from folders that stand for /dev.
#include "matrix/lab/driver/kernel.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "matrix/lab/driver/nvml/errors.h"

namespace coroner::driver {
namespace {

TEST(Kernel, learns_the_module_from_the_domain_name)
{
  EXPECT_EQ(Kernel("/dev", "nvidia-570.211.01.simulated").module_version(), "570.211.01");
  for (const char* other : {"(none)", "", "nvidia-.simulated", "nvidia-570.211.01", "570.simulated",
                            "nvidia-simulated", "cluster.local"}) {
    EXPECT_EQ(Kernel("/dev", other).module_version(), "") << other;
  }
}

TEST(Kernel, tells_missing_nodes_from_those_that_open)
{
  const auto directory =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "nodes").value();
  ASSERT_TRUE(base::write_file(directory.path() / "nvidiactl", ""));
  std::filesystem::create_symlink("nowhere/node", directory.path() / "nvidia0");
  std::filesystem::create_directory(directory.path() / "nvidia1");
  const Kernel kernel(directory.path(), "");
  EXPECT_EQ(kernel.open_control(), Access::granted);
  EXPECT_EQ(kernel.open_gpu(0), Access::missing);
  EXPECT_EQ(kernel.open_gpu(1), Access::failed);
  EXPECT_EQ(Kernel("/proc/nowhere", "").open_uvm(), Access::missing);
}

TEST(Kernel, every_refusal_has_its_nvml_error)
{
  EXPECT_EQ(nvml::meaning_of(Access::granted), nvml::Status::success);
  EXPECT_EQ(nvml::meaning_of(Access::missing), nvml::Status::driver_not_loaded);
  EXPECT_EQ(nvml::meaning_of(Access::forbidden), nvml::Status::no_permission);
  EXPECT_EQ(nvml::meaning_of(Access::blocked), nvml::Status::unknown);
  EXPECT_EQ(nvml::meaning_of(Access::failed), nvml::Status::gpu_blocked);
}

}  // namespace
}  // namespace coroner::driver
