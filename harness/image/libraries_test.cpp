// SPDX-License-Identifier: Apache-2.0
// Libraries of real programs of this machine, the loader's list, and damaged ELF files.
#include "harness/image/libraries.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"

namespace coroner::image {
namespace {

using base::Deadline;
using base::ErrorKind;
using testing::Contains;
using testing::IsEmpty;
using namespace std::chrono_literals;

std::vector<std::string> names_of(const std::filesystem::path& file)
{
  const auto found = libraries_of(file, Deadline::in(60s));
  EXPECT_TRUE(found) << found.error().text();
  std::vector<std::string> names;
  for (const auto& library : found.value_or(std::vector<Library>{})) {
    names.push_back(library.name);
    EXPECT_TRUE(std::filesystem::is_regular_file(library.path)) << library.path;
  }
  return names;
}

TEST(Libraries, a_dynamic_program_needs_its_libraries_and_the_loader)
{
  const auto names = names_of("/proc/self/exe");
  EXPECT_THAT(names, Contains("libstdc++.so.6"));
  EXPECT_THAT(names, Contains("libc.so.6"));
  EXPECT_THAT(names, Contains(testing::StartsWith("ld-linux")));
  EXPECT_THAT(names, Not(Contains(testing::HasSubstr("vdso"))));
}

TEST(Libraries, a_library_needs_libraries_too)
{
  const auto all = libraries_of("/proc/self/exe", Deadline::in(60s)).value();
  for (const auto& library : all) {
    if (library.name != "libstdc++.so.6") continue;
    EXPECT_THAT(names_of(library.path), Contains("libc.so.6"));
  }
}

TEST(Libraries, a_library_that_can_be_started_needs_its_loader_alone)
{
  const auto all = libraries_of("/proc/self/exe", Deadline::in(60s)).value();
  for (const auto& library : all) {
    if (library.name != "libc.so.6") continue;
    EXPECT_THAT(names_of(library.path), testing::ElementsAre(testing::StartsWith("ld-linux")));
  }
}

TEST(Libraries, scripts_and_text_need_none)
{
  EXPECT_THAT(names_of("/etc/passwd"), IsEmpty());
}

TEST(Libraries, a_missing_file_is_not_found)
{
  EXPECT_EQ(libraries_of("/nowhere", Deadline::in(60s)).error().kind, ErrorKind::not_found);
}

TEST(LibraryList, each_form_of_a_line_is_understood)
{
  const auto list = parse_library_list(
      "\tlinux-vdso.so.1 (0x00007f453d2b2000)\n"
      "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f453d0bf000)\n"
      "\todd name.so => /a b/odd name.so (0x1)\n"
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f453d2b4000)\n");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 3U);
  EXPECT_EQ((*list)[0].name, "libc.so.6");
  EXPECT_EQ((*list)[0].path, "/lib/x86_64-linux-gnu/libc.so.6");
  EXPECT_EQ((*list)[1].path, "/a b/odd name.so");
  EXPECT_EQ((*list)[2].name, "ld-linux-x86-64.so.2");
  EXPECT_THAT(parse_library_list("\tstatically linked\n").value(), IsEmpty());
}

TEST(LibraryList, a_missing_library_is_named)
{
  const auto list = parse_library_list("\tlibcuda.so.1 => not found\n");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, ErrorKind::not_found);
  EXPECT_THAT(list.error().what, testing::HasSubstr("libcuda.so.1"));
}

/// linkage_of bytes in memory.
base::Result<Linkage> linkage_in(std::string_view bytes)
{
  return linkage_of([bytes](std::uint64_t offset, std::size_t count) -> base::Result<std::string> {
    return std::string(bytes.substr(std::min<std::uint64_t>(offset, bytes.size()), count));
  });
}

std::string own_bytes()
{
  return base::read_file("/proc/self/exe", 1U << 30U).value();
}

TEST(Linkage, this_program_is_dynamic_and_names_its_loader)
{
  const auto linkage = linkage_in(own_bytes());
  ASSERT_TRUE(linkage);
  EXPECT_TRUE(linkage->is_dynamic);
  EXPECT_TRUE(std::filesystem::exists(linkage->interpreter)) << linkage->interpreter;
}

TEST(Linkage, what_is_no_elf_file_is_not_linked)
{
  for (const std::string_view text : {"", "#!/bin/sh\n",
                                      "\x7f"
                                      "EL"}) {
    const auto linkage = linkage_in(text);
    ASSERT_TRUE(linkage);
    EXPECT_FALSE(linkage->is_dynamic);
  }
}

TEST(Linkage, a_damaged_file_is_refused_or_read_within_its_bytes)
{
  constexpr std::size_t interesting_bytes = 1024;
  const auto whole = own_bytes().substr(0, interesting_bytes);
  for (std::size_t size = 4; size < 200; ++size) (void)linkage_in(whole.substr(0, size));
  EXPECT_FALSE(linkage_in(whole.substr(0, 40)));
  std::mt19937 random(20'260'102);
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = whole;
    for (int change = 0; change < 4; ++change)
      damaged[4 + random() % 300] = static_cast<char>(random());
    const auto linkage = linkage_in(damaged);
    if (!linkage) ++refused;
    EXPECT_LE(linkage.value_or(Linkage{}).interpreter.size(), damaged.size());
  }
  EXPECT_GT(refused, 0U);
}

}  // namespace
}  // namespace coroner::image
