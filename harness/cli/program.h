// SPDX-License-Identifier: Apache-2.0
// The command line: verbs, options, help, exit codes.
#pragma once

#include <string>
#include <vector>

namespace coroner::cli {

/// Exit codes of every verb (docs/architecture.md, "Doors"). Never a count.
enum ExitCode {
  exit_good = 0,
  exit_findings = 1,    ///< Findings, failures; for lab verbs: the command did not succeed.
  exit_usage = 2,       ///< Wrong words on the command line, or a file that a person must correct.
  exit_unprepared = 3,  ///< No cluster, not reachable, or the environment could not be prepared.
  exit_interrupted = 130,
};

/// Runs one command line (words[0] is the program's name); results on stdout, all else on stderr.
int run_program(const std::vector<std::string>& words, const std::string& version);

}  // namespace coroner::cli
