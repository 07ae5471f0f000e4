// SPDX-License-Identifier: Apache-2.0
// Functions that take the place of a library's. Callers pass arguments, which the C ABI lets a
// function ignore.
#ifndef CORONER_STAND_IN_H
#define CORONER_STAND_IN_H

#include <stddef.h>

// A function that always gives the same answer.
#define ANSWER(type, name, answer) \
  type name()                      \
  {                                \
    return answer;                 \
  }

// One that does nothing.
#define IGNORE(name) \
  void name() {}

#endif
