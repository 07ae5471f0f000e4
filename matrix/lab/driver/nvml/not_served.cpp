// SPDX-License-Identifier: Apache-2.0
// Every function of nvml.h that is not simulated. They take no arguments here: in the C calling
// convention the caller alone deals with those it passed.
#include "matrix/lab/driver/nvml/answer.h"

using coroner::driver::nvml::library;
using coroner::driver::nvml::Status;

#define CORONER_NOT_SERVED(name)                                                       \
  CORONER_NVML name()                                                                  \
  {                                                                                    \
    return library().is_initialized() ? Status::not_supported : Status::uninitialized; \
  }
#include "matrix/lab/driver/nvml/not_served.inc"
#undef CORONER_NOT_SERVED
