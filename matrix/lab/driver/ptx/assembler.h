// SPDX-License-Identifier: Apache-2.0
// From PTX text to kernels that can run.
#pragma once

#include <string_view>
#include <vector>

#include "matrix/lab/driver/ptx/problem.h"
#include "matrix/lab/driver/ptx/program.h"

namespace coroner::driver::ptx {

// What the simulated GPU and driver take.
struct Limits {
  Version version;             // newest .version: {8, 7} for CUDA 12.8
  Version compute_capability;  // of the GPU
};

// The newest PTX version of a CUDA version (PTX ISA, release notes).
Version newest_version(Version cuda);

struct Module {
  std::vector<Kernel> kernels;
};

// Any text is safe. Everything that is not simulated exactly is a Problem, never a guess.
Outcome<Module> assemble(std::string_view text, const Limits& limits);

}  // namespace coroner::driver::ptx
