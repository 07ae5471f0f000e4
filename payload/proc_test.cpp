// SPDX-License-Identifier: Apache-2.0
#include "payload/proc.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coroner::payload {
namespace {

TEST(Mountinfo, a_line_is_read_whatever_optional_fields_it_has)
{
  for (const char* optional : {"", "shared:1 ", "shared:1 master:2 unbindable "}) {
    const auto mount =
        parse_mount("36 35 98:0 /nix/store/x\\040y /run/opengl\\134driver ro,relatime " +
                    std::string(optional) + "- ext4 /dev/root rw");
    ASSERT_TRUE(mount) << optional;
    EXPECT_EQ(mount->root, "/nix/store/x y");
    EXPECT_EQ(mount->point, "/run/opengl\\driver");
    EXPECT_EQ(mount->options, "ro,relatime");
    EXPECT_EQ(mount->type, "ext4");
    EXPECT_EQ(mount->source, "/dev/root");
  }
}

TEST(Mountinfo, what_is_no_such_line_is_passed_over)
{
  for (const char* line : {"", "-", "1 2 3:4 / / rw", "1 2 3:4 / / rw - ext4", "1 2 3:4 / / rw -",
                           "a b c d e f g h i"}) {
    EXPECT_FALSE(parse_mount(line)) << line;
  }
}

TEST(Mountinfo, an_escape_that_is_none_stays_as_it_is)
{
  EXPECT_EQ(parse_mount("1 2 3:4 / \\04 rw - t s o")->point, "\\04");
  EXPECT_EQ(parse_mount("1 2 3:4 / \\488 rw - t s o")->point, "\\488");
  EXPECT_EQ(parse_mount("1 2 3:4 / \\777 rw - t s o")->point, "\\777");
}

TEST(Modules, a_line_is_read)
{
  const auto module = parse_module("nvidia 56713216 2 nvidia_uvm,nvidia_modeset, Live 0x0 (POE)");
  ASSERT_TRUE(module);
  EXPECT_EQ(module->name, "nvidia");
  EXPECT_EQ(module->bytes, 56713216U);
  EXPECT_EQ(module->uses, 2);
  EXPECT_EQ(module->state, "Live");
  EXPECT_FALSE(parse_module("nvidia 1x 2 - Live"));
  EXPECT_FALSE(parse_module("nvidia 1 2 -"));
  EXPECT_FALSE(parse_module("nvidia 99999999999999999999 2 - Live 0x0"));
}

TEST(Cgroups, the_version_is_told_by_the_lines)
{
  const Cgroup unified = parse_cgroup("0::/kubepods/pod1\n");
  EXPECT_EQ(unified.version, "v2");
  EXPECT_EQ(unified.path, "/kubepods/pod1");
  const Cgroup old = parse_cgroup("12:cpu,cpuacct:/a\n3:memory:/b:c\n1:name=systemd:/d\n");
  EXPECT_EQ(old.version, "v1");
  EXPECT_EQ(old.path, "/b:c");
  EXPECT_EQ(parse_cgroup("4:devices:/a\n0::/b\n").version, "hybrid");
  EXPECT_EQ(parse_cgroup("4:devices:/a\n0::/b\n").path, "/a");
  EXPECT_EQ(parse_cgroup("nonsense").version, "");
}

TEST(Fields, a_name_is_matched_whole)
{
  constexpr const char* status =
      "Name:\tx\nNoNewPrivs:\t1\nCapEffX:\t3\nCapEff:\t00ff\nMem: 2 kB\n";
  EXPECT_EQ(field_of(status, "CapEff"), "00ff");
  EXPECT_EQ(field_of(status, "Cap"), "");
  EXPECT_EQ(kibibyte_field(status, "Mem"), 2048U);
  EXPECT_FALSE(kibibyte_field(status, "CapEff"));
  EXPECT_FALSE(kibibyte_field("Mem: 18446744073709551615 kB", "Mem"));
}

TEST(DriverVersionText, both_flavours_are_told_apart)
{
  const auto open = parse_driver_version(
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build\nGCC "
      "13.2");
  EXPECT_EQ(open.flavour, "open");
  EXPECT_EQ(open.version, "580.159.04");
  const auto closed = parse_driver_version(
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023");
  EXPECT_EQ(closed.flavour, "proprietary");
  EXPECT_EQ(closed.version, "535.129.03");
  EXPECT_EQ(parse_driver_version("hello 1").flavour, "unknown");
  EXPECT_EQ(parse_driver_version("hello 1").version, "");
}

TEST(SimulatedDriver, only_the_domain_name_of_one_is_taken_for_one)
{
  EXPECT_EQ(simulated_driver_version("nvidia-570.211.01.simulated"), "570.211.01");
  for (const char* name : {"", "(none)", "nvidia-.simulated", "nvidia-570", "cluster.local"}) {
    EXPECT_EQ(simulated_driver_version(name), "") << name;
  }
}

TEST(ResolverText, servers_search_and_options_are_read)
{
  const auto found = parse_resolver(
      "# c\nsearch a.svc b.local\nnameserver 10.96.0.10\r\nnameserver fd00::a\noptions ndots:5 "
      "edns0\n");
  EXPECT_THAT(found.servers, testing::ElementsAre("10.96.0.10", "fd00::a"));
  EXPECT_THAT(found.search, testing::ElementsAre("a.svc", "b.local"));
  EXPECT_EQ(found.options, "ndots:5 edns0");
}

// Every parser on texts that are nearly right; the sanitizers judge.
TEST(Parsers, survive_changed_and_cut_texts)
{
  const std::string seeds[] = {
      "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n",
      "nvidia_uvm 1884160 0 - Live 0x0000000000000000 (OE)\n",
      "12:cpu,cpuacct:/a\n0::/b\n",
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build\n",
      "nvidia-570.211.01.simulated",
      "search a b\nnameserver 1.2.3.4\noptions ndots:5\n"};
  std::mt19937 random(4);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seeds[random() % std::size(seeds)];
    for (unsigned changes = random() % 8; changes > 0; --changes) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    text.resize(random() % (text.size() + 1));
    parse_mount(text);
    parse_module(text);
    parse_cgroup(text);
    field_of(text, "a");
    kibibyte_field(text, "a");
    EXPECT_LE(parse_driver_version(text).version.size(), text.size());
    EXPECT_LE(simulated_driver_version(text).size(), text.size());
    parse_resolver(text);
  }
}

}  // namespace
}  // namespace coroner::payload
