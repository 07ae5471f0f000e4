// SPDX-License-Identifier: Apache-2.0
// One child, one pipe, one signalfd, one deadline.
#include "payload/supervisor.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "payload/deadline.h"
#include "payload/text.h"

namespace coroner::payload {
namespace {

struct SignalName {
  int number;
  std::string_view name;
};
constexpr std::array signal_names = {
    SignalName{SIGHUP, "SIGHUP"},   SignalName{SIGINT, "SIGINT"},   SignalName{SIGILL, "SIGILL"},
    SignalName{SIGABRT, "SIGABRT"}, SignalName{SIGBUS, "SIGBUS"},   SignalName{SIGFPE, "SIGFPE"},
    SignalName{SIGKILL, "SIGKILL"}, SignalName{SIGSEGV, "SIGSEGV"}, SignalName{SIGPIPE, "SIGPIPE"},
    SignalName{SIGTERM, "SIGTERM"}, SignalName{SIGSYS, "SIGSYS"},   SignalName{SIGTRAP, "SIGTRAP"},
};

std::string signal_name(int number)
{
  for (const SignalName& row : signal_names) {
    if (row.number == number) return std::string(row.name);
  }
  return "signal " + std::to_string(number);
}

sigset_t watched_signals()
{
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  return signals;
}

class Supervisor {
 public:
  Supervisor(const Options& options, int output)
      : options_(options), output_(output), deadline_(std::chrono::seconds(options.timeout_s))
  {}
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor();

  int run(const Work& work);

 private:
  bool prepare();
  [[noreturn]] void work_as_child(const Work& work);
  void watch();
  void take_signal();
  void forward_lines();
  void end_child();
  int judge();
  int fail(std::string_view error, const JsonObject& more);

  const Options& options_;
  int output_;
  Deadline deadline_;
  SharedStep* step_ = nullptr;
  std::array<int, 2> pipe_ = {-1, -1};
  int signals_ = -1;
  sigset_t old_mask_{};
  pid_t child_ = -1;
  int status_ = 0;
  bool has_ended_ = false;
  bool has_timed_out_ = false;
  bool has_output_ = true;
  int asked_to_end_by_ = 0;
  std::size_t lines_ = 0;
  std::string partial_;
};

Supervisor::~Supervisor()
{
  for (const int descriptor : {pipe_[0], pipe_[1], signals_}) {
    if (descriptor >= 0) close(descriptor);
  }
  if (step_ != nullptr) munmap(step_, sizeof(SharedStep));
  if (signals_ >= 0) sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

bool Supervisor::prepare()
{
  void* memory =
      mmap(nullptr, sizeof(SharedStep), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  step_ = new (memory) SharedStep{};
  if (pipe2(pipe_.data(), O_CLOEXEC) != 0) return false;
  const sigset_t signals = watched_signals();
  if (sigprocmask(SIG_BLOCK, &signals, &old_mask_) != 0) return false;
  signals_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  return signals_ >= 0 && fcntl(pipe_[0], F_SETFL, O_NONBLOCK) == 0;
}

int Supervisor::run(const Work& work)
{
  if (!prepare()) return fail("internal", JsonObject().text("call", error_name(errno)));
  child_ = fork();
  if (child_ < 0) return fail("internal", JsonObject().text("call", "fork " + error_name(errno)));
  if (child_ == 0) work_as_child(work);
  close(pipe_[1]);
  pipe_[1] = -1;
  watch();
  end_child();
  return judge();
}

void Supervisor::work_as_child(const Work& work)
{
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
  // Libraries that print must not come between the result lines.
  dup2(STDERR_FILENO, STDOUT_FILENO);
  Worker worker(options_, pipe_[1], *step_);
  const int code = work(worker);
  // No destructor of a driver's library gets the chance to hang.
  _exit(code);
}

void Supervisor::watch()
{
  while (!has_ended_ && asked_to_end_by_ == 0) {
    std::array<pollfd, 2> watched = {pollfd{has_output_ ? pipe_[0] : -1, POLLIN, 0},
                                     pollfd{signals_, POLLIN, 0}};
    const int ready = poll(watched.data(), watched.size(), deadline_.left_ms());
    if (ready < 0 && errno != EINTR) return;
    if (ready == 0) {
      has_timed_out_ = true;
      return;
    }
    if (watched[0].revents != 0) forward_lines();
    if (watched[1].revents != 0) take_signal();
  }
}

void Supervisor::take_signal()
{
  signalfd_siginfo information{};
  while (read(signals_, &information, sizeof(information)) == sizeof(information)) {
    if (information.ssi_signo != SIGCHLD) {
      asked_to_end_by_ = static_cast<int>(information.ssi_signo);
      continue;
    }
    if (waitpid(child_, &status_, WNOHANG) == child_) has_ended_ = true;
  }
}

void Supervisor::forward_lines()
{
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = read(pipe_[0], buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      has_output_ = got < 0;
      return;
    }
    partial_.append(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t end = partial_.find('\n'); end != std::string::npos;
         end = partial_.find('\n')) {
      write_all(output_, std::string_view(partial_).substr(0, end + 1));
      partial_.erase(0, end + 1);
      ++lines_;
    }
  }
}

// Kills the whole group, waits for the child no longer than kill_grace_ms, and drains the pipe.
void Supervisor::end_child()
{
  kill(-child_, SIGKILL);
  if (!has_ended_) kill(child_, SIGKILL);
  const Deadline grace{std::chrono::milliseconds(kill_grace_ms)};
  while (!has_ended_ && !grace.has_passed()) {
    pollfd watched{signals_, POLLIN, 0};
    if (poll(&watched, 1, grace.left_ms()) <= 0) break;
    take_signal();
  }
  forward_lines();
}

int Supervisor::judge()
{
  if (has_timed_out_) {
    return fail("timed_out", JsonObject().number("limit_s", options_.timeout_s));
  }
  if (asked_to_end_by_ != 0) {
    return fail("terminated", JsonObject().text("signal", signal_name(asked_to_end_by_)));
  }
  if (WIFSIGNALED(status_)) {
    return fail("crashed", JsonObject().text("signal", signal_name(WTERMSIG(status_))));
  }
  if (!has_ended_ || lines_ == 0) return fail("silent", {});
  return WEXITSTATUS(status_);
}

int Supervisor::fail(std::string_view error, const JsonObject& more)
{
  JsonObject line = result_line(options_, false);
  line.text("error", error);
  if (step_ != nullptr) line.text("step", step_->name.data());
  write_all(output_, line.merge(more).str() + "\n");
  return exit_failed;
}

}  // namespace

int supervise(const Options& options, int output, const Work& work)
{
  return Supervisor(options, output).run(work);
}

}  // namespace coroner::payload
