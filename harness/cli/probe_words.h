// SPDX-License-Identifier: Apache-2.0
// The words of `coroner probe`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/cli/connection.h"
#include "harness/engine/plan.h"

namespace coroner::cli {

struct ProbeWords {
  ConnectionOptions connection;
  engine::Options options;
  std::string effect = "runs_pods";
  std::string report_directory;
  std::string output;
  std::string fail_on;
  std::string flaky;
  std::string replay;
  std::string evidence;
  bool is_dry_run = false;
  std::string version;
  std::string command_line;
};

/// Adds every option but the connection's; `words` must outlive `verb`.
void add_probe_options(CLI::App& verb, ProbeWords& words);

/// `line` as one command that a shell takes, the program by its name alone.
std::string command_line(const std::vector<std::string>& line);

/// The environment of this process.
std::map<std::string, std::string> process_environment();

/// Prints an error of a run that did not come to a record, and gives its exit code: 2, 3 or 4.
int report_probe_error(const base::Error& error);

}  // namespace coroner::cli
