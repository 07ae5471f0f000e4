// SPDX-License-Identifier: Apache-2.0
// The tables of places on a node, and the files in them.
#include "harness/collect/host.h"

#include <algorithm>
#include <array>
#include <set>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "harness/base/text.h"
#include "harness/collect/host_recorder.h"
#include "harness/evidence/host_places.h"

namespace coroner::collect {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;
namespace places = evidence::host_places;

/// Configuration as the projects document their places: containerd 2.1, k3s and RKE2 1.34,
/// MicroK8s 1.34, k0s 1.34, Talos 1.9, NVIDIA Container Toolkit 1.17, GPU Operator 25.3.
constexpr auto files = std::to_array<const char*>({
    "/etc/os-release",
    "/etc/containerd/config.toml",
    "/etc/cri/containerd.toml",
    "/etc/k0s/containerd.toml",
    "/var/lib/rancher/k3s/agent/etc/containerd/config.toml",
    "/var/lib/rancher/k3s/agent/etc/containerd/config.toml.tmpl",
    "/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.tmpl",
    "/var/lib/rancher/rke2/agent/etc/containerd/config.toml",
    "/var/lib/rancher/rke2/agent/etc/containerd/config.toml.tmpl",
    "/var/snap/microk8s/current/args/containerd.toml",
    "/var/snap/microk8s/current/args/containerd-template.toml",
    "/etc/rancher/k3s/config.yaml",
    "/etc/rancher/k3s/registries.yaml",
    "/etc/rancher/rke2/config.yaml",
    "/etc/docker/daemon.json",
    "/etc/nvidia-container-runtime/config.toml",
    "/usr/local/nvidia/toolkit/.config/nvidia-container-runtime/config.toml",
    "/etc/ld.so.conf",
    "/proc/driver/nvidia/version",
    "/proc/driver/nvidia/params",
    "/proc/cmdline",
});

struct Folder {
  const char* place;
  const char* ending;
  const char* other_ending = "";
};

constexpr auto folders = std::to_array<Folder>({
    {"/etc/containerd/conf.d", ".toml"},
    {"/etc/cri/conf.d", ".toml", ".part"},
    {"/etc/k0s/containerd.d", ".toml"},
    {"/var/lib/rancher/k3s/agent/etc/containerd/config.toml.d", ".toml"},
    {"/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.d", ".toml"},
    {"/etc/rancher/k3s/config.yaml.d", ".yaml"},
    {"/etc/rancher/rke2/config.yaml.d", ".yaml"},
    {"/etc/cdi", ".yaml", ".json"},
    {"/var/run/cdi", ".yaml", ".json"},
    {"/run/cdi", ".yaml", ".json"},
    {"/etc/ld.so.conf.d", ".conf"},
    {"/etc/modprobe.d", ".conf"},
});

constexpr auto device_folders =
    std::to_array<const char*>({"/dev", "/dev/dri", "/dev/nvidia-caps"});

/// Where distros, driver containers and clouds put the driver's libraries and tools.
constexpr auto library_folders = std::to_array<const char*>({
    "/run/opengl-driver/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
    "/usr/local/glibc/usr/lib",
    "/usr/lib/wsl/lib",
    "/home/kubernetes/bin/nvidia/lib64",
    "/run/nvidia/driver/usr/lib/x86_64-linux-gnu",
    "/run/nvidia/driver/usr/lib/aarch64-linux-gnu",
    "/run/nvidia/driver/usr/lib64",
    "/usr/bin",
    "/usr/local/bin",
    "/run/current-system/sw/bin",
    "/run/nvidia/driver/usr/bin",
});

constexpr auto library_starts = std::to_array<std::string_view>(
    {"libnvidia-", "libcuda.so", "libcudadebugger.so", "libnvcuvid.so", "libnvoptix.so",
     "nvidia-smi", "nvidia-container-", "nvidia-ctk", "nvidia-cdi-hook", "nvidia-persistenced"});

/// Most entries of a folder such as /dev or /usr/lib that are looked at.
constexpr std::size_t most_entries = 100'000;

bool starts_with_any(std::string_view name, std::span<const std::string_view> starts)
{
  return std::any_of(starts.begin(), starts.end(),
                     [name](auto start) { return name.starts_with(start); });
}

std::string name_of(const HostEntry& entry)
{
  return entry.path.substr(entry.path.rfind('/') + 1);
}

/// "/dev/nvidia0 c 195:0 0666"
std::string device_line(const HostTree& tree, const HostEntry& entry)
{
  struct stat status = {};
  const auto path = tree.root() / entry.path.substr(1);
  if (::stat(path.c_str(), &status) != 0) return entry.path + "\n";
  const char type = S_ISCHR(status.st_mode) ? 'c' : S_ISBLK(status.st_mode) ? 'b' : '-';
  return fmt::format("{} {} {}:{} {:04o}\n", entry.path, type, major(status.st_rdev),
                     minor(status.st_rdev), status.st_mode & 07777U);
}

Result<void> record_devices(HostRecorder& recorder)
{
  std::string lines;
  for (const auto* folder : device_folders) {
    const auto entries = recorder.tree().entries(folder, most_entries);
    if (!entries && entries.error().kind == ErrorKind::not_found) continue;
    if (!entries) return recorder.missing(std::string(places::devices), entries.error().what);
    const bool is_whole = std::string_view(folder) != "/dev";
    for (const auto& entry : *entries)
      if (is_whole || name_of(entry).starts_with("nvidia"))
        lines += device_line(recorder.tree(), entry);
  }
  return recorder.found(std::string(places::devices), lines);
}

Result<void> record_driver_root(HostRecorder& recorder)
{
  std::string lines;
  std::set<fs::path> seen;  // /usr/lib64 is often a link to /usr/lib
  for (const auto* folder : library_folders) {
    const auto real = recorder.tree().real(folder);
    if (!real || !seen.insert(*real).second) continue;
    const auto entries = recorder.tree().entries(folder, most_entries);
    if (!entries && entries.error().kind == ErrorKind::denied)
      return recorder.missing(std::string(places::driver_root), entries.error().what);
    if (!entries) continue;
    for (const auto& entry : *entries) {
      if (!starts_with_any(name_of(entry), library_starts)) continue;
      const auto arrow = entry.target.empty() ? "" : " -> " + entry.target;
      lines += (entry.is_dangling ? "# leads nowhere: " : "") + entry.path + arrow + "\n";
    }
  }
  return recorder.found(std::string(places::driver_root), lines);
}

Result<void> record_validations(HostRecorder& recorder)
{
  const auto place = std::string(places::validations);
  const auto entries = recorder.tree().entries("/run/nvidia/validations", most_folder_files);
  if (!entries && entries.error().kind != ErrorKind::not_found)
    return recorder.missing(place, entries.error().what);
  std::string lines;
  if (entries)
    for (const auto& entry : *entries) lines += name_of(entry) + "\n";
  return recorder.found(place, lines);
}

/// The lines of the GPU's modules alone: the rest of the machine is nobody's business.
Result<void> record_modules(HostRecorder& recorder)
{
  const auto all = recorder.tree().read("/proc/modules");
  if (!all && all.error().kind != ErrorKind::not_found)
    return recorder.missing("/proc/modules", all.error().what);
  std::string lines;
  for (const auto& line : base::split(all.value_or(""), '\n'))
    if (line.starts_with("nvidia") || line.starts_with("nouveau") || line.starts_with("vfio"))
      lines += line + "\n";
  return recorder.found("/proc/modules", lines);
}

}  // namespace

