// SPDX-License-Identifier: Apache-2.0
// External commands with bounds: no shell, a deadline, capped output, no child left behind.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"

namespace coroner::base {

/// Bytes kept of each output of a command; what comes after is read and dropped.
inline constexpr std::size_t largest_output_bytes = 4U << 20U;

/// What to run. `arguments[0]` is a path, or a name that is looked up in PATH.
struct Command {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  ///< Added to (or replacing) the own environment.
  bool inherits_environment = true;                ///< False: `environment` is all there is.
  std::filesystem::path directory;                 ///< Empty: the current one.
  std::filesystem::path log;  ///< Where both outputs go instead of memory; empty: memory.
};

/// How a command ended.
struct Finished {
  int exit_code = 0;  ///< 128 + signal when a signal ended it.
  std::string output;
  std::string errors;
  bool was_cut = false;  ///< More came than largest_output_bytes.
};

/// Runs `command` to its end in a process group of its own, which is killed at the deadline, on
/// `stop`, and with this process. ErrorKind::not_found when there is no such program, timed_out
/// when it was killed. A non-zero exit code is no error here.
Result<Finished> run(const Command& command, const Deadline& deadline,
                     const std::stop_token& stop = {});

/// The output of `command`; a non-zero exit code is ErrorKind::internal with its last lines.
Result<std::string> output_of(const Command& command, const Deadline& deadline,
                              const std::stop_token& stop = {});

}  // namespace coroner::base
