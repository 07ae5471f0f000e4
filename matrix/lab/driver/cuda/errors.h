// SPDX-License-Identifier: Apache-2.0
// Names and texts of CUDA's errors.
#pragma once

#include "matrix/lab/driver/cuda/abi.h"

namespace coroner::driver::cuda {

struct ErrorRow {
  Result result;
  const char* name;
  const char* text;
};

// Null for a number that is no CUDA error here.
const ErrorRow* find_error(Result result);

}  // namespace coroner::driver::cuda
