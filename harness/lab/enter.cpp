// SPDX-License-Identifier: Apache-2.0
// setns into a cell, by a process that starts for nothing else.
#include "harness/lab/enter.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/files.h"

namespace coroner::lab {
namespace {

constexpr std::array<const char*, 6> namespaces = {"cgroup", "ipc", "uts", "net", "pid", "mnt"};

[[noreturn]] void become(const std::vector<std::string>& arguments)
{
  ::setenv("PATH",
           "/opt/coroner/bin:/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/"
           "usr/bin:/sbin:/bin",
           1);
  ::setenv("HOME", "/root", 1);
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  std::fprintf(stderr, "cannot start %s inside the cell: %s\n", argv[0], std::strerror(errno));
  ::_exit(127);
}

}  // namespace

int enter_cell(const ProcessIdentity& init, const std::vector<std::string>& arguments)
{
  std::array<int, namespaces.size()> descriptors = {};
  for (std::size_t i = 0; i < namespaces.size(); ++i)
    descriptors.at(i) = ::open(fmt::format("/proc/{}/ns/{}", init.pid, namespaces.at(i)).c_str(),
                               O_RDONLY | O_CLOEXEC);
  if (!init.is_alive()) {
    std::fprintf(stderr, "the cell has ended\n");
    return 1;
  }
  for (const int descriptor : descriptors) {
    if (::setns(descriptor, 0) == 0) continue;
    std::fprintf(stderr, "cannot enter the cell: %s\n", std::strerror(errno));
    return 1;
  }
  if (::chdir("/") != 0) return 1;
  const pid_t child = ::fork();  // the pid namespace takes effect for children only
  if (child == 0) become(arguments);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

base::Result<std::string> run_in_cell(const State& state, const std::vector<std::string>& arguments,
                                      const base::Deadline& deadline)
{
  std::vector<std::string> all = {"/proc/self/exe",
                                  "lab",
                                  "enter-namespaces",
                                  std::to_string(state.init.pid),
                                  std::to_string(state.init.start_ticks),
                                  "--"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return base::output_of({.arguments = all}, deadline);
}

}  // namespace coroner::lab
