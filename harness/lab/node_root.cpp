// SPDX-License-Identifier: Apache-2.0
// Mounts of one node. Every mount lies in the cell's private namespace and ends with it.
#include "harness/lab/node_root.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using base::error;
using base::ErrorKind;
using base::Result;

Result<void> mount_at(const std::string& source, const fs::path& target, const char* type,
                      unsigned long flags, const std::string& options = {})
{
  TRY(base::make_directories(target));
  if (::mount(source.c_str(), target.c_str(), type, flags,
              options.empty() ? nullptr : options.c_str()) == 0)
    return {};
  return tl::unexpected(base::file_error(fmt::format("mount {} at", source), target, errno));
}

Result<void> bind_at(const fs::path& from, const fs::path& to, bool is_read_only)
{
  std::error_code code;
  if (fs::is_directory(from, code)) {
    TRY(base::make_directories(to));
  } else if (!fs::exists(to, code)) {
    TRY(base::make_directories(to.parent_path()));
    TRY(base::write_file(to, ""));
  }
  if (::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    return tl::unexpected(base::file_error(fmt::format("bind {} to", from.string()), to, errno));
  if (!is_read_only) return {};
  if (::mount(nullptr, to.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0)
    return tl::unexpected(base::file_error("make read-only", to, errno));
  return {};
}

/// /usr of the machine with a writable layer of the cell's own; links like /bin as the machine has
/// them.
Result<void> mount_system(const fs::path& root, const fs::path& state)
{
  const auto upper = state / "usr" / "upper";
  const auto work = state / "usr" / "work";
  TRY(base::make_directories(upper));
  TRY(base::make_directories(work));
  TRY(mount_at("overlay", root / "usr", "overlay", 0,
               fmt::format("lowerdir=/usr,upperdir={},workdir={}", upper.string(), work.string())));
  for (const std::string name : {"bin", "sbin", "lib", "lib32", "lib64"}) {
    std::error_code code;
    const fs::path own = fs::path("/") / name;
    if (fs::is_symlink(own, code))
      fs::create_symlink(fs::read_symlink(own, code), root / name, code);
    else if (fs::is_directory(own, code))
      TRY(bind_at(own, root / name, true));
  }
  return {};
}

/// cgroup v2 lets only a folder without processes of its own hand controllers on to the pods'
/// folders: init, and with it every service, moves into a leaf.
Result<void> mount_unified(const fs::path& top)
{
  TRY(mount_at("cgroup2", top, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC));
  TRY(base::make_directories(top / "init"));
  return base::write_in_place(top / "init" / "cgroup.procs", "0");
}

Result<void> mount_cgroups(const fs::path& root, const NodePlan& plan)
{
  const auto top = root / "sys" / "fs" / "cgroup";
  if (plan.is_cgroup_v2) return mount_unified(top);
  TRY(mount_at("cgroup", top, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=1m"));
  for (const auto& mount : plan.cgroup_mounts) {
    const auto hierarchy = fs::path(mount).filename().string();
    const auto options = hierarchy == "systemd" ? std::string("none,name=systemd") : hierarchy;
    TRY(mount_at("cgroup", top / hierarchy, "cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, options));
  }
  return {};
}

/// kubelet writes these machine-wide settings at start unless they already hold what it wants
/// (k8s.io/kubernetes v1.34.1, pkg/kubelet/cm/container_manager_linux.go, setupKernelTunables).
/// The cell shows it a copy, so that the machine's own stay as they are.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> shielded_settings = {
    {{"vm/overcommit_memory", "1"},
     {"vm/panic_on_oom", "0"},
     {"kernel/panic", "10"},
     {"kernel/panic_on_oops", "1"},
     {"kernel/keys/root_maxkeys", "1000000"},
     {"kernel/keys/root_maxbytes", "25000000"}}};

Result<void> shield_kernel_settings(const fs::path& root)
{
  const auto copies = root / "run" / "kernel-settings";
  TRY(base::make_directories(copies));
  for (const auto& [setting, value] : shielded_settings) {
    const auto target = root / "proc" / "sys" / setting;
    std::error_code code;
    if (!fs::exists(target, code)) continue;
    const auto copy = copies / target.filename();
    TRY(base::write_file(copy, std::string(value) + "\n"));
    if (::mount(copy.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0)
      return tl::unexpected(base::file_error("shield", target, errno));
  }
  return {};
}

struct StandardNode {
  const char* path;
  unsigned major;
  unsigned minor;
};

/// Numbers from the kernel's Documentation/admin-guide/devices.txt.
constexpr std::array<StandardNode, 8> standard_nodes = {{{"null", 1, 3},
                                                         {"zero", 1, 5},
                                                         {"full", 1, 7},
                                                         {"random", 1, 8},
                                                         {"urandom", 1, 9},
                                                         {"kmsg", 1, 11},
                                                         {"tty", 5, 0},
                                                         {"fuse", 10, 229}}};

Result<void> make_node(const fs::path& path, unsigned major, unsigned minor, unsigned mode)
{
  TRY(base::make_directories(path.parent_path()));
  if (::mknod(path.c_str(), S_IFCHR | mode, makedev(major, minor)) != 0 && errno != EEXIST)
    return tl::unexpected(base::file_error("make the device node", path, errno));
  ::chmod(path.c_str(), mode);
  return {};
}

/// A /dev of its own: a node made in the machine's would be seen by every cell.
Result<void> mount_devices(const fs::path& root)
{
  const auto dev = root / "dev";
  TRY(mount_at("tmpfs", dev, "tmpfs", MS_NOSUID, "mode=755,size=16m"));
  for (const auto& node : standard_nodes)
    TRY(make_node(dev / node.path, node.major, node.minor, 0666));
  TRY(mount_at("devpts", dev / "pts", "devpts", MS_NOSUID | MS_NOEXEC,
               "newinstance,ptmxmode=0666,mode=620"));
  TRY(mount_at("tmpfs", dev / "shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m"));
  TRY(mount_at("mqueue", dev / "mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC));
  constexpr std::array<std::pair<const char*, const char*>, 5> links = {{{"ptmx", "pts/ptmx"},
                                                                         {"fd", "/proc/self/fd"},
                                                                         {"stdin", "fd/0"},
                                                                         {"stdout", "fd/1"},
                                                                         {"stderr", "fd/2"}}};
  for (const auto& [name, target] : links)
    if (::symlink(target, (dev / name).c_str()) != 0)
      return tl::unexpected(base::file_error("link", dev / name, errno));
  return {};
}

/// What programs of /usr need from /etc; everything else of the machine's /etc stays outside.
Result<void> copy_etc(const fs::path& root)
{
  const auto etc = root / "etc";
  TRY(base::make_directories(etc));
  std::error_code code;
  for (const std::string name :
       {"passwd", "group", "nsswitch.conf", "protocols", "services", "ld.so.cache", "ld.so.conf"})
    if (fs::exists("/etc/" + name, code)) TRY(base::copy_file("/etc/" + name, etc / name));
  fs::copy("/etc/ld.so.conf.d", etc / "ld.so.conf.d", fs::copy_options::recursive, code);
  return {};
}

Result<void> change_root(const fs::path& root)
{
  const auto old = root / ".outside";
  TRY(base::make_directories(old));
  if (::syscall(SYS_pivot_root, root.c_str(), old.c_str()) != 0)
    return tl::unexpected(base::file_error("change the root to", root, errno));
  if (::chdir("/") != 0 || ::umount2("/.outside", MNT_DETACH) != 0)
    return tl::unexpected(base::file_error("leave", "/.outside", errno));
  ::rmdir("/.outside");
  return {};
}

Result<void> link_each(const cell::NodeFile& file)
{
  TRY(base::make_directories(file.path));
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(file.links_into, code))
    fs::create_symlink(entry.path(), fs::path(file.path) / entry.path().filename(), code);
  if (code)
    return tl::unexpected(base::file_error("link the files of", file.links_into, code.value()));
  return {};
}

Result<void> write_node_file(const cell::NodeFile& file)
{
  TRY(base::make_directories(fs::path(file.path).parent_path()));
  if (!file.links_into.empty()) return link_each(file);
  if (!file.link.empty()) {
    ::unlink(file.path.c_str());
    if (::symlink(file.link.c_str(), file.path.c_str()) != 0)
      return tl::unexpected(base::file_error("link", file.path, errno));
    return {};
  }
  if (file.binary.empty()) return base::write_file(file.path, file.text, file.mode);
  TRY(base::copy_file(file.binary, file.path));
  ::chmod(file.path.c_str(), file.mode);
  return {};
}

/// Hides what this distro does not have although the machine has it.
void hide(const NodePlan& plan)
{
  std::error_code code;
  for (const std::string folder : {"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64",
                                   "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"}) {
    std::vector<fs::path> doomed;
    for (const auto& entry : fs::directory_iterator(folder, code))
      for (const auto& prefix : plan.hidden)
        if (entry.path().filename().string().starts_with(prefix)) doomed.push_back(entry.path());
    for (const auto& path : doomed) (void)base::remove_tree(path);
  }
}

}  // namespace

Result<void> enter_node_root(const NodePlan& plan)
{
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return error(ErrorKind::internal, "cannot make the mounts of the cell private");
  const fs::path state = plan.state_directory;
  const auto root = state / "root";
  TRY(mount_at("tmpfs", root, "tmpfs", 0, "mode=755,size=512m"));
  TRY(mount_system(root, state));
  TRY(copy_etc(root));
  TRY(base::make_directories(state / "var"));
  TRY(bind_at(state / "var", root / "var", false));
  TRY(mount_at("proc", root / "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC));
  TRY(mount_at("sysfs", root / "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC));
  TRY(mount_cgroups(root, plan));
  TRY(mount_devices(root));
  TRY(mount_at("tmpfs", root / "run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"));
  TRY(mount_at("tmpfs", root / "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"));
  TRY(shield_kernel_settings(root));
  TRY(base::make_directories(root / "root"));
  for (const auto& bind : plan.binds)
    TRY(bind_at(bind.from, root / fs::path(bind.to).relative_path(), bind.is_read_only));
  return change_root(root);
}

Result<void> write_node_files(const NodePlan& plan)
{
  hide(plan);
  for (const auto& device : plan.devices)
    TRY(make_node(device.path, device.major, device.minor, device.mode));
  for (const auto& file : plan.files) {
    auto written = write_node_file(file);
    if (!written)
      return base::pass_on(std::move(written).error(),
                           "while writing " + file.path + " of the node");
  }
  return {};
}

}  // namespace coroner::lab
