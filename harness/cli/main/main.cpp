// SPDX-License-Identifier: Apache-2.0
// The program: one line of command in, one exit code out.
#include <cstdio>
#include <exception>

#include "harness/cli/program.h"

int main(int count, char** words)
{
  try {
    return coroner::cli::run_program({words, words + count}, CORONER_VERSION);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "coroner: internal error: %s\n", exception.what());
    return 70;
  }
}
