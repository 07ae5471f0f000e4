// SPDX-License-Identifier: Apache-2.0
#include "payload/smi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "payload/run_test.h"

namespace coroner::payload {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

TEST(SmiPlaces, come_in_order_and_each_once)
{
  const TestFolder folder;
  const auto places = smi_places(Root(folder.path()), "/a:/usr/bin::relative:/a");
  ASSERT_GE(places.size(), 4U);
  EXPECT_EQ(places[0], "/a/nvidia-smi");
  EXPECT_EQ(places[1], "/usr/bin/nvidia-smi");
  EXPECT_THAT(places, Contains("/run/current-system/sw/bin/nvidia-smi").Times(1));
  EXPECT_THAT(places, Contains("/usr/local/bin/nvidia-smi").Times(1));
  EXPECT_THAT(places, Contains("/usr/bin/nvidia-smi").Times(1));
  EXPECT_THAT(places, Contains("/usr/local/nvidia/bin/nvidia-smi"));
  EXPECT_THAT(places, Not(Contains("relative/nvidia-smi")));
}

TEST(SmiPlaces, the_store_is_searched_for_the_drivers_own_output)
{
  const TestFolder folder;
  folder.write("/nix/store/abc-nvidia-x11-570.1-6.6-bin/bin/nvidia-smi", "");
  folder.write("/nix/store/def-nvidia-x11-570.1-6.6/lib/libcuda.so.1", "");
  folder.write("/nix/store/ghi-hello/bin/hello", "");
  EXPECT_EQ(smi_places(Root(folder.path()), "").back(),
            "/nix/store/abc-nvidia-x11-570.1-6.6-bin/bin/nvidia-smi");
}

TEST(SmiPlaces, beside_the_drivers_library_counts_too)
{
  const TestFolder folder;
  folder.write("/store/driver/lib/libnvidia-ml.so.570", "");
  folder.link("/run/opengl-driver/lib/libnvidia-ml.so.1",
              folder.path("/store/driver/lib/libnvidia-ml.so.570"));
  EXPECT_EQ(smi_places(Root(folder.path()), "").back(),
            folder.path("/store/driver/bin/nvidia-smi"));
}

Ran run_smi(const TestFolder& folder, const std::string& timeout_s = "20")
{
  setenv("PATH", (folder.path() + ":/usr/bin:/bin").c_str(), 1);
  return run_words({std::string(PAYLOAD_FOLDER) + "/coroner-payload", "smi", "--nonce", test_nonce,
                    "--timeout", timeout_s});
}

class Smi : public testing::Test {
 protected:
  void TearDown() override { setenv("PATH", path_.c_str(), 1); }

  TestFolder folder_;
  std::string path_ = getenv("PATH");
};

TEST_F(Smi, tells_what_the_program_said)
{
  folder_.write("/nvidia-smi", "#!/bin/sh\nprintf 'table\\033[0m'; echo oh >&2\n", 0755);
  const Ran ran = run_smi(folder_);
  const auto line = ran.line();
  EXPECT_EQ(ran.child.exit_code, exit_ok);
  EXPECT_EQ(line.at("ok"), true);
  EXPECT_EQ(line.at("path"), folder_.path("/nvidia-smi"));
  EXPECT_EQ(line.at("output"), "table\033[0m");
  EXPECT_EQ(line.at("error_output"), "oh\n");
  EXPECT_THAT(line.at("tried"), ElementsAre(folder_.path("/nvidia-smi")));
}

TEST_F(Smi, a_code_above_zero_is_a_failure)
{
  folder_.write("/nvidia-smi", "#!/bin/sh\necho NVIDIA-SMI has failed; exit 9\n", 0755);
  const Ran ran = run_smi(folder_);
  EXPECT_EQ(ran.child.exit_code, exit_failed);
  EXPECT_EQ(ran.line().at("error"), "exit_code");
  EXPECT_EQ(ran.line().at("exit_code"), 9);
}

TEST_F(Smi, a_hang_is_told_with_what_was_said_before)
{
  folder_.write("/nvidia-smi", "#!/bin/sh\necho begun; exec sleep 600\n", 0755);
  const Ran ran = run_smi(folder_, "2");
  EXPECT_EQ(ran.line().at("error"), "timed_out");
  EXPECT_EQ(ran.line().at("output"), "begun\n");
}

// As with a program of NixOS in an image without the store.
TEST_F(Smi, a_program_whose_loader_is_missing_is_told_from_one_that_failed)
{
  folder_.write("/nvidia-smi", "#!/nix/store/none/bin/sh\n", 0755);
  const Ran ran = run_smi(folder_);
  EXPECT_EQ(ran.line().at("error"), "not_started");
  EXPECT_EQ(ran.line().at("problem"), "ENOENT");
}

TEST_F(Smi, where_there_is_none_the_places_are_told)
{
  if (!smi_places({}, "").empty()) {
    for (const std::string& place : smi_places({}, "")) {
      if (exists(place)) GTEST_SKIP() << "this machine has a real " << place;
    }
  }
  const Ran ran = run_smi(folder_);
  EXPECT_EQ(ran.line().at("error"), "not_found");
  EXPECT_THAT(ran.line().at("tried"), Contains(folder_.path("/nvidia-smi")));
}

TEST_F(Smi, exits_with_zero_where_that_was_asked_and_says_failed_all_the_same)
{
  folder_.write("/nvidia-smi", "#!/bin/sh\nexit 9\n", 0755);
  setenv("PATH", (folder_.path() + ":/usr/bin:/bin").c_str(), 1);
  const auto ran = run_words({std::string(PAYLOAD_FOLDER) + "/coroner-payload", "smi", "--nonce",
                              test_nonce, "--exit-zero"});
  EXPECT_EQ(ran.child.exit_code, 0);
  EXPECT_EQ(ran.line()["ok"], false);
  EXPECT_EQ(ran.line()["exit_code"], 9);
}

}  // namespace
}  // namespace coroner::payload
