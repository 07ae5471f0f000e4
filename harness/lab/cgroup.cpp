// SPDX-License-Identifier: Apache-2.0
// Folders below the machine's cgroup mounts, made and removed for one cell.
#include "harness/lab/cgroup.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using base::error;
using base::ErrorKind;
using base::Result;

Result<void> make_folder(const std::string& folder)
{
  if (::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST) return {};
  return tl::unexpected(base::file_error("create the cgroup", folder, errno));
}

/// cpuset of v1 takes no process before its cpus and mems are written.
Result<void> inherit_cpuset(const std::string& mount, const std::string& folder)
{
  for (const std::string file : {"/cpuset.cpus", "/cpuset.mems"}) {
    const auto value = base::read_file(mount + file);
    if (!value) continue;
    TRY(base::write_in_place(folder + file, base::trim(*value)));
  }
  return {};
}

Result<void> check_delegation(const std::string& mount)
{
  TRY_ASSIGN(text, base::read_file(mount + "/cgroup.subtree_control"));
  std::set<std::string> given;
  for (const auto& controller : base::split(base::trim(text), ' ')) given.insert(controller);
  for (const std::string needed : {"cpu", "memory", "pids"}) {
    if (given.contains(needed)) continue;
    return base::error_with_hint(
        ErrorKind::invalid,
        fmt::format("the cgroup controller '{}' is not delegated below {}", needed, mount),
        fmt::format("echo '+cpu +cpuset +memory +pids +io' > {}/cgroup.subtree_control", mount));
  }
  return {};
}

/// Ends what still runs in `folder` or below: the cell's own processes, whoever started them.
void end_processes(const fs::path& folder)
{
  const auto processes = base::read_file(folder / "cgroup.procs");
  for (const auto& line : base::split(processes.value_or(""), '\n'))
    if (const auto pid = std::strtol(line.c_str(), nullptr, 10); pid > 1)
      ::kill(static_cast<pid_t>(pid), SIGKILL);
}

/// Removes the folders below `folder`, then itself; false while something still lives there.
bool remove_once(const fs::path& folder)
{
  std::error_code code;
  bool all = true;
  end_processes(folder);
  for (const auto& entry : fs::directory_iterator(folder, code))
    if (entry.is_directory(code)) all = remove_once(entry.path()) && all;
  return (::rmdir(folder.c_str()) == 0 || errno == ENOENT) && all;
}

}  // namespace

Result<CgroupLayout> read_cgroup_layout()
{
  TRY_ASSIGN(text, base::read_file("/proc/self/mountinfo"));
  CgroupLayout layout;
  std::string unified;
  for (const auto& line : base::split(text, '\n')) {
    const auto dash = line.find(" - ");
    const auto fields = base::split(line, ' ');
    constexpr std::size_t mount_point = 4;
    if (dash == std::string::npos || fields.size() <= mount_point) continue;
    const auto type = base::split(line.substr(dash + 3), ' ').front();
    if (type == "cgroup") layout.mounts.push_back(fields[mount_point]);
    if (type == "cgroup2" && unified.empty()) unified = fields[mount_point];
  }
  if (!layout.mounts.empty()) return layout;
  if (unified.empty())
    return error(ErrorKind::invalid, "no cgroup file system is mounted below /sys/fs/cgroup");
  return CgroupLayout{true, {unified}};
}

Result<std::vector<std::string>> make_cgroups(const CgroupLayout& layout, const std::string& folder)
{
  std::vector<std::string> made;
  for (const auto& mount : layout.mounts) {
    if (layout.is_v2) TRY(check_delegation(mount));
    const auto path = mount + "/" + folder;
    TRY(make_folder(path));
    if (!layout.is_v2) TRY(inherit_cpuset(mount, path));
    made.push_back(path);
  }
  return made;
}

Result<void> remove_cgroups(const std::vector<std::string>& folders, const base::Deadline& deadline)
{
  using namespace std::chrono_literals;
  return base::poll_until(
      [&folders]() -> Result<bool> {
        bool all = true;
        for (const auto& folder : folders) all = remove_once(folder) && all;
        return all;
      },
      "the removal of the cell's cgroups", 20ms, deadline);
}

std::vector<std::string> existing_cgroups(const CgroupLayout& layout, const std::string& folder)
{
  std::vector<std::string> found;
  for (const auto& mount : layout.mounts)
    if (const auto path = mount + "/" + folder; ::access(path.c_str(), F_OK) == 0)
      found.push_back(path);
  return found;
}

}  // namespace coroner::lab
