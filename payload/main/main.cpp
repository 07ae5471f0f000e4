// SPDX-License-Identifier: Apache-2.0
// The program: a sub-command in, JSON lines and an exit code out.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <unistd.h>

#include "payload/elf.h"
#include "payload/files.h"
#include "payload/inspect.h"
#include "payload/nvml.h"
#include "payload/options.h"
#include "payload/smi.h"
#include "payload/supervisor.h"
#include "payload/vectoradd.h"

namespace coroner::payload {
namespace {

constexpr std::size_t max_program_bytes = std::size_t{16} * 1024 * 1024;

#if defined(__x86_64__)
constexpr std::string_view architecture = "x86_64";
#elif defined(__aarch64__)
constexpr std::string_view architecture = "aarch64";
#else
#error "the payload is built for x86-64 and arm64"
#endif

#if defined(__clang__)
constexpr std::string_view compiler = "clang " __clang_version__;
#else
constexpr std::string_view compiler = "gcc " __VERSION__;
#endif

struct CommandWork {
  Command command;
  int (*work)(Worker&);
};
constexpr std::array command_works = {
    CommandWork{Command::inspect, inspect},
    CommandWork{Command::nvml, nvml},
    CommandWork{Command::vectoradd, vectoradd},
    CommandWork{Command::smi, smi},
};

// Read from this very file, so it is true however it was built.
std::string version_text()
{
  const std::string program = read_text("/proc/self/exe", max_program_bytes).value_or("");
  return "coroner-payload " CORONER_VERSION " " + std::string(architecture) + ", needs GLIBC_" +
         highest_glibc(needed_versions(program)) + ", built by " + std::string(compiler) + "\n";
}

int supervised(const Options& options)
{
  for (const CommandWork& row : command_works) {
    if (row.command == options.command) return supervise(options, STDOUT_FILENO, row.work);
  }
  return exit_usage;
}

int run(const std::vector<std::string_view>& words)
{
  const ParsedOptions parsed = parse_options(words);
  if (!parsed.options) {
    write_all(STDERR_FILENO, "coroner-payload: " + parsed.problem + "\n" + std::string(usage()));
    return exit_usage;
  }
  const Options& options = *parsed.options;
  if (options.command == Command::version) {
    return write_all(STDOUT_FILENO, version_text()) ? exit_ok : exit_failed;
  }
  if (options.command == Command::help) {
    return write_all(STDOUT_FILENO, usage()) ? exit_ok : exit_failed;
  }
  int code = supervised(options);
  if (options.then) {
    Options second = options;
    second.command = *options.then;
    code = std::max(code, supervised(second));
  }
  return options.exits_zero ? exit_ok : code;
}

}  // namespace
}  // namespace coroner::payload

int main(int count, char** words)
{
  return coroner::payload::run({words + 1, words + (count < 1 ? 1 : count)});
}
