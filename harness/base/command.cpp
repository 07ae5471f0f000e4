// SPDX-License-Identifier: Apache-2.0
// The only file that meets Boost.Process.
#include "harness/base/command.h"

#include <array>
#include <csignal>
#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/process/v2.hpp>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it undeclared.

namespace coroner::base {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;
using boost::system::error_code;

/// How the child starts: with its environment, in a group of its own so that all of it can be
/// killed, and with the kernel's promise that it dies with us.
struct Start {
  explicit Start(const std::vector<std::string>& pairs)
  {
    for (const auto& pair : pairs) environment.push_back(pair.c_str());
    environment.push_back(nullptr);
  }

  template <class Launcher, class Executable, class Arguments>
  error_code on_setup(Launcher& launcher, const Executable&, const Arguments&)
  {
    launcher.env = environment.data();
    return {};
  }

  template <class Launcher, class Executable, class Arguments>
  error_code on_exec_setup(Launcher&, const Executable&, const Arguments&)
  {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGPIPE, SIG_DFL);  // an ignored one would be inherited
    return {};
  }

  std::vector<const char*> environment;
};

std::vector<std::string> environment_of(const Command& command)
{
  std::map<std::string, std::string> all;
  for (char** entry = environ; command.inherits_environment && *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos)
      all[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
  }
  for (const auto& [name, value] : command.environment) all[name] = value;
  std::vector<std::string> pairs;
  pairs.reserve(all.size());
  for (const auto& [name, value] : all) pairs.push_back(name + "=" + value);
  return pairs;
}

/// Reads one pipe to its end, keeping at most largest_output_bytes.
class Reader {
 public:
  explicit Reader(asio::io_context& context) : pipe(context) {}

  void start()
  {
    pipe.async_read_some(asio::buffer(chunk_), [this](error_code code, std::size_t bytes) {
      const auto room = largest_output_bytes - std::min(largest_output_bytes, kept.size());
      kept.append(chunk_.data(), std::min(bytes, room));
      was_cut = was_cut || bytes > room;
      if (!code) start();
    });
  }

  asio::readable_pipe pipe;
  std::string kept;
  bool was_cut = false;

 private:
  static constexpr std::size_t chunk_bytes_ = 64U << 10U;
  std::array<char, chunk_bytes_> chunk_ = {};
};

/// Looks a program up as execvp does; "" when there is none.
std::string resolve(const std::string& name)
{
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  for (const auto& folder : split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
    auto candidate = folder + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

struct Ended {
  int native_status = 0;
  bool was_killed = false;
};

/// Runs the loop until the child has ended; kills its group when time is up or stop is asked.
Ended drive(asio::io_context& context, process::process& child, const Deadline& deadline,
            const std::stop_token& stop)
{
  Ended ended;
  asio::steady_timer timer(context);
  const auto group = -static_cast<pid_t>(child.id());
  const std::stop_callback on_stop(stop, [&context, &ended, group] {
    asio::post(context, [&ended, group] {
      ended.was_killed = true;
      ::kill(group, SIGKILL);
    });
  });
  timer.expires_at(deadline.end());
  timer.async_wait([&ended, group](error_code code) {
    if (code) return;
    ended.was_killed = true;
    ::kill(group, SIGKILL);
  });
  child.async_wait([&](error_code, int) {
    ended.native_status = child.native_exit_code();
    timer.cancel();
    ::kill(group, SIGKILL);  // grandchildren that kept the pipes open
  });
  context.run();
  return ended;
}

Result<Finished> finish(const Command& command, const Ended& ended, Reader& output, Reader& errors)
{
  if (ended.was_killed)
    return error(ErrorKind::timed_out, "{} was still running at its deadline and was ended",
                 command.arguments[0]);
  Finished finished;
  const int status = ended.native_status;
  finished.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  finished.output = std::move(output.kept);
  finished.errors = std::move(errors.kept);
  finished.was_cut = output.was_cut || errors.was_cut;
  return finished;
}

}  // namespace

Result<Finished> run(const Command& command, const Deadline& deadline, const std::stop_token& stop)
{
  const auto program = resolve(command.arguments.at(0));
  if (program.empty())
    return error(ErrorKind::not_found, "there is no program '{}' (looked in PATH)",
                 command.arguments[0]);
  try {
    asio::io_context context;
    Reader output(context);
    Reader errors(context);
    const std::vector<std::string> arguments(command.arguments.begin() + 1,
                                             command.arguments.end());
    const auto directory =
        command.directory.empty() ? std::filesystem::current_path() : command.directory;
    const auto pairs = environment_of(command);  // outlives `start`, which points into it
    Start start(pairs);
    process::process_start_dir folder(directory.string());
    const auto launch = [&](auto stdio) {
      return process::process(context, program, arguments, std::move(stdio), folder, start);
    };
    if (!command.log.empty()) {
      FILE* log = std::fopen(command.log.c_str(), "ae");
      if (log == nullptr) return tl::unexpected(file_error("write", command.log, errno));
      auto child = launch(process::process_stdio{nullptr, log, log});
      std::fclose(log);
      return finish(command, drive(context, child, deadline, stop), output, errors);
    }
    auto child = launch(process::process_stdio{nullptr, output.pipe, errors.pipe});
    output.start();
    errors.start();
    return finish(command, drive(context, child, deadline, stop), output, errors);
  } catch (const std::exception& exception) {
    return error(ErrorKind::internal, "cannot start {}: {}", program, exception.what());
  }
}

Result<std::string> output_of(const Command& command, const Deadline& deadline,
                              const std::stop_token& stop)
{
  constexpr std::size_t lines_shown = 12;
  TRY_ASSIGN(finished, run(command, deadline, stop));
  if (finished.exit_code == 0) return std::move(finished.output);
  const auto& said = trim(finished.errors).empty() ? finished.output : finished.errors;
  return error(ErrorKind::internal, "{} ended with exit code {}: {}", join(command.arguments, " "),
               finished.exit_code, printable(last_lines(said, lines_shown)));
}

}  // namespace coroner::base
