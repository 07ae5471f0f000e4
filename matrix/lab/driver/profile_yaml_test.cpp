// SPDX-License-Identifier: Apache-2.0
// Profiles as YAML, copies of GPUs, and the tree of the PCI bus.
#include "matrix/lab/driver/profile_yaml.h"

#include <gtest/gtest.h>

#include "harness/base/files.h"

namespace coroner::driver {
namespace {

namespace filesystem = std::filesystem;

std::string text_of(const std::string& name)
{
  return *base::read_file("matrix/lab/driver/profiles/" + name + ".yaml");
}

class ShippedProfile : public testing::TestWithParam<const char*> {};

TEST_P(ShippedProfile, is_read_and_can_be_copied_to_one_two_and_eight_gpus)
{
  const auto profile = read_profile(text_of(GetParam()), GetParam());
  ASSERT_TRUE(profile) << profile.error().text();
  for (const std::size_t count : {1U, 2U, 8U}) {
    const auto copies = with_copies(*profile, count);
    ASSERT_TRUE(copies) << copies.error().text();
    EXPECT_EQ(copies->gpus.size(), count);
    EXPECT_EQ(copies->gpus[0], profile->gpus[0]);
  }
}

INSTANTIATE_TEST_SUITE_P(ProfileYaml, ShippedProfile,
                         testing::Values("rtx-5070-ti", "gtx-1060", "h200", "two-mixed"));

TEST(ProfileYaml, makes_the_same_uuid_every_time_and_another_for_every_gpu)
{
  const auto once = with_copies(*read_profile(text_of("h200"), "h200"), 2);
  const auto again = with_copies(*read_profile(text_of("h200"), "h200"), 2);
  EXPECT_EQ(once->gpus[0].uuid, again->gpus[0].uuid);
  EXPECT_NE(once->gpus[0].uuid, once->gpus[1].uuid);
  EXPECT_TRUE(once->gpus[1].uuid.starts_with(simulated_uuid_prefix));
}

TEST(ProfileYaml, two_models_take_turns)
{
  const auto profile = with_copies(*read_profile(text_of("two-mixed"), "two-mixed"), 4);
  EXPECT_EQ(profile->gpus[2].name, profile->gpus[0].name);
  EXPECT_EQ(profile->gpus[3].name, profile->gpus[1].name);
}

TEST(ProfileYaml, refuses_zero_and_too_many_gpus)
{
  const auto profile = *read_profile(text_of("h200"), "h200");
  EXPECT_FALSE(with_copies(profile, 0));
  EXPECT_FALSE(with_copies(profile, most_gpus + 1));
  EXPECT_TRUE(with_copies(profile, most_gpus));
}

struct Wrong {
  const char* name;
  const char* from;
  const char* to;
  const char* words;
};

class WrongYaml : public testing::TestWithParam<Wrong> {};

TEST_P(WrongYaml, is_refused_with_its_place)
{
  std::string text = text_of("h200");
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
  const auto profile = read_profile(text, "wrong.yaml");
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().kind, base::ErrorKind::invalid);
  EXPECT_NE(profile.error().text().find("wrong.yaml"), std::string::npos);
  EXPECT_NE(profile.error().text().find(GetParam().words), std::string::npos)
      << profile.error().text();
}

INSTANTIATE_TEST_SUITE_P(
    ProfileYaml, WrongYaml,
    testing::Values(Wrong{"unknown_key", "ecc:", "eccc:", "ecc"},
                    Wrong{"capability", "\"9.0\"", "\"nine\"", "must look like"},
                    Wrong{"device_id", "0x233510de", "2335", "device and vendor in hex"},
                    Wrong{"memory", "143771", "lots", "whole number"},
                    Wrong{"flag", "true", "1", "true or false"},
                    Wrong{"module", "open", "nouveau", "kernel_module"},
                    Wrong{"real_uuid", "minor: 0", "uuid: GPU-5e9476e9-0000-0000-0000-000000000001",
                          "must have 40 letters"},
                    Wrong{"no_gpus", "gpus:", "gpu:", "gpu"}),
    [](const auto& row) { return row.param.name; });

TEST(ProfileYaml, shows_the_gpus_on_the_pci_bus)
{
  const auto directory = base::ScopedDirectory::make(filesystem::temp_directory_path(), "pci");
  ASSERT_TRUE(directory);
  const auto profile = *read_profile(text_of("two-mixed"), "two-mixed");
  ASSERT_TRUE(write_pci_devices(profile, directory->path()));
  const filesystem::path first = directory->path() / "0000:01:00.0";
  EXPECT_EQ(*base::read_file(first / "vendor"), "0x10de\n");
  EXPECT_EQ(*base::read_file(first / "device"), "0x2c05\n");
  EXPECT_EQ(*base::read_file(first / "class"), "0x030000\n");
  EXPECT_EQ(base::read_file(first / "config")->substr(0, 4), "\xde\x10\x05\x2c");
  EXPECT_TRUE(filesystem::exists(directory->path() / "0000:02:00.0" / "resource"));
}

}  // namespace
}  // namespace coroner::driver
