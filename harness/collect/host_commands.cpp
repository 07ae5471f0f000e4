// SPDX-License-Identifier: Apache-2.0
// What commands say on a node: the loaded configuration, the journal, the kernel's log.
#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/collect/host_recorder.h"
#include "harness/evidence/host_places.h"
#include "harness/evidence/json_text.h"
#include "harness/objects/object.h"

namespace coroner::collect {
namespace {

using base::ErrorKind;
using base::Finished;
using base::Result;
using nlohmann::json;
namespace fs = std::filesystem;
namespace places = evidence::host_places;

constexpr std::chrono::seconds longest_command{30};

/// Where the CRI of each distro listens: containerd, k3s and RKE2, MicroK8s, k0s.
constexpr auto sockets = std::to_array<const char*>({
    "/run/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/var/snap/microk8s/common/run/containerd.sock",
    "/run/k0s/containerd.sock",
});

/// Globs of systemd units whose journal is taken.
constexpr auto units = std::to_array<const char*>(
    {"containerd", "kubelet", "k3s*", "rke2*", "k0s*", "snap.microk8s*", "docker", "nvidia*"});

/// Logs of distros without systemd's journal.
constexpr auto log_files = std::to_array<const char*>(
    {"/var/log/k3s.log", "/var/log/containerd.log", "/var/log/kubelet.log"});

constexpr auto kernel_words = std::to_array<std::string_view>(
    {"nvrm", "xid", "nvidia", "nouveau", "oom", "out of memory", "pcie bus error", "aer:"});

Result<Finished> run_on_node(const HostRecorder& recorder, std::vector<std::string> arguments,
                             const base::Deadline& deadline, const std::stop_token& stop)
{
  const auto& request = recorder.request();
  const auto limit = deadline.at_most(longest_command);
  if (request.run) return request.run(arguments, limit, stop);
  if (request.root != "/") {
    // A tree without /proc is a copy of a node: what runs in it tells of this machine instead.
    std::error_code code;
    if (!fs::exists(request.root / "proc/self", code))
      return base::error(ErrorKind::not_found, "{} is not the root of a running system",
                         request.root.string());
    arguments.insert(arguments.begin(), {"chroot", request.root.string()});
  }
  return base::run({.arguments = std::move(arguments)}, limit, stop);
}

/// What a command printed, or why not in one sentence.
Result<std::string> said(const HostRecorder& recorder, const std::vector<std::string>& arguments,
                         const base::Deadline& deadline, const std::stop_token& stop)
{
  auto finished = run_on_node(recorder, arguments, deadline, stop);
  if (!finished) return tl::unexpected(std::move(finished).error());
  if (finished->exit_code == 0) return std::move(finished->output);
  constexpr std::size_t lines_shown = 2;
  const auto words = base::printable(base::last_lines(base::trim(finished->errors), lines_shown));
  return base::error(ErrorKind::denied, "{} ended with {}: {}{}", arguments.front(),
                     finished->exit_code, words, ::geteuid() == 0 ? "" : "; it may need root");
}

/// The running containerd of the node.
struct Daemon {
  std::string program = "containerd";  ///< As it was started: distros keep it out of PATH.
  std::string config = "/etc/containerd/config.toml";  ///< The file it was started with.
  std::chrono::sys_seconds started{};
};

/// Seconds since 1970 at which the machine started (proc(5), /proc/stat btime).
std::optional<long long> boot_seconds(const HostTree& tree)
{
  for (const auto& line : base::split(tree.read("/proc/stat").value_or(""), '\n'))
    if (line.starts_with("btime ")) return std::atoll(line.c_str() + sizeof "btime");
  return std::nullopt;
}

/// When a process started: field 22 of /proc/PID/stat, in clock ticks after boot.
std::optional<std::chrono::sys_seconds> start_of(const HostTree& tree, const std::string& process)
{
  const auto stat = tree.read(process + "/stat").value_or("");
  const auto after_name = stat.rfind(')');
  const auto boot = boot_seconds(tree);
  if (after_name == std::string::npos || !boot) return std::nullopt;
  constexpr std::size_t start_field = 20;  // counted from the blank after the name
  const auto fields = base::split(stat.substr(after_name + 1), ' ');
  if (fields.size() <= start_field) return std::nullopt;
  const auto ticks = std::atoll(fields[start_field].c_str());
  return std::chrono::sys_seconds(std::chrono::seconds(*boot + ticks / ::sysconf(_SC_CLK_TCK)));
}

std::optional<Daemon> find_daemon(const HostTree& tree)
{
  constexpr std::size_t most_processes = 100'000;
  const auto processes = tree.entries("/proc", most_processes);
  if (!processes) return std::nullopt;
  for (const auto& process : *processes) {
    if (base::trim(tree.read(process.path + "/comm").value_or("")) != "containerd") continue;
    const auto started = start_of(tree, process.path);
    if (!started) continue;
    Daemon daemon;
    daemon.started = *started;
    const auto words = base::split(tree.read(process.path + "/cmdline").value_or(""), '\0');
    if (words.front().starts_with('/')) daemon.program = words.front();
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool is_option = words[i] == "--config" || words[i] == "-c";
      if (is_option && i + 1 < words.size()) daemon.config = words[i + 1];
      if (words[i].starts_with("--config=")) daemon.config = words[i].substr(sizeof "--config");
    }
    return daemon;
  }
  return std::nullopt;
}

/// The kernel tells starts in seconds and rounds twice: a file written just before looks newer.
constexpr std::chrono::seconds clock_slack{2};

/// Whether a file, or the list of a folder's files, was changed after the daemon read it.
bool is_newer(const HostTree& tree, const std::string& place, const Daemon& daemon)
{
  const auto path = tree.real(place);
  struct stat status = {};
  if (!path || ::stat(path->c_str(), &status) != 0) return false;
  return std::chrono::sys_seconds(std::chrono::seconds(status.st_mtime)) >
         daemon.started + clock_slack;
}

/// The daemon's own answer, by the CRI.
Result<std::string> ask_daemon(const HostRecorder& recorder, const base::Deadline& deadline,
                               const std::stop_token& stop)
{
  base::Error last{ErrorKind::not_found, "no socket of containerd is there", {}, {}};
  for (const auto* socket : sockets) {
    if (!recorder.tree().real(socket)) continue;
    const auto endpoint = "--runtime-endpoint=unix://" + std::string(socket);
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"crictl", endpoint, "info"},
          {"k3s", "crictl", endpoint, "info"}}) {
      auto output = said(recorder, command, deadline, stop);
      if (!output) {
        last = std::move(output).error();
        continue;
      }
      return loaded_from_crictl(*output);
    }
  }
  return tl::unexpected(std::move(last));
}

