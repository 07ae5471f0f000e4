// SPDX-License-Identifier: Apache-2.0
// CUDA_VISIBLE_DEVICES, error names and entry points.
#include "matrix/lab/driver/cuda/driver.h"

#include <gtest/gtest.h>

#include "matrix/lab/driver/cuda/entry_points.h"
#include "matrix/lab/driver/cuda/errors.h"

namespace coroner::driver::cuda {
namespace {

TEST(VisibleDevices, are_chosen_by_number_or_uuid_up_to_the_first_that_is_none)
{
  std::vector<Gpu> gpus(3);
  for (std::size_t at = 0; at < gpus.size(); ++at) {
    gpus[at].uuid = "GPU-51517175-" + std::to_string(at);
  }
  const std::vector<const Gpu*> all = {&gpus[0], &gpus[1], &gpus[2]};
  const auto chosen = [&all](const char* visible) {
    std::string numbers;
    for (const Gpu* gpu : choose_visible(all, visible)) numbers += gpu->uuid.back();
    return numbers;
  };
  EXPECT_EQ(chosen(nullptr), "012");
  EXPECT_EQ(chosen(""), "");
  EXPECT_EQ(chosen("2,0"), "20");
  EXPECT_EQ(chosen(" 1 , 2"), "12");
  EXPECT_EQ(chosen("1,-1,2"), "1");
  EXPECT_EQ(chosen("0,7,1"), "0");
  EXPECT_EQ(chosen("0,0"), "0");
  EXPECT_EQ(chosen("GPU-51517175-2,1"), "21");
  EXPECT_EQ(chosen("none"), "");
}

TEST(Driver, without_a_profile_is_an_unknown_error)
{
  Driver instance({{}, "none"}, Kernel("/nowhere", "nvidia-1.simulated"));
  EXPECT_EQ(instance.initialize(nullptr), Result::unknown);
}

TEST(Errors, have_names)
{
  EXPECT_STREQ(find_error(Result::illegal_address)->name, "CUDA_ERROR_ILLEGAL_ADDRESS");
  EXPECT_EQ(find_error(static_cast<Result>(12345)), nullptr);
}

TEST(EntryPoints, follow_the_version_of_the_caller)
{
  EXPECT_NE(find_entry_point("cuMemAlloc", 12000), nullptr);
  EXPECT_EQ(find_entry_point("cuNothing", 12000), nullptr);
  EXPECT_NE(find_entry_point("cuCtxCreate", 11000), find_entry_point("cuCtxCreate", 12000));
  EXPECT_NE(find_entry_point("cuCtxCreate", 12000), find_entry_point("cuCtxCreate", 13000));
}

}  // namespace
}  // namespace coroner::driver::cuda
