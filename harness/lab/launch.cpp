// SPDX-License-Identifier: Apache-2.0
// clone, and what the child does before it becomes init: system calls only.
#include "harness/lab/launch.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/lab/init.h"

namespace coroner::lab {
namespace {

using base::error;
using base::ErrorKind;
using base::Result;

/// What the child needs, gathered before clone: it must not allocate.
struct Child {
  std::vector<int> cgroup_files;
  int listener = -1;
  int log = -1;
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
};

[[noreturn]] void become_init(const Child& child)
{
  for (const int file : child.cgroup_files)
    if (::write(file, "0", 1) != 1) ::_exit(121);
  if (::unshare(CLONE_NEWCGROUP) != 0) ::_exit(122);
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(child.log, STDOUT_FILENO);
  ::dup2(child.log, STDERR_FILENO);
  ::dup2(child.listener, listener_descriptor);  // dup2 clears close-on-exec
  if (child.listener == listener_descriptor) ::fcntl(listener_descriptor, F_SETFD, 0);
  ::syscall(SYS_close_range, listener_descriptor + 1, ~0U, 0);
  ::execve(child.program, child.arguments, child.environment);
  ::_exit(123);
}

/// clone(2) as fork does, with new namespaces: the child runs on a copy of this stack.
pid_t clone_process(unsigned long flags)
{
  return static_cast<pid_t>(
      ::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

Result<std::vector<int>> open_cgroups(const std::vector<std::string>& folders)
{
  std::vector<int> files;
  for (const auto& folder : folders) {
    const auto path = folder + "/cgroup.procs";
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return tl::unexpected(base::file_error("open", path, errno));
    files.push_back(file);
  }
  return files;
}

}  // namespace

Result<Listener> Listener::open(int port)
{
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return error(ErrorKind::internal, "cannot open a socket: {}", std::strerror(errno));
  Listener listener(descriptor, port);
  const int yes = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr int backlog = 128;
  if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(descriptor, backlog) != 0)
    return base::error_with_hint(
        ErrorKind::invalid,
        fmt::format("port {} on 127.0.0.1 cannot be used: {}", port, std::strerror(errno)),
        "choose another with --port, or leave it out to take a free one");
  socklen_t length = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  listener.port_ = ntohs(address.sin_port);
  return listener;
}

Listener::~Listener()
{
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<ProcessIdentity> launch_init(const std::filesystem::path& cell_directory,
                                    const std::vector<std::string>& cgroups,
                                    const Listener& listener)
{
  const auto state = (cell_directory).string();
  std::error_code code;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", code).string();
  TRY_ASSIGN(cgroup_files, open_cgroups(cgroups));
  const auto log = (cell_directory / "node" / "log" / "init.log").string();
  std::vector<std::string> words = {program, "lab", "init", state};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> variables = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
  std::vector<char*> environment;
  for (auto& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  Child child{cgroup_files,
              listener.descriptor(),
              ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644),
              "/proc/self/exe",  // even when a build replaced the file meanwhile
              arguments.data(),
              environment.data()};
  const pid_t pid =
      clone_process(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC);
  if (pid == 0) become_init(child);
  const int why = errno;
  for (const int file : cgroup_files) ::close(file);
  ::close(child.log);
  if (pid > 0) return identify(pid);
  return base::error_with_hint(
      why == EPERM ? ErrorKind::denied : ErrorKind::internal,
      fmt::format("cannot make namespaces for the cell: {}", std::strerror(why)),
      why == EPERM ? "the lab needs root: run it with sudo" : "");
}

Result<void> end_cell(const ProcessIdentity& init, const base::Deadline& deadline)
{
  if (!init.is_alive()) return {};
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, init.pid, 0));
  if (handle < 0) return {};
  // The number could have passed to another process between the check and the handle.
  if (init.is_alive()) ::syscall(SYS_pidfd_send_signal, handle, SIGKILL, nullptr, 0);
  pollfd waiting = {handle, POLLIN, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(deadline.left().count()));
  ::close(handle);
  if (ready > 0) return {};
  return error(ErrorKind::timed_out, "the cell's first process (pid {}) did not end after SIGKILL",
               init.pid);
}

}  // namespace coroner::lab
