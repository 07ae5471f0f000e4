// SPDX-License-Identifier: Apache-2.0
// What a verb is to the program: it adds its options, and leaves what to run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/base/result.h"

namespace coroner::cli {

/// Filled by the verb that was chosen; run after the whole line was read without error.
struct Chosen {
  std::function<int()> action;
};

/// Prints an error for a person on stderr and gives the exit code of its kind.
int report_error(const base::Error& error);

/// Prints one line of progress for a person on stderr.
void say(const std::string& line);

void add_lab(CLI::App& program, Chosen& chosen);

void add_record(CLI::App& program, Chosen& chosen, const std::string& version);

/// `line` is the whole command line, for the report.
void add_probe(CLI::App& program, Chosen& chosen, const std::string& version,
               const std::vector<std::string>& line);
void add_sweep(CLI::App& program, Chosen& chosen);

/// `lab break` and `lab mend`.
void add_breaks(CLI::App& lab, Chosen& chosen);

// The offline doors: each reads only once it is chosen. `version` is this program's.
void add_diagnose(CLI::App& program, Chosen& chosen, const std::string& version);
void add_explain(CLI::App& program, Chosen& chosen);
void add_report(CLI::App& program, Chosen& chosen, const std::string& version);
void add_list(CLI::App& program, Chosen& chosen);
void add_image(CLI::App& program, Chosen& chosen);

}  // namespace coroner::cli
