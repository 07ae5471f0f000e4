// SPDX-License-Identifier: Apache-2.0
// Pid 1 of a cell. When it ends, the kernel ends every process of the cell with it.
#include "harness/lab/init.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/lab/node_network.h"
#include "harness/lab/node_plan.h"
#include "harness/lab/node_root.h"
#include "harness/lab/supervisor.h"

namespace coroner::lab {
namespace {

using base::Result;

/// Where the node sees its own state folder (reports, control, logs).
constexpr const char* state_inside = "/opt/coroner/state";

Result<NodePlan> prepare_node(const std::filesystem::path& state_directory)
{
  TRY_ASSIGN(text, base::read_file(state_directory / "plan.json"));
  TRY_ASSIGN(plan, node_plan_from_json(text));
  TRY(enter_node_root(plan));
  if (::sethostname(plan.name.data(), plan.name.size()) != 0 ||
      ::setdomainname(plan.domain_name.data(), plan.domain_name.size()) != 0)
    return base::error(base::ErrorKind::internal, "cannot set the host name of the cell");
  TRY(write_node_files(plan));
  TRY(bring_up_network(plan.node_address));
  for (const auto& arguments : plan.prepare) {
    const auto done =
        base::output_of({.arguments = arguments}, base::Deadline::in(std::chrono::seconds(30)));
    if (!done) return tl::unexpected(done.error());
  }
  return plan;
}

void reap(Supervisor& supervisor)
{
  int status = 0;
  for (pid_t ended = ::waitpid(-1, &status, WNOHANG); ended > 0;
       ended = ::waitpid(-1, &status, WNOHANG))
    supervisor.note_end(ended, status);
}

void obey(int control, Supervisor& supervisor)
{
  std::array<char, 4096> buffer = {};
  const auto got = ::read(control, buffer.data(), buffer.size());
  if (got <= 0) return;
  for (const auto& line : base::split({buffer.data(), static_cast<std::size_t>(got)}, '\n')) {
    constexpr std::string_view restart = "restart ";
    if (line.starts_with(restart)) supervisor.restart(line.substr(restart.size()));
  }
}

/// Blocks SIGCHLD and gives the descriptor on which it is read instead.
int child_signals()
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Tells the machine why the cell ends, on a full disk too: the plan, read by now, makes room.
void report_failure(const std::filesystem::path& state_directory, InitReport report)
{
  constexpr std::uintmax_t least_free_bytes = 1U << 20U;
  report.phase = "failed";
  std::error_code code;
  const auto space = std::filesystem::space(state_directory, code);
  if (!code && space.available < least_free_bytes)
    report.failure += "\nno space left on device: the disk that holds the cell's folder is full";
  std::filesystem::remove(state_directory / "plan.json", code);
  if (!write_init_report(state_directory / "init.json", report))
    std::fprintf(stderr, "%s\n", report.failure.c_str());
}

/// Keeps the services running until one fails for good.
void supervise(Supervisor& supervisor, int children, int control)
{
  const std::filesystem::path report_file = std::filesystem::path(state_inside) / "init.json";
  constexpr int booting_poll_ms = 10;
  constexpr int running_poll_ms = 1000;
  std::string written;
  while (supervisor.failure().empty()) {
    supervisor.start_what_can_start();
    auto report = supervisor.report();
    const bool all_run = std::all_of(report.pids.begin(), report.pids.end(),
                                     [](const auto& each) { return each.second != 0; });
    report.phase = supervisor.has_started_all() ? "running" : "starting";
    auto now = report.phase;
    for (const auto& [name, pid] : report.pids) now += fmt::format(" {}", pid);
    if (now != written) (void)write_init_report(report_file, report);
    written = now;
    std::array<pollfd, 2> waiting = {{{children, POLLIN, 0}, {control, POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), all_run ? running_poll_ms : booting_poll_ms);
    std::array<signalfd_siginfo, 16> drained = {};
    (void)!::read(children, drained.data(), sizeof drained);
    reap(supervisor);
    obey(control, supervisor);
  }
  report_failure(state_inside, supervisor.report());
}

}  // namespace

int run_init(const std::filesystem::path& cell_directory)
{
  const auto state_directory = cell_directory / "node";
  const int children = child_signals();
  (void)write_init_report(state_directory / "init.json", {"mounting", "", {}, {}});
  // Opened before the root changes: a failure while mounting must still reach the file.
  const int report_directory = ::open(state_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const auto plan = prepare_node(state_directory);
  if (!plan) {
    report_failure(fmt::format("/proc/self/fd/{}", report_directory),
                   {"failed", plan.error().text(), {}, {}});
    return 1;
  }
  const int control =
      ::open((std::string(state_inside) + "/control").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ::setenv("HOME", "/root", 1);
  Supervisor supervisor(plan->services, std::filesystem::path(state_inside) / "log");
  supervise(supervisor, children, control);
  return 1;
}

}  // namespace coroner::lab
