// SPDX-License-Identifier: Apache-2.0
// A bounded run of something in a child process: another program, or a call that may hang.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "payload/deadline.h"

namespace coroner::payload {

struct ChildResult {
  int error = 0;      // errno of what kept it from starting: pipe, fork or execve
  int exit_code = 0;  // 128 + number of the signal that ended it
  bool has_timed_out = false;
  std::string output;        // standard output, at most the given bytes
  std::string error_output;  // standard error, likewise
  bool is_cut = false;       // there was more of one of them
  double seconds = 0;
};

/// Calls `body` in a child whose output is caught; what it returns is the exit code. Ends it, by
/// force, at the deadline.
ChildResult run_in_child(const std::function<int()>& body, const Deadline& deadline,
                         std::size_t max_bytes);

/// Runs the program at `arguments[0]` with this process's environment.
ChildResult run_program(const std::vector<std::string>& arguments, const Deadline& deadline,
                        std::size_t max_bytes);

}  // namespace coroner::payload
