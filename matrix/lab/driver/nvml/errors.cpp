// SPDX-License-Identifier: Apache-2.0
// Tables of NVML's errors, as driver 580.159.04 on an H200 answered.
#include "matrix/lab/driver/nvml/errors.h"

#include <array>
#include <cstddef>

namespace coroner::driver::nvml {
namespace {

constexpr std::array texts = {
    "Success",
    "Uninitialized",
    "Invalid Argument",
    "Not Supported",
    "Insufficient Permissions",
    "Already Initialized",
    "Not Found",
    "Insufficient Size",
    "Insufficient External Power",
    "Driver Not Loaded",
    "Timeout",
    "Interrupt Request Issue",
    "NVML Shared Library Not Found",
    "Function Not Found",
    "Corrupted infoROM",
    "GPU is lost",
    "GPU requires reset",
    "GPU access blocked by the operating system",
    "Driver/library version mismatch",
    "In use by another client",
    "Insufficient Memory",
    "No data",
    "vGPU ECC not supported",
    "Insufficient Resources",
    "Invalid Frequency",
    "Argument version mismatch",
    "Requested functionality has been deprecated",
    "System is not in ready state",
    "No supported GPUs were found",
    "Resource not in correct state to perform requested operation",
    "Reset type is not supported for given device",
};

struct Meaning {
  Access control;
  Status status;
};

// Measured in mount namespaces with a /dev of their own (H200, 580.159.04): no node and none can be
// made: 9; mode 0600 as another user: 4; open refused with EPERM: 999; with EIO: 17.
constexpr std::array meanings = {
    Meaning{Access::granted, Status::success},
    Meaning{Access::missing, Status::driver_not_loaded},
    Meaning{Access::forbidden, Status::no_permission},
    Meaning{Access::blocked, Status::unknown},
    Meaning{Access::failed, Status::gpu_blocked},
};

}  // namespace

const char* text_of(Status status)
{
  const auto number = static_cast<std::size_t>(status);
  return number < texts.size() ? texts[number] : "Unknown Error";
}

Status meaning_of(Access control)
{
  for (const Meaning& row : meanings) {
    if (row.control == control) return row.status;
  }
  return Status::unknown;
}

}  // namespace coroner::driver::nvml
