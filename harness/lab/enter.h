// SPDX-License-Identifier: Apache-2.0
// Running a program inside a cell.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/lab/state.h"

namespace coroner::lab {

/// Replaces this process's program by `arguments` running inside the cell, as a child whose exit
/// code is returned; used by the hidden verb that run_in_cell starts, and by `lab shell`.
int enter_cell(const ProcessIdentity& init, const std::vector<std::string>& arguments);

/// Runs `arguments` inside the cell and gives its output; a non-zero exit code is an error with
/// the last lines. The cell must be alive.
base::Result<std::string> run_in_cell(const State& state, const std::vector<std::string>& arguments,
                                      const base::Deadline& deadline);

}  // namespace coroner::lab
