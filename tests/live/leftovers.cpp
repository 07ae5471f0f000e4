// SPDX-License-Identifier: Apache-2.0
// What the kernel and the disk still know of a cell.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include "tests/live/live.h"
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/lab/cgroup.h"
#include "harness/lab/state.h"

namespace coroner::live {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t proc_file_bytes = 1U << 20U;

std::string proc_text(pid_t pid, const std::string& file)
{
  return base::read_file(fmt::format("/proc/{}/{}", pid, file), proc_file_bytes).value_or("");
}

std::vector<pid_t> all_processes()
{
  std::vector<pid_t> pids;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator("/proc", code))
    if (const auto pid = std::atoi(entry.path().filename().c_str()); pid > 0) pids.push_back(pid);
  return pids;
}

std::set<std::string> namespaces_of(pid_t pid)
{
  std::set<std::string> found;
  std::error_code code;
  for (const char* kind : {"net", "mnt", "pid", "uts", "ipc", "cgroup"}) {
    const auto link = fs::read_symlink(fmt::format("/proc/{}/ns/{}", pid, kind), code);
    if (!code) found.insert(link.string());
  }
  return found;
}

unsigned long long now_ticks()
{
  timespec now = {};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<unsigned long long>(now.tv_sec * ::sysconf(_SC_CLK_TCK)) +
         static_cast<unsigned long long>(now.tv_nsec * ::sysconf(_SC_CLK_TCK) / 1'000'000'000);
}

/// Whether that is the cgroup folder of a cell of that name, in whichever cache.
bool is_folder_of(const std::string& folder, const std::string& name)
{
  const lab::Places anywhere;
  const auto like = anywhere.cgroup(name);
  const auto fixed = like.rfind('-') + 1;
  return folder.size() == like.size() && folder.starts_with(like.substr(0, fixed)) &&
         folder.find_first_not_of("0123456789abcdef", fixed) == std::string::npos;
}

/// Whether /proc/<pid>/cgroup places the process in the cell's folder or below it.
bool is_in_cell(const std::string& cgroups, const std::string& name)
{
  for (const auto& line : base::split(cgroups, '\n')) {
    const auto parts = base::split(line, '/');
    if (parts.size() > 1 && is_folder_of(parts[1], name)) return true;
  }
  return false;
}

std::string title(pid_t pid)
{
  auto words = proc_text(pid, "cmdline");
  std::replace(words.begin(), words.end(), '\0', ' ');
  return fmt::format("process {} ({})", pid, words.empty() ? proc_text(pid, "comm") : words);
}

void add_files(const std::string& name, std::vector<std::string>& left)
{
  const auto cells = places().cells();
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(cells, code)) {
    const auto file = entry.path().filename().string();
    const bool is_of_cell = file == name || file.starts_with(name + ".");
    if (is_of_cell) left.push_back("file " + entry.path().string());
  }
  const auto layout = lab::read_cgroup_layout();
  if (!layout) return;
  for (const auto& mount : layout->mounts)
    for (const auto& entry : fs::directory_iterator(mount, code))
      if (is_folder_of(entry.path().filename().string(), name))
        left.push_back("cgroup " + entry.path().string());
}

}  // namespace

std::vector<pid_t> processes_of(const std::string& name)
{
  std::vector<pid_t> found;
  for (const auto pid : all_processes())
    if (is_in_cell(proc_text(pid, "cgroup"), name)) found.push_back(pid);
  return found;
}

std::vector<pid_t> callers_of(const std::string& name)
{
  std::vector<pid_t> found;
  for (const auto pid : all_processes()) {
    const auto words = base::split(proc_text(pid, "cmdline"), '\0');
    const bool is_ours = !words.empty() && words.front() == program().string();
    if (is_ours && std::find(words.begin(), words.end(), name) != words.end()) found.push_back(pid);
  }
  return found;
}

Traces traces_of(const std::string& name)
{
  Traces traces{name, {}, now_ticks()};
  const auto own = namespaces_of(::getpid());
  for (const auto pid : processes_of(name))
    for (const auto& each : namespaces_of(pid))
      if (!own.contains(each)) traces.namespaces.insert(each);
  return traces;
}

namespace {

std::vector<std::string> look_for_leftovers(const Traces& traces)
{
  std::vector<std::string> left;
  for (const auto pid : all_processes()) {
    if (is_in_cell(proc_text(pid, "cgroup"), traces.name)) left.push_back(title(pid));
    // The kernel gives the number of a namespace that ended to the next one, of another cell maybe.
    const auto identity = lab::identify(pid);
    if (!identity || identity->start_ticks > traces.taken_ticks) continue;
    for (const auto& each : namespaces_of(pid))
      if (traces.namespaces.contains(each)) left.push_back(title(pid) + " in " + each);
  }
  const auto folder = "/cells/" + traces.name + "/";
  for (const auto& line :
       base::split(base::read_file("/proc/self/mountinfo", proc_file_bytes).value_or(""), '\n')) {
    const bool is_pinned =
        std::any_of(traces.namespaces.begin(), traces.namespaces.end(),
                    [&line](const auto& each) { return line.find(each) != std::string::npos; });
    if (is_pinned || line.find(folder) != std::string::npos) left.push_back("mount " + line);
  }
  add_files(traces.name, left);
  return left;
}

}  // namespace

std::vector<std::string> leftovers(const Traces& traces)
{
  std::vector<std::string> left;
  (void)base::poll_until(
      [&]() -> base::Result<bool> {
        left = look_for_leftovers(traces);
        return left.empty();
      },
      "nothing", 20ms, base::Deadline::in(2s));
  return left;
}

std::string machine_state()
{
  // Files that kubelet, kube-proxy or containerd would write if the cell did not keep them in.
  constexpr std::array<const char*, 9> settings = {"/proc/net/route",
                                                   "/proc/sys/vm/overcommit_memory",
                                                   "/proc/sys/vm/panic_on_oom",
                                                   "/proc/sys/kernel/panic",
                                                   "/proc/sys/kernel/panic_on_oops",
                                                   "/proc/sys/net/ipv4/ip_forward",
                                                   "/proc/sys/kernel/hostname",
                                                   "/proc/sys/kernel/domainname",
                                                   "/proc/self/mountinfo"};
  constexpr std::array<const char*, 15> paths = {"/var/lib/kubelet",
                                                 "/var/lib/cni",
                                                 "/var/lib/containerd",
                                                 "/var/lib/rancher",
                                                 "/var/log/pods",
                                                 "/etc/cni",
                                                 "/etc/cdi",
                                                 "/etc/kubernetes",
                                                 "/run/k3s",
                                                 "/run/containerd",
                                                 "/opt/containerd",
                                                 "/run/netns",
                                                 "/run/opengl-driver",
                                                 "/nix",
                                                 "/opt/coroner"};
  std::string state;
  for (const auto* setting : settings)
    state +=
        fmt::format("{}: {}\n", setting, base::read_file(setting, proc_file_bytes).value_or(""));
  std::error_code code;
  for (const auto* path : paths) state += fmt::format("{}: {}\n", path, fs::exists(path, code));
  std::set<std::string> links;
  for (const auto& entry : fs::directory_iterator("/sys/class/net", code))
    links.insert(entry.path().filename().string());
  for (const auto& entry : fs::directory_iterator("/dev", code))
    if (entry.path().filename().string().starts_with("nvidia")) links.insert(entry.path().string());
  for (const auto& link : links) state += link + "\n";
  return state;
}

}  // namespace coroner::live