std::string quoted(const std::string& text)
{
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Drops what is before the last `limit` bytes, at a line's start.
std::string end_of(std::string text, std::size_t limit)
{
  if (text.size() <= limit) return text;
  const auto line = text.find('\n', text.size() - limit);
  return text.substr(line == std::string::npos ? text.size() - limit : line + 1);
}

/// The ends of the log files that a person named: one that cannot be read is a mistake to be told.
Result<std::string> named_logs(const HostRecorder& recorder)
{
  const auto& named = recorder.request().logs;
  std::string all;
  for (const auto& place : named) {
    const auto path = recorder.tree().real(place);
    if (!path) return base::error(path.error().kind, "the log {}: {}", place, path.error().what);
    auto text = base::read_tail(*path, largest_journal_bytes / named.size());
    if (!text) return base::error(text.error().kind, "the log {}: {}", place, text.error().what);
    all += *text;
    if (!all.empty() && all.back() != '\n') all += '\n';
  }
  return all;
}

}  // namespace

Result<std::string> loaded_from_crictl(const std::string& output)
{
  TRY_ASSIGN(info, evidence::parse_json(output));
  const auto& containerd = objects::at(info, "/config/containerd");
  const auto& runtimes = objects::at(containerd, "/runtimes");
  if (!runtimes.is_object())
    return base::error(ErrorKind::invalid, "crictl info says nothing of containerd's runtimes");
  auto text = fmt::format(
      "# What `crictl info` says of the running containerd.\n[containerd]\n"
      "default_runtime_name = {}\n",
      quoted(objects::text_at(containerd, "/defaultRuntimeName")));
  if (objects::at(info, "/config/enableCDI").is_boolean())
    text += fmt::format("enable_cdi = {}\n", objects::flag_at(info, "/config/enableCDI", false));
  for (const auto& [name, runtime] : runtimes.items()) {
    text += fmt::format("[containerd.runtimes.{}]\n  runtime_type = {}\n", quoted(name),
                        quoted(objects::text_at(runtime, "/runtimeType")));
    const auto binary = objects::text_at(runtime, "/options/BinaryName");
    if (!binary.empty()) text += "  BinaryName = " + quoted(binary) + "\n";
  }
  return text;
}

