// SPDX-License-Identifier: Apache-2.0
// The program: one line of command in, one exit code out.
#include <cstdio>
#include <exception>

#include <sys/prctl.h>

#include "harness/cli/program.h"

int main(int count, char** words)
{
  ::prctl(PR_SET_NAME, "coroner");  // a cell's first process starts from /proc/self/exe
  try {
    return coroner::cli::run_program({words, words + count}, CORONER_VERSION);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "coroner: internal error: %s\n", exception.what());
    return 70;
  }
}
