// SPDX-License-Identifier: Apache-2.0
// Why a PTX text cannot be run.
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace coroner::driver::ptx {

enum class ProblemKind {
  not_ptx,              // no .version at its beginning
  unsupported_version,  // newer than this driver's
  invalid,              // wrong, or outside the simulated subset
};

struct Problem {
  ProblemKind kind = ProblemKind::invalid;
  std::string log;  // lines as ptxas writes them, with the line number and the instruction
};

template <typename Value>
using Outcome = tl::expected<Value, Problem>;

// "ptxas application ptx input, line 7; error   : <text>" (the form of driver 580.159.04).
inline Problem problem_at(unsigned line, const std::string& text)
{
  return {ProblemKind::invalid, "ptxas application ptx input, line " + std::to_string(line) +
                                    "; error   : " + text +
                                    "\nptxas fatal   : Ptx assembly aborted due to errors"};
}

}  // namespace coroner::driver::ptx
