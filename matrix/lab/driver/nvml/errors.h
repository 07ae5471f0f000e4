// SPDX-License-Identifier: Apache-2.0
// NVML's errors: their words, and which of them a refused device node becomes.
#pragma once

#include "matrix/lab/driver/kernel.h"
#include "matrix/lab/driver/nvml/abi.h"

namespace coroner::driver::nvml {

// The text of nvmlErrorString; "Unknown Error" for numbers that NVML does not know.
const char* text_of(Status status);

// What nvmlInit says when /dev/nvidiactl came to this.
Status meaning_of(Access control);

}  // namespace coroner::driver::nvml
