// SPDX-License-Identifier: Apache-2.0
// fork, three pipes, poll.
#include "payload/child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "payload/worker.h"

namespace coroner::payload {
namespace {

class Pipe {
 public:
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe()
  {
    close_reader();
    close_writer();
  }
  bool open() { return pipe2(ends_.data(), O_CLOEXEC) == 0; }
  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() { close_end(0); }
  void close_writer() { close_end(1); }

 private:
  void close_end(std::size_t index)
  {
    if (ends_[index] >= 0) close(ends_[index]);
    ends_[index] = -1;
  }

  std::array<int, 2> ends_ = {-1, -1};
};

// Takes what is there; closes the pipe at its end.
void take(Pipe& pipe, std::string& text, ChildResult& result, std::size_t max_bytes)
{
  std::array<char, 4096> buffer{};
  const ssize_t got = read(pipe.reader(), buffer.data(), buffer.size());
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) {
    pipe.close_reader();
    return;
  }
  const std::size_t room = max_bytes - text.size();
  const auto size = static_cast<std::size_t>(got);
  text.append(buffer.data(), std::min(size, room));
  if (size > room) result.is_cut = true;
}

void collect(Pipe& output, Pipe& error_output, ChildResult& result, const Deadline& deadline,
             std::size_t max_bytes)
{
  while (output.reader() >= 0 || error_output.reader() >= 0) {
    std::array<pollfd, 2> watched = {pollfd{output.reader(), POLLIN, 0},
                                     pollfd{error_output.reader(), POLLIN, 0}};
    const int ready = poll(watched.data(), watched.size(), deadline.left_ms());
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      result.has_timed_out = true;
      return;
    }
    if (watched[0].revents != 0) take(output, result.output, result, max_bytes);
    if (watched[1].revents != 0) take(error_output, result.error_output, result, max_bytes);
  }
}

int exit_code_of(int status)
{
  constexpr int signal_base = 128;  // as shells count
  return WIFSIGNALED(status) ? signal_base + WTERMSIG(status) : WEXITSTATUS(status);
}

// `body` gets a descriptor into which it writes the errno of a failed execve.
ChildResult run(const std::function<int(int)>& body, const Deadline& deadline,
                std::size_t max_bytes)
{
  ChildResult result;
  Stopwatch watch;
  Pipe output;
  Pipe error_output;
  Pipe failure;
  if (!output.open() || !error_output.open() || !failure.open()) return {.error = errno};
  const pid_t child = fork();
  if (child < 0) return {.error = errno};
  if (child == 0) {
    dup2(output.writer(), STDOUT_FILENO);
    dup2(error_output.writer(), STDERR_FILENO);
    _exit(body(failure.writer()));
  }
  output.close_writer();
  error_output.close_writer();
  failure.close_writer();
  collect(output, error_output, result, deadline, max_bytes);
  if (result.has_timed_out) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = exit_code_of(status);
  if (read(failure.reader(), &result.error, sizeof(result.error)) <= 0) result.error = 0;
  result.seconds = watch.lap_s();
  return result;
}

}  // namespace

ChildResult run_in_child(const std::function<int()>& body, const Deadline& deadline,
                         std::size_t max_bytes)
{
  return run([&body](int) { return body(); }, deadline, max_bytes);
}

ChildResult run_program(const std::vector<std::string>& arguments, const Deadline& deadline,
                        std::size_t max_bytes)
{
  return run(
      [&arguments](int failure) {
        std::vector<char*> words;
        words.reserve(arguments.size() + 1);
        for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        execv(words[0], words.data());
        constexpr int could_not_start = 127;
        const int error = errno;
        write_all(failure, {reinterpret_cast<const char*>(&error), sizeof(error)});
        return could_not_start;
      },
      deadline, max_bytes);
}

}  // namespace coroner::payload
