// SPDX-License-Identifier: Apache-2.0
// The profile's text form and the stamp.
#include "matrix/lab/driver/profile.h"

#include <random>

#include <gtest/gtest.h>

#include "matrix/lab/driver/embedded.h"
#include "matrix/lab/driver/stamp.h"

namespace coroner::driver {
namespace {

Profile sample()
{
  Gpu gpu;
  gpu.name = "NVIDIA GeForce RTX 5070 Ti";
  gpu.brand = "GeForce";
  gpu.architecture = "blackwell";
  gpu.compute_capability = {12, 0};
  gpu.memory_mib = 16303;
  gpu.pci_device_id = 0x2c0510de;
  gpu.pci_subsystem_id = 0x53021462;
  gpu.pci_bus_id = "00000000:01:00.0";
  gpu.uuid = "GPU-51517175-0000-0000-0000-000000000001";
  gpu.multiprocessors = 70;
  Gpu second = gpu;
  second.minor = 1;
  second.pci_bus_id = "00000000:02:00.0";
  second.uuid = "GPU-51517175-0000-0000-0000-000000000002";
  second.ecc = true;
  second.mig_capable = true;
  second.serial = "simulated";
  return {"570.211.01", {12, 8}, "open", {gpu, second}};
}

std::string artifact()
{
  const ProfileMarker marker = profile_marker();
  return std::string(100, 'x') + std::string(marker.begin(), marker.end()) +
         std::string(profile_room_bytes - profile_marker_bytes, '\0') + "behind";
}

TEST(Profile, comes_back_as_it_was_encoded)
{
  const Decoded decoded = decode(encode(sample()));
  ASSERT_TRUE(decoded.profile) << decoded.problem;
  EXPECT_EQ(*decoded.profile, sample());
}

TEST(Profile, sixty_four_gpus_fit_into_the_room)
{
  Profile profile = sample();
  profile.gpus.assign(most_gpus, profile.gpus[1]);
  EXPECT_LT(encode(profile).size(), most_profile_bytes);
}

struct Wrong {
  const char* name;
  void (*change)(Profile&);
  const char* problem;
};

class WrongProfile : public testing::TestWithParam<Wrong> {};

TEST_P(WrongProfile, is_refused_with_its_reason)
{
  Profile profile = sample();
  GetParam().change(profile);
  EXPECT_NE(problem_of(profile).find(GetParam().problem), std::string::npos) << problem_of(profile);
  EXPECT_FALSE(decode(encode(profile)).profile);
}

INSTANTIATE_TEST_SUITE_P(
    Profile, WrongProfile,
    testing::Values(
        Wrong{"no_gpu", [](Profile& one) { one.gpus.clear(); }, "1 to 64 GPUs"},
        Wrong{"real_uuid", [](Profile& one) { one.gpus[0].uuid[4] = '6'; }, "begin with GPU-5151"},
        Wrong{"bus_id", [](Profile& one) { one.gpus[0].pci_bus_id = "01:00.0"; }, "bus id"},
        Wrong{"same_minor", [](Profile& one) { one.gpus[1].minor = 0; }, "same minor"},
        Wrong{"same_uuid", [](Profile& one) { one.gpus[1].uuid = one.gpus[0].uuid; }, "same UUID"},
        Wrong{"memory", [](Profile& one) { one.gpus[0].memory_mib = 0; }, "memory"},
        Wrong{"module", [](Profile& one) { one.kernel_module = "nouveau"; }, "kernel_module"},
        Wrong{"version", [](Profile& one) { one.driver_version = "570/../x"; }, "driver_version"},
        Wrong{"control", [](Profile& one) { one.gpus[0].name += '\n'; }, "plain ASCII"}),
    [](const auto& row) { return row.param.name; });

TEST(Profile, changed_bytes_never_do_harm)
{
  std::mt19937 chance(51517175);
  const std::string good = encode(sample());
  for (int round = 0; round < 5000; ++round) {
    std::string text = good;
    for (unsigned change = 0; change < 1 + chance() % 3; ++change) {
      text[chance() % text.size()] = static_cast<char>(chance());
    }
    if (chance() % 4 == 0) text.resize(chance() % text.size());
    const Decoded decoded = decode(text);
    EXPECT_NE(decoded.profile.has_value(), !decoded.problem.empty());
    EXPECT_TRUE(!decoded.profile || problem_of(*decoded.profile).empty());
  }
}

TEST(Stamp, puts_the_profile_where_the_marker_is_and_nowhere_else)
{
  std::string bytes = artifact();
  const std::string before = bytes;
  ASSERT_EQ(stamp(bytes, sample()), "");
  EXPECT_EQ(bytes.size(), before.size());
  EXPECT_EQ(bytes.substr(0, 100), before.substr(0, 100));
  EXPECT_TRUE(bytes.ends_with("behind"));
  const Decoded decoded = stamped_profile(bytes);
  ASSERT_TRUE(decoded.profile) << decoded.problem;
  EXPECT_EQ(*decoded.profile, sample());
}

TEST(Stamp, a_second_stamp_replaces_the_first)
{
  std::string bytes = artifact();
  ASSERT_EQ(stamp(bytes, sample()), "");
  Profile smaller = sample();
  smaller.gpus.pop_back();
  ASSERT_EQ(stamp(bytes, smaller), "");
  EXPECT_EQ(*stamped_profile(bytes).profile, smaller);
}

TEST(Stamp, refuses_files_without_one_whole_room)
{
  std::string none(1000, 'x');
  EXPECT_NE(stamp(none, sample()).find("no room"), std::string::npos);
  std::string two = artifact() + artifact();
  EXPECT_NE(stamp(two, sample()).find("more than once"), std::string::npos);
  std::string cut = artifact().substr(0, 5000);
  EXPECT_NE(stamp(cut, sample()).find("ends inside"), std::string::npos);
}

TEST(EmbeddedProfile, is_missing_until_the_file_is_stamped)
{
  const Decoded decoded = embedded_profile();
  EXPECT_FALSE(decoded.profile);
  EXPECT_NE(decoded.problem.find("never given a profile"), std::string::npos);
}

}  // namespace
}  // namespace coroner::driver
