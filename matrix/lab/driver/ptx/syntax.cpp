// SPDX-License-Identifier: Apache-2.0
// Names of PTX's types.
#include "matrix/lab/driver/ptx/syntax.h"

#include <charconv>

namespace coroner::driver::ptx {}  // namespace coroner::driver::ptx