Result<void> HostRecorder::found(const std::string& place, const std::string& content)
{
  if (!content.empty()) {
    TRY(writer_.host_file(request_.node, place, content));
    ++summary_.files;
  }
  return writer_.collected("host" + place, request_.node);
}

Result<void> HostRecorder::missing(const std::string& place, const std::string& reason)
{
  summary_.missing.push_back("host" + place + ": " + reason);
  return writer_.not_collected("host" + place, request_.node, reason);
}

Result<void> HostRecorder::file(const std::string& place)
{
  const auto content = tree_.read(place);
  if (content) return found(place, *content);
  if (content.error().kind == ErrorKind::not_found) return found(place, "");
  return missing(place, content.error().what);
}

Result<void> HostRecorder::folder(const std::string& place, const std::vector<std::string>& endings)
{
  const auto entries = tree_.entries(place, most_entries);
  if (!entries && entries.error().kind == ErrorKind::not_found) return found(place, "");
  if (!entries) return missing(place, entries.error().what);
  std::size_t count = 0;
  for (const auto& entry : *entries) {
    const bool is_wanted = std::any_of(endings.begin(), endings.end(), [&](const auto& ending) {
      return !ending.empty() && entry.path.ends_with(ending);
    });
    if (!is_wanted) continue;
    if (++count > most_folder_files)
      return missing(place, fmt::format("only {} of its files are read", most_folder_files));
    TRY(file(entry.path));
  }
  return found(place, "");
}

Result<HostSummary> record_host(evidence::Writer& writer, const HostRequest& request,
                                const base::Deadline& deadline, const std::stop_token& stop)
{
  std::error_code code;
  if (!fs::is_directory(request.root, code))
    return base::error(ErrorKind::invalid, "{} is no folder", request.root.string());
  TRY(evidence::host_path(request.node, "/etc/os-release"));
  if (request.logs.size() > most_named_logs)
    return base::error(ErrorKind::invalid, "{} logs are named, at most {} are read",
                       request.logs.size(), most_named_logs);
  for (const auto& log : request.logs)
    if (!log.starts_with('/'))
      return base::error(ErrorKind::invalid, "a log is named by its whole path, not by '{}'",
                         base::printable(log));
  HostRecorder recorder(writer, request);
  for (const auto* place : files) TRY(recorder.file(place));
  for (const auto& folder : folders)
    TRY(recorder.folder(folder.place, {folder.ending, folder.other_ending}));
  TRY(record_devices(recorder));
  TRY(record_driver_root(recorder));
  TRY(record_validations(recorder));
  TRY(record_modules(recorder));
  for (const auto record : {record_loaded, record_journal, record_kernel_log}) {
    TRY(record(recorder, deadline, stop));
    if (stop.stop_requested())
      return base::error(ErrorKind::timed_out, "interrupted while reading the node");
  }
  return std::move(recorder.summary());
}

}  // namespace coroner::collect
