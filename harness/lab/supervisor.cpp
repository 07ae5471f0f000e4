// SPDX-License-Identifier: Apache-2.0
// fork and exec of services, and the rule when they end.
#include "harness/lab/supervisor.h"

#include <csignal>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/lab/forward.h"
#include "harness/lab/init.h"

namespace coroner::lab {
namespace {

bool connects(int family, const sockaddr* address, socklen_t length)
{
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const bool is_open = ::connect(socket, address, length) == 0;
  ::close(socket);
  return is_open;
}

/// Whether a need ("socket:<path>", "port:<number>", "file:<path>") is met now.
bool is_met(const std::string& need)
{
  const auto colon = need.find(':');
  const auto value = need.substr(colon + 1);
  if (need.starts_with("file:")) return ::access(value.c_str(), F_OK) == 0;
  if (need.starts_with("socket:")) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, value.c_str(), sizeof address.sun_path - 1);
    return connects(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(value)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connects(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

/// In the child: never returns.
[[noreturn]] void become(const Service& service, const std::filesystem::path& log)
{
  sigset_t nothing;
  sigemptyset(&nothing);
  sigprocmask(SIG_SETMASK, &nothing, nullptr);
  ::setsid();
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (service.arguments.empty()) {  // the one service that is ours: the port of the machine
    forward_connections(listener_descriptor, api_server_port);
    ::_exit(1);
  }
  ::close(listener_descriptor);
  for (const auto& [name, value] : service.environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const auto& argument : service.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::dprintf(STDERR_FILENO, "cannot start %s: %s\n", arguments[0], std::strerror(errno));
  ::_exit(127);
}

std::string describe(int status)
{
  if (WIFSIGNALED(status))
    return fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

Supervisor::Supervisor(std::vector<Service> services, std::filesystem::path log_directory)
    : log_directory_(std::move(log_directory))
{
  for (auto& service : services) entries_.push_back({std::move(service), 0, 0, false, {}});
}

void Supervisor::start_what_can_start()
{
  for (auto& entry : entries_) {
    if (entry.pid != 0) continue;
    const auto& needs = entry.service.needs;
    if (std::all_of(needs.begin(), needs.end(), is_met)) start(entry);
  }
}

void Supervisor::start(Running& entry)
{
  const auto log = log_directory_ / (entry.service.name + ".log");
  const pid_t child = ::fork();
  if (child == 0) become(entry.service, log);
  if (child < 0) {
    failure_ = fmt::format("{} cannot be started: {}", entry.service.name, std::strerror(errno));
    return;
  }
  entry.pid = child;
  ++entry.starts;
}

namespace {

constexpr std::string_view full_disk_words = "no space left on device";

/// The last line of `log` that tells of a full disk, where `shown` has none; with its line end.
/// A Go program's panic prints its stack behind it, so that the last lines alone tell nothing.
std::string full_disk_line(std::string_view log, std::string_view shown)
{
  if (shown.find(full_disk_words) != std::string_view::npos) return "";
  const auto found = log.rfind(full_disk_words);
  if (found == std::string_view::npos) return "";
  const auto begin = log.rfind('\n', found) + 1;  // npos + 1 is the first line
  return fmt::format("{}\n", log.substr(begin, log.find('\n', found) - begin));
}

}  // namespace

void Supervisor::note_end(pid_t pid, int status)
{
  for (auto& entry : entries_) {
    if (entry.pid != pid) continue;
    entry.pid = 0;
    if (entry.is_restart_wanted) {
      entry.is_restart_wanted = false;
      return;
    }
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(entry.ends, [now](auto time) { return now - time > restart_window; });
    entry.ends.push_back(now);
    const bool is_boot = !has_started_all();
    if (!is_boot && entry.ends.size() <= most_restarts) return;
    constexpr std::size_t lines_shown = 6;
    const auto log = log_tail(entry.service.name);
    const auto shown = std::string(base::last_lines(log, lines_shown));
    failure_ =
        fmt::format("{} {}{}; the last lines of its log:\n{}{}", entry.service.name,
                    describe(status), is_boot ? " while the cell booted" : " again and again",
                    base::printable(full_disk_line(log, shown)), base::printable(shown));
    if (failure_.find(full_disk_words) == std::string::npos) failure_ += full_disk_of_another();
    return;
  }
}

std::string Supervisor::log_tail(const std::string& service) const
{
  constexpr std::size_t tail_bytes = 16U << 10U;
  return base::read_tail(log_directory_ / (service + ".log"), tail_bytes).value_or("");
}

std::string Supervisor::full_disk_of_another() const
{
  for (const auto& entry : entries_) {
    const auto line = full_disk_line(log_tail(entry.service.name), "");
    if (!line.empty())
      return fmt::format("\n{} had said: {}", entry.service.name,
                         base::printable(base::trim(line)));
  }
  return "";
}

void Supervisor::restart(const std::string& name)
{
  for (auto& entry : entries_) {
    if (entry.service.name != name || entry.pid == 0) continue;
    entry.is_restart_wanted = true;
    ::kill(entry.pid, SIGKILL);
  }
}

bool Supervisor::has_started_all() const
{
  return std::all_of(entries_.begin(), entries_.end(),
                     [](const Running& entry) { return entry.starts > 0; });
}

InitReport Supervisor::report() const
{
  InitReport report;
  for (const auto& entry : entries_) {
    report.pids[entry.service.name] = entry.pid;
    report.restarts[entry.service.name] = entry.starts > 0 ? entry.starts - 1 : 0;
  }
  report.failure = failure_;
  return report;
}

}  // namespace coroner::lab
