// SPDX-License-Identifier: Apache-2.0
// The built programs themselves: this machine's, the portable ones, and arm64 under qemu-user.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "payload/elf.h"
#include "payload/files.h"
#include "payload/run_test.h"
#include "payload/worker.h"

namespace coroner::payload {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string folder = PAYLOAD_FOLDER;
constexpr std::size_t max_program_bytes = std::size_t{16} * 1024 * 1024;
constexpr bool is_portable_built = PAYLOAD_IS_PORTABLE;
constexpr const char* no_zig = "zig was not found when the build was configured";
constexpr const char* arm64_libraries = "/usr/aarch64-linux-gnu";

std::vector<std::string> portable_programs()
{
  return {folder + "/coroner-payload-amd64", folder + "/coroner-payload-arm64"};
}

// How `program` starts here: itself, or through qemu; empty where it cannot.
std::vector<std::string> way_to_run(const std::string& program)
{
  if (program.ends_with(own_portable)) return {program};
  for (const char* place : {"/usr/bin/", "/usr/local/bin/"}) {
    for (const char* suffix : {"", "-static"}) {
      const std::string path = std::string(place) + "qemu-aarch64" + suffix;
      if (exists(path)) return {path, "-L", arm64_libraries, program};
    }
  }
  return {};
}

void expect_inspects(std::vector<std::string> words, const std::string& architecture)
{
  for (const char* word : {"inspect", "--nonce", test_nonce}) words.emplace_back(word);
  const Ran ran = run_words(words);
  const json line = ran.line();
  ASSERT_TRUE(line.is_object()) << ran.child.output << ran.child.error_output;
  EXPECT_EQ(ran.child.exit_code, exit_ok);
  EXPECT_EQ(line.at("schema"), 1);
  EXPECT_EQ(line.at("kind"), "inspect");
  EXPECT_EQ(line.at("nonce"), test_nonce);
  EXPECT_EQ(line.at("ok"), true);
  EXPECT_EQ(line.at("machine").at("architecture"), architecture);
  EXPECT_GT(line.at("machine").at("memory_total_bytes"), 1'000'000);
  EXPECT_EQ(line.at("libraries").at("resolved").size(), 3U);
  EXPECT_EQ(line.at("confinement").at("uid"), geteuid());
  EXPECT_FALSE(line.at("mounts").empty());
  EXPECT_TRUE(line.at("network").at("lookup").contains("resolves"));
}

TEST(Program, inspects_this_machine)
{
  expect_inspects({folder + "/coroner-payload"}, own_architecture);
}

TEST(Program, inspects_this_machine_from_the_portable_build)
{
  if (!is_portable_built) GTEST_SKIP() << no_zig;
  expect_inspects(way_to_run(folder + "/" + own_portable), own_architecture);
}

TEST(Program, inspects_on_arm64)
{
  if (!is_portable_built) GTEST_SKIP() << no_zig;
  const auto words = way_to_run(folder + "/coroner-payload-arm64");
  if (words.empty()) GTEST_SKIP() << "qemu-aarch64 is not installed (package qemu-user)";
  if (words.size() > 1 && !exists(arm64_libraries)) {
    GTEST_SKIP() << arm64_libraries << " is missing (package libc6-arm64-cross)";
  }
  expect_inspects(words, "aarch64");
}

TEST(Program, the_portable_builds_need_no_glibc_above_2_28)
{
  if (!is_portable_built) GTEST_SKIP() << no_zig;
  for (const std::string& program : portable_programs()) {
    const auto versions = needed_versions(read_text(program, max_program_bytes).value_or(""));
    ASSERT_FALSE(versions.empty()) << program;
    EXPECT_FALSE(is_older("2.28", highest_glibc(versions))) << program;
    for (const std::string& version : versions) {
      EXPECT_TRUE(version.starts_with("GLIBC_")) << program << " needs " << version;
    }
  }
}

TEST(Program, the_portable_builds_fit_into_a_config_map_as_they_are)
{
  if (!is_portable_built) GTEST_SKIP() << no_zig;
  constexpr std::uintmax_t max_both_bytes = 900 * 1024;
  std::uintmax_t bytes = 0;
  for (const std::string& program : portable_programs())
    bytes += std::filesystem::file_size(program);
  EXPECT_LE(bytes, max_both_bytes);
}

TEST(Program, needs_only_glibc_whoever_built_it)
{
  for (const std::string& version :
       needed_versions(read_text(folder + "/coroner-payload", max_program_bytes).value_or(""))) {
    EXPECT_TRUE(version.starts_with("GLIBC_")) << version;
  }
}

TEST(Program, says_which_glibc_it_needs_and_who_built_it)
{
  const Ran ran = run_words({folder + "/coroner-payload", "--version"});
  const std::string program = *read_text(folder + "/coroner-payload", max_program_bytes);
  EXPECT_THAT(ran.child.output,
              HasSubstr("needs GLIBC_" + highest_glibc(needed_versions(program)) + ", built by "));
  EXPECT_EQ(ran.child.exit_code, exit_ok);
}

TEST(Program, wrong_words_exit_2_and_print_nothing_on_standard_output)
{
  const Ran ran = run_words({folder + "/coroner-payload", "inspect", "--nonce", "xyz"});
  EXPECT_EQ(ran.child.exit_code, exit_usage);
  EXPECT_EQ(ran.child.output, "");
  EXPECT_THAT(ran.child.error_output, HasSubstr("--nonce needs 8 to 64 hexadecimal digits"));
}

// A container with thousands of hostile variables still gives one line that a reader takes.
TEST(Program, a_hostile_environment_stays_inside_one_short_line)
{
  const std::string program = folder + "/coroner-payload";
  std::vector<std::string> entries = {
      "NVIDIA_VISIBLE_DEVICES=all",
      "LD_PRELOAD_NOT=\xFF\x1B[2J\n::error::", "API_KEY=must-never-show"};
  for (int index = 0; index < 3000; ++index) {
    entries.push_back("V" + std::to_string(index) + "=" +
                      std::string(300, static_cast<char>(index % 255 + 1)));
  }
  const Ran ran = run_body([&] {
    std::vector<char*> environment;
    for (std::string& entry : entries) environment.push_back(entry.data());
    environment.push_back(nullptr);
    execle(program.c_str(), program.c_str(), "inspect", "--nonce", test_nonce, nullptr,
           environment.data());
    return 99;
  });
  const json line = ran.line();
  ASSERT_TRUE(line.is_object()) << ran.child.error_output;
  EXPECT_EQ(line.at("ok"), true);
  EXPECT_LT(ran.child.output.size(), 64 * 1024U);
  EXPECT_EQ(line.at("environment")[0].at("name"), "NVIDIA_VISIBLE_DEVICES");
  EXPECT_EQ(line.at("environment").size() + line.at("environment_omitted").get<std::size_t>(),
            entries.size());
  EXPECT_EQ(ran.child.output.find('\x1B'), std::string::npos);
  EXPECT_EQ(ran.child.output.find("must-never-show"), std::string::npos);
}

}  // namespace
}  // namespace coroner::payload