Result<void> record_loaded(HostRecorder& recorder, const base::Deadline& deadline,
                           const std::stop_token& stop)
{
  const auto place = std::string(places::containerd_loaded);
  const auto loaded = ask_daemon(recorder, deadline, stop);
  if (loaded) return recorder.found(place, *loaded);
  // `config dump` reads the files again: it tells what is loaded only while they are unchanged.
  const auto daemon = find_daemon(recorder.tree());
  if (!daemon)
    return recorder.missing(place, loaded.error().what + "; no running containerd was found");
  for (const auto& changed : {daemon->config, std::string("/etc/containerd/conf.d")})
    if (is_newer(recorder.tree(), changed, *daemon))
      return recorder.missing(place, changed +
                                         " was changed after containerd started, and only crictl "
                                         "could tell what is loaded: " +
                                         loaded.error().what);
  const auto dumped = said(
      recorder, {daemon->program, "--config", daemon->config, "config", "dump"}, deadline, stop);
  if (dumped) return recorder.found(place, *dumped);
  return recorder.missing(place, loaded.error().what + "; " + dumped.error().what);
}

Result<void> record_journal(HostRecorder& recorder, const base::Deadline& deadline,
                            const std::stop_token& stop)
{
  const auto place = std::string(places::journal);
  std::vector<std::string> command = {"journalctl",         "--no-pager",   "--quiet",
                                      "--output=short-iso", "--since=-24h", "--lines=8000"};
  for (const auto* unit : units) command.push_back("--unit=" + std::string(unit));
  auto text = said(recorder, command, deadline, stop);
  TRY_ASSIGN(named, named_logs(recorder));
  // journalctl ends well where there is no journal at all: that tells nothing of the units.
  if (text && !text->empty())
    return recorder.found(place, end_of(std::move(*text), largest_journal_bytes) + named);
  auto logs = std::move(named);
  for (const auto* file : log_files) {
    const auto path = recorder.tree().real(file);
    if (path) logs += base::read_tail(*path, largest_journal_bytes / log_files.size()).value_or("");
  }
  if (!logs.empty()) return recorder.found(place, logs);
  return recorder.missing(place,
                          text ? "the journal holds nothing of these units" : text.error().what);
}

Result<void> record_kernel_log(HostRecorder& recorder, const base::Deadline& deadline,
                               const std::stop_token& stop)
{
  const auto place = std::string(places::kernel_log);
  auto text = said(recorder, {"dmesg"}, deadline, stop);
  const auto why = text ? std::string() : text.error().what;
  if (!text)
    text = said(
        recorder,
        {"journalctl", "--dmesg", "--no-pager", "--quiet", "--output=short-iso", "--since=-24h"},
        deadline, stop);
  if (!text) return recorder.missing(place, why + "; " + text.error().what);
  std::deque<std::string> kept;
  for (const auto& line : base::split(*text, '\n')) {
    auto lower = line;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    const bool is_telling =
        std::any_of(kernel_words.begin(), kernel_words.end(),
                    [&lower](auto word) { return lower.find(word) != std::string::npos; });
    if (!is_telling) continue;
    kept.push_back(line);
    if (kept.size() > most_kernel_lines) kept.pop_front();
  }
  std::string lines;
  for (const auto& line : kept) lines += line + "\n";
  return recorder.found(place, lines);
}

}  // namespace coroner::collect
