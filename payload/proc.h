// SPDX-License-Identifier: Apache-2.0
// Parsers of what the kernel shows below /proc, and of resolv.conf.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coroner::payload {

/// A line of /proc/self/mountinfo (proc_pid_mountinfo(5)), octal escapes undone.
struct Mount {
  std::string root;   // of the file system, that is mounted
  std::string point;  // where
  std::string options;
  std::string type;
  std::string source;
};
std::optional<Mount> parse_mount(std::string_view line);

/// A line of /proc/modules.
struct Module {
  std::string name;
  std::uint64_t bytes = 0;
  int uses = 0;
  std::string state;  // Live, Loading, Unloading
};
std::optional<Module> parse_module(std::string_view line);

/// /proc/self/cgroup.
struct Cgroup {
  std::string version;  // v1, v2, hybrid; empty where the text is none
  std::string path;     // of v2, else of the memory controller, else of the first line
};
Cgroup parse_cgroup(std::string_view text);

/// The value behind `name:` in a text like /proc/self/status or /proc/meminfo; empty where missing.
std::string_view field_of(std::string_view text, std::string_view name);

/// "MemTotal:  16 kB" in bytes.
std::optional<std::uint64_t> kibibyte_field(std::string_view text, std::string_view name);

/// The first line of /proc/driver/nvidia/version. The two forms, of NVIDIA's kernel modules:
/// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 …" and
/// "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build  …".
struct DriverVersion {
  std::string flavour;  // open, proprietary, unknown
  std::string version;  // empty where there is none
};
DriverVersion parse_driver_version(std::string_view text);

/// The version in a UTS domain name `nvidia-<version>.simulated`, by which a simulated GPU's driver
/// says that it is "loaded"; empty for any other name.
std::string_view simulated_driver_version(std::string_view domain_name);

struct Resolver {
  std::vector<std::string> servers;
  std::vector<std::string> search;
  std::string options;
};
Resolver parse_resolver(std::string_view text);

}  // namespace coroner::payload
