// SPDX-License-Identifier: Apache-2.0
#include "payload/elf.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "payload/files.h"

namespace coroner::payload {
namespace {

constexpr std::size_t max_program_bytes = std::size_t{64} * 1024 * 1024;

TEST(Elf, versions_are_compared_by_their_numbers)
{
  EXPECT_TRUE(is_older("2.9", "2.17"));
  EXPECT_TRUE(is_older("2.2", "2.2.5"));
  EXPECT_FALSE(is_older("2.17", "2.17"));
  EXPECT_FALSE(is_older("3", "2.99"));
  EXPECT_EQ(highest_glibc({"GLIBC_2.9", "GCC_3.0", "GLIBC_2.17", "GLIBC_2.2.5"}), "2.17");
  EXPECT_EQ(highest_glibc({"GCC_3.0"}), "");
}

TEST(Elf, this_very_program_needs_what_its_compiler_linked)
{
  const auto versions = needed_versions(*read_text("/proc/self/exe", max_program_bytes));
  EXPECT_THAT(versions, testing::Contains(testing::StartsWith("GLIBCXX_3.4")));
  EXPECT_FALSE(highest_glibc(versions).empty());
}

TEST(Elf, what_is_no_such_file_needs_nothing)
{
  EXPECT_TRUE(needed_versions("").empty());
  EXPECT_TRUE(needed_versions("\x7F"
                              "ELF")
                  .empty());
  EXPECT_TRUE(needed_versions(std::string(4096, 'x')).empty());
}

// Damaged in its headers, where offsets and counts stand; the sanitizers judge.
TEST(Elf, survives_damaged_files)
{
  const std::string whole = *read_text(std::string(PAYLOAD_FOLDER) + "/coroner-payload");
  ASSERT_FALSE(needed_versions(whole).empty());
  std::mt19937 random(5);
  constexpr std::size_t header_bytes = 64;
  for (int round = 0; round < 300; ++round) {
    std::string file = whole;
    for (unsigned changes = 1 + random() % 40; changes > 0; --changes) {
      const bool is_at_the_end = random() % 2 == 0;  // where the section headers are
      const std::size_t place =
          is_at_the_end ? file.size() - 1 - random() % 2048 : random() % header_bytes;
      file[place] = static_cast<char>(random());
    }
    if (round % 3 == 0) file.resize(random() % file.size());
    needed_versions(file);
  }
}

}  // namespace
}  // namespace coroner::payload
